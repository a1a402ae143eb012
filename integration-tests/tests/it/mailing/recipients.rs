//! The recipients of a mailing as a table: before it is sent and after, with reasons, for spreadsheets and for programs.

use std::time::Duration;

use integration_tests::mailings::{content, create, deliveries, draft, finished, member, send_out, text, with};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{Answer, SmtpOptions, SmtpServer};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use persistence::{DatabaseUrl, Db, DbSettings, audit};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// 1 has a name that is a formula, 2 is protected, 3 has no address, 4 is refused by the mail server.
fn register() -> Register {
    let of = |id: i64, name: &str| person(id, name).with("language", "fi");
    Register::of([
        of(1, "=HYPERLINK(\"http://x.example\", \"Öhman\")"),
        of(2, "Aino Korhonen").with("address_protected", "true"),
        of(3, "Erkki Eskola").with("email", ""),
        of(4, "Fanni Forss"),
    ])
}

fn mailing() -> Value {
    let extra = json!([{"email": "+huolto@firma.example", "name": "@Huolto; Oy", "language": "fi"}]);
    let recipients = json!({"party_ids": [1, 2, 3, 4]});
    with(draft(&recipients, &[content("fi", "Aihe", "Vesi on poikki.")]), &json!({"cc": {"addresses": extra}}))
}

async fn app(database: Database) -> (TestApp, SmtpServer) {
    let rule = |address: &str| address.starts_with("person4").then(|| Answer::refuse(550, "5.1.1 no, \"such\" user"));
    let smtp = SmtpServer::start(SmtpOptions::plain().rcpt_rule(rule));
    (super::app_with(database, &register(), &smtp).await, smtp)
}

async fn download(app: &TestApp, id: &str, query: &str, scope: &str) -> Reply {
    let call = app.get(&format!("/api/v1/mailings/{id}/recipients{query}")).bearer(&token(scope, &json!({})));
    let reply = call.send().await.expect_status(200);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(
        reply
            .header("content-disposition")
            .unwrap()
            .starts_with(&format!("attachment; filename=\"recipients-{id}.csv\""))
    );
    reply
}

/// The records of a table by their header, as a program reads them.
fn records(reply: &Reply, separator: u8) -> Vec<Value> {
    let text = reply.text();
    let table = text.strip_prefix('\u{feff}').expect("a byte order mark, once");
    assert!(!table.contains('\u{feff}') && table.replace("\r\n", "").lines().count() == 1, "{table}");
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let record = |record: csv::StringRecord| {
        header.iter().zip(record.iter()).map(|(name, value)| (name.to_owned(), json!(value))).collect()
    };
    reader.records().map(|one| Value::Object(record(one.unwrap()))).collect()
}

async fn disclosures(app: &TestApp) -> i64 {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    db.read(|reader| audit::count(reader, "protected_party_disclosed")).await.unwrap()
}

fn column(records: &[Value], name: &str) -> Vec<String> {
    records.iter().map(|record| text(record, name)).collect()
}

