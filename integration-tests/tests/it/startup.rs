//! Starts that must fail do so at once, name what to mend, and leave nothing behind. Ends that are asked for are graceful.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use integration_tests::app::CommandOutput;
use integration_tests::mailings::{content, count, deliveries, draft, finished, frozen, mailing, member, send_out};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use persistence::deliveries::sending;
use persistence::{DatabaseUrl, Db, DbSettings};
use serde_json::json;

const SOON: Duration = Duration::from_secs(10);
const PEOPLE: i64 = 600;

fn db(app: &TestApp) -> Db {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    Db::open(&DbSettings { url, connections: 2 }).unwrap()
}

/// Everything below a folder, by path.
fn everything_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(everything_in(&path));
        }
    }
    found.sort();
    found
}

/// Checks that a start failed, with a message that says all of this and does not give secrets away.
#[track_caller]
fn expect_fault(output: &CommandOutput, says: &[&str]) {
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(output.stdout, "", "it never said to listen");
    // Behind the log, if any; PostgreSQL's part has several lines.
    let printed = format!("\n{}", output.stderr);
    let fault = printed.rsplit_once("\npostitus: ").map_or("", |(_, fault)| fault);
    for words in says {
        assert!(fault.contains(words), "no {words:?} in {output:?}");
    }
    assert!(!output.stderr.contains("panicked") && !output.stderr.contains("hunter2"), "{output:?}");
}

/// Starts with these settings instead of the usual ones, checks that it fails, says this, and makes nothing.
async fn expect_refused(settings: &[(&str, &str)], says: &[&str]) {
    let mut app = TestApp::prepare(Database::Sqlite);
    for (name, value) in settings {
        app.set(name, value);
    }
    let before = everything_in(app.folder());
    let output = app.refused_start(SOON).await;
    expect_fault(&output, says);
    assert_eq!(everything_in(app.folder()), before, "{settings:?} left something behind");
    assert!(!Path::new(app.database_url().trim_start_matches("sqlite:").trim_end_matches("?mode=rwc")).exists());
}

