//! Contacts over HTTP: each sent message is on its recipient's card, with what it said.

use std::time::Duration;

use integration_tests::mailings::{SENDER, content, draft, finished, list, member, number, send_out, text, with};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use persistence::{DatabaseUrl, Db, DbSettings, audit};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

fn reader() -> String {
    token("contacts:read", &json!({}))
}

/// Aino is protected, Erkki has no address.
fn sample() -> Register {
    Register::of([
        person(21, "Matti Virtanen").with("language", "fi"),
        person(22, "Åsa Åberg").with("language", "sv"),
        person(23, "Aino Korhonen").with("language", "fi").with("address_protected", "true"),
        person(24, "Erkki Eskola").with("language", "fi").with("email", ""),
    ])
}

async fn app(database: Database) -> TestApp {
    let app = TestApp::prepare(database).setting("POSTITUS_SENDERS", SENDER).started().await;
    sample().import(&app).await;
    app
}

/// Sends a mailing of this name to all of the sample, waits for its end, and gives its id.
async fn send(app: &TestApp, name: &str) -> String {
    let contents = [
        content("fi", "{{ mailing.name }}: vesikatko", "Hei {{ recipient.first_name }}, vesi on poikki."),
        content("sv", "{{ mailing.name }}: vattenavbrott", "Hej {{ recipient.first_name }}, inget vatten."),
    ];
    let mailing = with(draft(&json!({"party_ids": [21, 22, 23, 24]}), &contents), &json!({ "name": name }));
    let (id, _) = send_out(app, &mailing).await;
    finished(app, &id, LIMIT).await;
    id
}

async fn contacts(app: &TestApp, query: &str, token: &str) -> Vec<Value> {
    let reply = app.get(&format!("/api/v1/contacts?{query}")).bearer(token).send().await.expect_status(200);
    list(&reply.json, "items")
}

async fn disclosures(app: &TestApp) -> i64 {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    db.read(|reader| audit::count(reader, "protected_party_disclosed")).await.unwrap()
}

on_both_databases! {
    async fn each_sent_message_is_a_contact_of_its_recipient_with_what_it_said(database: Database) {
        let app = app(database).await;
        assert!(contacts(&app, "party_id=21", &reader()).await.is_empty());
        let mailing_id = send(&app, "Mäntylä").await;
        for (party_id, language, subject, body) in [
            (21, "fi", "Mäntylä: vesikatko", "Hei Matti, vesi on poikki."),
            (22, "sv", "Mäntylä: vattenavbrott", "Hej Åsa, inget vatten."),
        ] {
            let found = contacts(&app, &format!("party_id={party_id}"), &reader()).await;
            let [contact] = found.as_slice() else { panic!("one contact: {found:?}") };
            assert_eq!(
                (number(contact, "party_id"), text(contact, "direction"), text(contact, "channel")),
                (party_id, "outbound".to_owned(), "email".to_owned())
            );
            assert_eq!(text(contact, "thread_id"), text(contact, "contact_id"));
            assert_eq!((text(contact, "mailing_id"), text(contact, "language")), (mailing_id.clone(), language.to_owned()));
            assert_eq!(text(contact, "address"), format!("person{party_id}@example.fi"));
            assert_eq!((text(contact, "subject"), text(contact, "text").trim()), (subject.to_owned(), body));
            assert!(text(contact, "occurred_at").ends_with('Z'), "{contact}");
            let row = app.get(&format!("/api/v1/mailings/{mailing_id}/deliveries")).send().await.json;
            let row = list(&row, "items").into_iter().find(|row| number(row, "party_id") == party_id).unwrap();
            assert_eq!(member(contact, "row_no"), member(&row, "row_no"));
            assert_eq!(member(contact, "delivery_id"), member(&row, "delivery_id"));
        }
        assert!(contacts(&app, "party_id=24", &reader()).await.is_empty(), "nothing was sent to Erkki");
    }

    async fn contacts_are_read_newest_first_page_by_page(database: Database) {
        let app = app(database).await;
        for name in ["first", "second", "third"] {
            send(&app, name).await;
        }
        let subjects = |contacts: &[Value]| contacts.iter().map(|contact| text(contact, "subject")).collect::<Vec<_>>();
        let whole = contacts(&app, "party_id=21", &reader()).await;
        assert_eq!(subjects(&whole), ["third: vesikatko", "second: vesikatko", "first: vesikatko"]);
        for limit in 1..=4 {
            let (mut items, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/api/v1/contacts?party_id=21&limit={limit}{cursor}");
                let page = app.get(&path).bearer(&reader()).send().await.expect_status(200).json;
                items.extend(list(&page, "items"));
                match member(&page, "next_cursor") {
                    Value::String(next) => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            assert_eq!(items, whole, "by {limit}");
        }
        let page = app.get("/api/v1/contacts?party_id=21&limit=1").send().await.json;
        let path = format!("/api/v1/contacts?party_id=22&cursor={}", text(&page, "next_cursor"));
        app.get(&path).send().await.expect_problem(400, "invalid_cursor");
    }

    async fn the_contacts_of_a_protected_party_tell_no_more_than_that_they_were(database: Database) {
        let app = app(database).await;
        send(&app, "Mäntylä").await;
        let before = disclosures(&app).await;
        let found = contacts(&app, "party_id=23", &reader()).await;
        let [contact] = found.as_slice() else { panic!("one contact: {found:?}") };
        for hidden in ["address", "subject", "text", "mailing_id", "row_no", "delivery_id"] {
            assert!(member(contact, hidden).is_null(), "{hidden}: {contact}");
        }
        assert_eq!((number(contact, "party_id"), text(contact, "language")), (23, "fi".to_owned()));
        assert_eq!(disclosures(&app).await, before);

        let trusted = token("contacts:read parties:protected", &json!({}));
        let found = contacts(&app, "party_id=23", &trusted).await;
        assert_eq!(text(&found[0], "address"), "person23@example.fi");
        assert_eq!(text(&found[0], "subject"), "Mäntylä: vesikatko");
        assert_eq!(disclosures(&app).await, before + 1);
        contacts(&app, "party_id=21", &trusted).await;
        assert_eq!(disclosures(&app).await, before + 1);
    }

    async fn a_question_without_an_answer_is_a_problem(database: Database) {
        let app = app(database).await;
        for path in ["", "?limit=5", "?party_id=x", "?party_id=21&limit=0", "?party_id=21&mailing_id=1", "?party_id="] {
            app.get(&format!("/api/v1/contacts{path}")).bearer(&reader()).send().await.expect_problem(400, "invalid_query");
        }
        let call = |path: &str, token: &str| app.get(&format!("/api/v1/contacts?{path}")).bearer(token);
        call("party_id=21&cursor=x", &reader()).send().await.expect_problem(400, "invalid_cursor");
        call("party_id=99", &reader()).send().await.expect_problem(404, "not_found");
        call("party_id=21", &token("register:read", &json!({}))).send().await.expect_problem(403, "missing_scope");
        call("party_id=21", &token("admin", &json!({"party_ids": [21]}))).send().await.expect_problem(404, "not_found");
        app.get("/api/v1/contacts?party_id=21").anonymous().send().await.expect_problem(401, "missing_token");
    }
}