on_both_databases! {
    async fn a_draft_tells_whom_it_would_be_sent_to_and_why_not(database: Database) {
        let (app, _smtp) = app(database).await;
        let id = create(&app, &mailing()).await;
        let table = records(&download(&app, &id, "", "mailings:read").await, b',');
        assert_eq!(column(&table, "row_no"), ["1", "2", "3", "4", "5"]);
        let by = |name: &str, value: &str| table.iter().find(|record| text(record, name) == value).unwrap();
        assert_eq!(text(by("party_id", "3"), "reason"), "no_email");
        assert_eq!(text(by("party_id", "3"), "status"), "skipped");
        assert_eq!(text(by("party_id", "4"), "status"), "planned");
        assert_eq!(text(by("party_id", "4"), "address"), "person4@example.fi");
        assert_eq!(text(by("party_id", "1"), "name"), "'=HYPERLINK(\"http://x.example\", \"Öhman\")", "no formula");
        let extra = by("addressed_as", "cc");
        assert_eq!((text(extra, "name"), text(extra, "address")), ("'@Huolto; Oy".to_owned(), "'+huolto@firma.example".to_owned()));
        let hidden = by("protected", "true");
        for name in ["party_id", "name", "address"] {
            assert_eq!(text(hidden, name), "", "{name}");
        }
        assert_eq!((text(hidden, "status"), text(hidden, "language")), ("planned".to_owned(), "fi".to_owned()));
        assert_eq!(disclosures(&app).await, 0);

        let shown = records(&download(&app, &id, "?separator=semicolon", "mailings:read parties:protected").await, b';');
        assert_eq!(column(&shown, "row_no"), column(&table, "row_no"));
        let known = shown.iter().find(|record| text(record, "party_id") == "2").unwrap();
        assert_eq!((text(known, "name"), text(known, "address")), ("Aino Korhonen".to_owned(), "person2@example.fi".to_owned()));
        assert_eq!(disclosures(&app).await, 1);
    }

    async fn a_sent_mailing_tells_what_became_of_each(database: Database) {
        let (app, _smtp) = app(database).await;
        let (id, _) = send_out(&app, &mailing()).await;
        finished(&app, &id, LIMIT).await;
        let table = records(&download(&app, &id, "", "mailings:read parties:protected").await, b',');
        let rows = deliveries(&app, &id, None).await;
        assert_eq!(table.len(), rows.len());
        for (record, row) in table.iter().zip(&rows) {
            for name in ["status", "channel", "language", "addressed_as"] {
                assert_eq!(text(record, name), text(row, name), "{name}");
            }
            for name in ["reason", "shared", "message_id", "sent_at", "last_detail"] {
                assert_eq!(text(record, name), member(row, name).as_str().unwrap_or_default(), "{name}");
            }
            for name in ["row_no", "party_id", "attempts", "last_code"] {
                let number = member(row, name).as_i64().map(|number| number.to_string()).unwrap_or_default();
                assert_eq!(text(record, name), number, "{name}");
            }
        }
        assert_eq!(disclosures(&app).await, 2, "by the table, and by the list");
        let hidden = records(&download(&app, &id, "", "mailings:read").await, b',');
        assert!(!serde_json::to_string(&hidden).unwrap().contains("Aino"));
        let failed = table.iter().find(|record| text(record, "status") == "failed").unwrap();
        assert_eq!(text(failed, "last_detail"), "5.1.1 no, \"such\" user");
    }

    async fn a_large_table_comes_in_pieces(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_SENDERS", super::SENDERS).started().await;
        let people = (1..=2_345).map(|id| person(id, &format!("Asukas {id}")).with("city", "Turku").with("language", "fi"));
        Register::of(people).import(&app).await;
        let filter = json!({"filter": {"party": {"field": "city", "op": "eq", "value": "Turku"}}});
        let id = create(&app, &draft(&filter, &[content("fi", "Aihe", "Hei {{ recipient.name }}")])).await;
        let reply = download(&app, &id, "", "mailings:read").await;
        assert_eq!(reply.header("content-length"), None, "nobody counted it first");
        let planned = records(&reply, b',');
        let numbers = |records: &[Value]| column(records, "row_no").iter().map(|no| no.parse::<usize>().unwrap()).collect::<Vec<_>>();
        assert_eq!(numbers(&planned), (1..=2_345).collect::<Vec<_>>());
        let shown = integration_tests::mailings::preview(&app, &id, 0).await;
        integration_tests::mailings::send(&app, &id, &integration_tests::mailings::approval(&shown), "k").await.expect_status(202);
        let frozen = records(&download(&app, &id, "", "mailings:read").await, b',');
        assert_eq!(numbers(&frozen), numbers(&planned));
        assert_eq!(column(&frozen, "address"), column(&planned, "address"));
    }

    async fn what_cannot_be_downloaded_is_a_problem(database: Database) {
        let app = TestApp::start(database).await;
        let id = create(&app, &mailing()).await;
        let path = format!("/api/v1/mailings/{id}/recipients");
        app.get(&format!("{path}?separator=tab")).send().await.expect_problem(400, "invalid_query");
        app.get(&format!("{path}?separators=comma")).send().await.expect_problem(400, "invalid_query");
        app.get(&path).bearer(&token("contacts:read", &json!({}))).send().await.expect_problem(403, "missing_scope");
        let unknown = "/api/v1/mailings/0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11/recipients";
        app.get(unknown).send().await.expect_problem(404, "not_found");
        let table = records(&app.get(&path).send().await.expect_status(200), b',');
        assert_eq!(table.len(), 1, "nobody of those named is in the register; the extra address is there");
    }
}
