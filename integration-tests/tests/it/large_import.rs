//! A large import over HTTP while others read and send: all three succeed, in bounded memory.
//!
//! `POSTITUS_TEST_IMPORT_PARTIES` says how large; `make test-million` imports a million.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use integration_tests::imports::{self, PATH, counts, ended};
use integration_tests::mailings::{approval, content, count, draft, finished, list, member, text};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Call, Database, Reply, TestApp, on_both_databases};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// The ids of those who live here before the import begin after this one.
const BEFORE: i64 = 2_000_000_000;
const RESIDENTS: i64 = 50;
/// The largest resident memory of the server, in bytes.
const MEMORY: u64 = 300 * 1024 * 1024;
const LIMIT: Duration = Duration::from_secs(3600);

#[expect(clippy::disallowed_methods, reason = "the size of a test is no setting of the program")]
fn parties() -> i64 {
    std::env::var("POSTITUS_TEST_IMPORT_PARTIES").map_or(5_000, |parties| parties.parse().expect("a number"))
}

/// The files of the sample register.
async fn sample(app: &TestApp) -> Vec<(&'static str, Vec<u8>)> {
    let folder = app.folder().join("sample");
    let (number, path) = (parties().to_string(), folder.display().to_string());
    let written = app.command(&["demo", "--parties", &number, "--seed", "5", "--write-csv", &path]).await;
    assert!(written.status.success(), "{written:?}");
    ["parties", "properties", "contracts", "roles"]
        .map(|name| (name, std::fs::read(folder.join(format!("{name}.csv"))).unwrap()))
        .to_vec()
}

/// Makes the call until the server has time for it; whoever is told to come back is told when.
async fn patiently(call: impl Fn() -> Call) -> (Reply, u32) {
    let deadline = Instant::now() + LIMIT;
    for refusals in 0.. {
        let reply = call().send().await;
        if reply.status != 503 {
            return (reply, refusals);
        }
        let seconds: u64 = reply.header("retry-after").expect("when to come back").parse().unwrap();
        assert!(Instant::now() < deadline, "{}", reply.text());
        sleep(Duration::from_secs(seconds)).await;
    }
    unreachable!("an endless loop")
}

/// Sends a mailing to the residents and waits until all have it.
async fn send_one(app: &TestApp, round: u32) -> u32 {
    let filter = json!({"role": {"codes": ["resident"]}});
    let filter =
        json!({"all": [filter, {"property": {"field": "property_id", "op": "eq", "value": BEFORE.to_string()}}]});
    let draft = draft(&json!({"filter": filter}), &[content("fi", "Vesikatko", "Hei {{ recipient.name }}.")]);
    let mut waited = 0;
    let mut call = async |path: String, body: &Value, key: Option<String>| {
        let make = || {
            let call = app.post(&path).json(body);
            match &key {
                Some(key) => call.idempotency_key(key),
                None => call,
            }
        };
        let (reply, refusals) = patiently(make).await;
        waited += refusals;
        reply
    };
    let created = call("/api/v1/mailings".into(), &draft, Some(format!("draft-{round}"))).await.expect_status(201);
    let path = format!("/api/v1/mailings/{}", text(&created.json, "mailing_id"));
    let preview = call(format!("{path}/preview"), &json!({"samples": 0}), None).await.expect_status(200);
    let approval = approval(&preview.json);
    call(format!("{path}/send"), &approval, Some(format!("send-{round}"))).await.expect_status(202);
    let sent = finished(app, &text(&created.json, "mailing_id"), LIMIT).await;
    assert_eq!(count(&sent, "sent"), RESIDENTS, "{sent:#}");
    waited
}

/// The largest resident memory of the server so far, in bytes.
fn peak_memory(app: &TestApp) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line of the peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

on_both_databases! {
    async fn a_large_import_leaves_the_api_readable_and_writable_in_bounded_memory(database: Database) {
        let server = SmtpServer::start(SmtpOptions::starttls());
        let app = TestApp::prepare(database).smtp(&server, "*@isannointi.example").started().await;
        let people = (1..=RESIDENTS).map(|id| person(BEFORE + id, &format!("Asukas {id}")).with("language", "fi"));
        let register = Register::of(people).property(BEFORE, None, "company", "As Oy Kaukana");
        let register = (1..=RESIDENTS).fold(register, |register, id| register.role(BEFORE + id, BEFORE, "resident"));
        counts(&imports::import(&app, &[], &register).await, "parties");

        let files = sample(&app).await;
        let accepted = app.post(PATH).form(&[], &files).send().await.expect_status(202);
        drop(files);
        let operation = accepted.header("location").unwrap().to_owned();
        let done = AtomicBool::new(false);
        let import = async {
            let ended = ended(&app, &operation, LIMIT).await;
            done.store(true, Ordering::Relaxed);
            ended
        };
        let sender = async {
            let (mut rounds, mut waited) = (0, 0);
            while rounds == 0 || !done.load(Ordering::Relaxed) {
                rounds += 1;
                waited += send_one(&app, rounds).await;
            }
            (rounds, waited)
        };
        let reader = async {
            let (mut reads, mut longest) = (0, Duration::ZERO);
            while reads == 0 || !done.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let found = app.get("/api/v1/parties?q=asukas&limit=5").send().await.expect_status(200);
                assert_eq!(list(&found.json, "items").len(), 5);
                app.get(&format!("/api/v1/parties/{}", BEFORE + 1)).send().await.expect_status(200);
                longest = longest.max(begun.elapsed());
                reads += 1;
                sleep(Duration::from_millis(20)).await;
            }
            (reads, longest)
        };
        let ((ended, (rounds, waited)), (reads, longest)) = tokio::join!(async { tokio::join!(import, sender) }, reader);
        assert_eq!(counts(&ended, "parties"), [parties(), 0, 0, 0]);
        assert_eq!(member(&ended, "error"), Value::Null);
        let peak = peak_memory(&app);
        println!(
            "{} parties on {database:?}: {rounds} mailings sent, told to come back {waited} times; {reads} reads, the \
             longest pair {longest:?}; at most {} MB resident; {} – {}",
            parties(),
            peak / 1024 / 1024,
            text(&ended, "started_at"),
            text(&ended, "finished_at"),
        );
        assert!(peak < MEMORY, "{peak} bytes");
        let again = app.get("/api/v1/parties?q=asukas&limit=5").send().await.expect_status(200);
        assert!(!list(&again.json, "items").is_empty());
    }
}