#[test]
fn a_database_url_that_cannot_be_used_stops_the_start_and_makes_nothing() {
    integration_tests::database::run(Box::pin(async {
        let nobody = { TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
        let unreachable = format!("postgres://me:hunter2@127.0.0.1:{nobody}/postitus");
        let file = tempfile::NamedTempFile::new().unwrap();
        let below_a_file = format!("sqlite:{}/postitus.db?mode=rwc", file.path().display());
        for (url, says) in [
            ("postgress://localhost/postitus", &["postgres://"][..]),
            ("postitus.db", &["sqlite:"]),
            ("sqlite:", &["must name a file"]),
            ("sqlite::memory:", &["must name a file"]),
            ("sqlite:x.db?mode=memory", &["?mode=rwc"]),
            ("sqlite:missing.db", &["missing.db"]),
            ("sqlite:no/such/folder/x.db?mode=rwc", &["no/such/folder"]),
            (below_a_file.as_str(), &[]),
            (unreachable.as_str(), &["127.0.0.1", "refused"]),
            ("postgres:///postitus", &["must name a host"]),
            ("postgres://localhost/postitus?sslmode=require", &["sslmode"]),
        ] {
            expect_refused(&[("POSTITUS_DATABASE_URL", url)], &[&["POSTITUS_DATABASE_URL"], says].concat()).await;
        }
    }));
}

#[test]
fn a_postgresql_that_takes_connections_and_never_answers_does_not_hang_the_start() {
    integration_tests::database::run(Box::pin(async {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://127.0.0.1:{}/postitus", silent.local_addr().unwrap().port());
        let app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_DATABASE_URL", &url);
        let output = app.refused_start(Duration::from_secs(25)).await;
        expect_fault(&output, &["POSTITUS_DATABASE_URL", "timeout"]);
        assert!(!app.data_dir().exists());
    }));
}

#[test]
fn settings_that_cannot_be_used_are_named_with_the_remedy_and_make_nothing() {
    integration_tests::database::run(Box::pin(async {
        for (name, value, says) in [
            ("POSTITUS_LISTN", "127.0.0.1:0", &["POSTITUS_LISTEN"][..]),
            ("POSTITUS_WORKERS", "1025", &["0 to 1024"]),
            ("POSTITUS_SMTP_CONNECTIONS", "many", &["1 to 256"]),
            ("POSTITUS_LISTEN", "8080", &["127.0.0.1:8080"]),
            ("POSTITUS_JWT_SECRET", "hunter2", &["32 bytes"]),
            ("POSTITUS_SMTP_URL", "http://me:hunter2@relay", &["smtp"]),
            ("POSTITUS_SMTP_URL", "smtp://me:hunter2@relay?tls=maybe", &["tls"]),
            ("POSTITUS_SMTP_URL", "smtp://me:hunter2@relay?tls=none", &[]),
            ("POSTITUS_SMTP_CA_FILE", "/nonexistent/ca.pem", &["/nonexistent/ca.pem"]),
            ("POSTITUS_SENDERS", "nobody", &["*@domain"]),
            ("POSTITUS_TIME_ZONE", "Helsinki", &["Europe/Helsinki"]),
            ("POSTITUS_DEFAULT_LANGUAGE", "suomi!", &["fi"]),
        ] {
            expect_refused(&[(name, value)], &[&[name], says].concat()).await;
        }
    }));
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_folder_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = TestApp::start(Database::Sqlite).await;
    assert_eq!(std::fs::metadata(app.data_dir()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_data_folder_that_cannot_be_used_stops_the_start() {
    integration_tests::database::run(Box::pin(async {
        let file = tempfile::NamedTempFile::new().unwrap();
        // Not even an administrator can make a folder there.
        for folder in ["/proc/postitus".to_owned(), format!("{}/data", file.path().display())] {
            let mut app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_DATA_DIR", &folder);
            app.unset("POSTITUS_DATABASE_URL");
            let before = everything_in(app.folder());
            expect_fault(&app.refused_start(SOON).await, &["POSTITUS_DATA_DIR", &folder]);
            assert_eq!(everything_in(app.folder()), before);
        }
    }));
}

#[test]
fn a_port_that_is_taken_is_named() {
    integration_tests::database::run(Box::pin(async {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_LISTEN", &address);
        expect_fault(&app.refused_start(SOON).await, &["POSTITUS_LISTEN", &address]);
    }));
}

#[test]
fn postgresql_without_a_key_for_tokens_stops_the_start_before_anything_is_made() {
    integration_tests::database::run(Box::pin(async {
        let mut app = TestApp::prepare(Database::Postgres);
        app.unset("POSTITUS_JWT_SECRET");
        let output = app.refused_start(SOON).await;
        expect_fault(&output, &["POSTITUS_JWT_SECRET", "32 bytes"]);
        assert!(!app.data_dir().exists());
        assert!(!output.stderr.contains("applied migration"), "{}", output.stderr);
    }));
}

#[test]
fn a_postgresql_database_that_is_not_there_is_named() {
    integration_tests::database::run(Box::pin(async {
        let app = TestApp::prepare(Database::Postgres);
        let url = app.database_url().replace("postitus_test_", "postitus_missing_");
        let app = app.setting("POSTITUS_DATABASE_URL", &url);
        expect_fault(&app.refused_start(SOON).await, &["POSTITUS_DATABASE_URL", "postitus_missing_", "does not exist"]);
        assert!(!app.data_dir().exists());
    }));
}

fn waiting_mailing() -> serde_json::Value {
    let filter = json!({"party": {"field": "city", "op": "eq", "value": "Turku"}});
    draft(&json!({"filter": filter}), &[content("fi", "Aihe", "Hei {{ recipient.name }}")])
}

async fn app_with_people(database: Database, smtp: &SmtpServer) -> TestApp {
    let app = TestApp::prepare(database).smtp(smtp, "*@isannointi.example").started().await;
    let people = (1..=PEOPLE).map(|id| person(id, &format!("Asukas {id}")).with("city", "Turku"));
    Register::of(people).import(&app).await;
    app
}

on_both_databases! {
    async fn a_schema_of_a_newer_version_is_left_alone(database: Database) {
        let mut app = TestApp::start(database).await;
        assert!(app.stop().await.success());
        {
            let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
            db(&app).write(move |writer| persistence::testing::execute(writer, sql)).await.unwrap();
        }
        let before = everything_in(&app.data_dir());
        let output = app.refused_start(SOON).await;
        expect_fault(&output, &["POSTITUS_DATABASE_URL", "99990101000000", "newer"]);
        assert_eq!(everything_in(&app.data_dir()), before);
    }

    async fn asked_to_end_in_the_middle_of_a_mailing_the_server_leaves_nothing_in_doubt(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain().final_delay(Duration::from_millis(10)));
        let mut app = app_with_people(database, &smtp).await;
        let (id, _) = send_out(&app, &waiting_mailing()).await;
        for _ in 0..3 {
            smtp.wait_for(smtp.count() + 60, Duration::from_secs(60)).await;
            let asked = Instant::now();
            assert!(app.stop().await.success());
            assert!(asked.elapsed() < SOON, "it took {:?}", asked.elapsed());
            let arrived = i64::try_from(smtp.count()).unwrap();
            let db = db(&app);
            let mailing_id = id.parse().unwrap();
            let (in_flight, progress) = db
                .read(move |reader| {
                    let progress = persistence::mailings::progress(reader, &[mailing_id])?.remove(&mailing_id);
                    Ok::<_, persistence::StoreError>((sending::in_flight(reader)?, progress.unwrap()))
                })
                .await
                .unwrap();
            assert_eq!(in_flight, 0, "no attempt without an outcome");
            assert_eq!(progress.sent, arrived, "what has arrived is known, and nothing else");
            assert_eq!(progress.queued, PEOPLE - arrived);
            drop(db);
            let started = Instant::now();
            app.restart().await;
            smtp.wait_for(smtp.count() + 1, Duration::from_secs(20)).await;
            assert!(started.elapsed() < Duration::from_secs(15), "claimed rows were given back, not left to their leases");
        }
        let done = finished(&app, &id, Duration::from_secs(60)).await;
        assert_eq!((frozen(&done), count(&done, "sent")), (PEOPLE, PEOPLE));
        assert_eq!(i64::try_from(smtp.count()).unwrap(), PEOPLE, "nobody got two");
        let mut ids: Vec<String> = smtp.messages().iter().map(|message| Mail::from(message).message_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(i64::try_from(ids.len()).unwrap(), PEOPLE);
    }

    async fn asked_to_end_while_the_relay_is_away_the_server_ends_at_once(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let mut app = app_with_people(database, &smtp).await;
        drop(smtp);
        let (id, _) = send_out(&app, &waiting_mailing()).await;
        for _ in 0..200 {
            let rows = deliveries(&app, &id, Some("queued")).await;
            if rows.iter().any(|row| !member(row, "last_detail").is_null()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let asked = Instant::now();
        assert!(app.stop().await.success());
        assert!(asked.elapsed() < Duration::from_secs(7), "it took {:?}", asked.elapsed());
        app.restart().await;
        assert_eq!(frozen(&mailing(&app, &id).await), PEOPLE);
    }
}
