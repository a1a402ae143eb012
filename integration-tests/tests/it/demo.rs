//! `postitus demo` through the real program: that it runs to its end on both databases, and what it refuses.

use std::fs;
use std::net::TcpListener;

use api::sample;
use integration_tests::mailbox::read_outbox;
use integration_tests::register::{Register, person};
use integration_tests::{Database, Mail, TestApp, on_both_databases};

/// What the subjects of the three versions begin with.
const SUBJECTS: [&str; 3] = ["Vesikatko ", "Vattenavbrott ", "Water cut "];

fn mails(app: &TestApp) -> Vec<Mail> {
    read_outbox(&app.data_dir().join("outbox"))
}

/// The number before ` were sent to`.
fn sent(stdout: &str) -> usize {
    let before = stdout.split(" were sent to").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The names of the protected people of the sample.
fn protected_names(app: &TestApp) -> Vec<String> {
    let parties = fs::read_to_string(app.data_dir().join("demo-register/parties.csv")).unwrap();
    let rows = parties.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    // Only the last column, a JSON object, may hold a comma.
    rows.filter(|row| row[15] == "true").map(|row| row[2].to_owned()).collect()
}

on_both_databases! {
    async fn the_demo_sends_mail_in_three_languages_and_shows_who_got_what(database: Database) {
        // A mail server would get mail to addresses that may be somebody's: the demo must not use it.
        let app = TestApp::prepare(database)
            .setting("POSTITUS_SMTP_URL", "smtp://127.0.0.1:1?tls=none")
            .setting("POSTITUS_SENDERS", "*@example.org");
        let output = app.command(&["demo", "--exit"]).await;
        assert!(output.status.success(), "{}{}", output.stdout, output.stderr);
        let stdout = &output.stdout;
        for told in [
            "parties: 200 added, 0 changed, 0 unchanged",
            "  Name                         Language  Status   Reason\n",
            "skipped  no_email",
            "skipped  invalid_email",
            "skipped  deceased",
            "skipped  archived",
            "(address protected)",
            "content hash ",
            "recipients hash ",
            "Hei ",
            "osoitteessa",
            "på adressen",
            "The water at",
            "5 bulletins and messages for the portal of ",
        ] {
            assert!(stdout.contains(told), "not told: {told}\n{stdout}");
        }
        let mails = mails(&app);
        assert!(mails.len() > 90, "{} mails", mails.len());
        assert_eq!(mails.len(), sent(stdout));
        for subject in SUBJECTS {
            let of_language: Vec<&Mail> = mails.iter().filter(|mail| mail.subject.starts_with(subject)).collect();
            assert!(of_language.len() > 5, "{} mails: {subject}", of_language.len());
            assert!(of_language.iter().all(|mail| mail.to.len() == 1 && mail.from == "isannointi@example.fi"));
            assert!(stdout.contains(&format!("| {subject}")), "no sample: {subject}\n{stdout}");
        }
        let protected = protected_names(&app);
        assert!(!protected.is_empty());
        for name in protected {
            assert!(!stdout.contains(&name), "{name} is protected and shown\n{stdout}");
        }

        let output = app.command(&["demo", "--exit"]).await;
        assert!(output.status.success(), "{}{}", output.stdout, output.stderr);
        assert!(output.stdout.contains("parties: 0 added, 0 changed, 200 unchanged"), "{}", output.stdout);
        assert_eq!(read_outbox(&app.data_dir().join("outbox")).len(), 2 * mails.len(), "a new mailing is sent");
    }

    async fn the_demo_leaves_another_register_alone(database: Database) {
        let mut app = TestApp::start(database).await;
        Register::of([person(100_001, "Äimi Mäkelä")]).import(&app).await;
        let output = app.command(&["demo", "--exit"]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stderr.contains("is not this sample"), "{}", output.stderr);
        let party = app.get("/api/v1/parties/100001").send().await.expect_status(200);
        assert_eq!(party.json["name"], "Äimi Mäkelä");
        assert!(app.stop().await.success());
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_the_remedy_before_anything_is_written() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_LISTEN", &address);
    let output = app.command(&["demo", "--exit"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stderr.contains(&format!("POSTITUS_LISTEN: {address} is taken")), "{}", output.stderr);
    assert!(output.stderr.contains("POSTITUS_LISTEN=127.0.0.1:0"), "{}", output.stderr);
    assert!(!app.data_dir().exists());
}

#[tokio::test]
async fn only_the_sample_is_written_when_only_that_is_asked_for() {
    let app = TestApp::prepare(Database::Sqlite);
    let (asked, same) = (app.folder().join("asked"), app.folder().join("same"));
    let folder = asked.display().to_string();
    let output = app.command(&["demo", "--parties", "50", "--seed", "7", "--write-csv", &folder]).await;
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.starts_with(&format!("{folder}: 50 parties, ")), "{}", output.stdout);
    sample::write_csv(50, 7, &same).unwrap();
    for file in ["parties.csv", "properties.csv", "contracts.csv", "roles.csv"] {
        assert_eq!(fs::read(asked.join(file)).unwrap(), fs::read(same.join(file)).unwrap(), "{file}");
    }
    assert!(!app.data_dir().exists());
}
