//! Languages without a version: refused, skipped, or served in another.

use std::collections::BTreeMap;
use std::time::Duration;

use integration_tests::mailings::{
    approval, contacts, content, count, create, deliveries, draft, finished, frozen, list, mailing, member, number,
    preview, send, send_out, text, with,
};
use integration_tests::register::{Register, Row, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

/// Two in Finnish, one in Swedish of Finland, two in Russian, one in English by contract, one of whom no language is known.
fn register() -> Register {
    let of = |id: i64, language: &str| person(id, &format!("Asukas {id}")).with("language", language);
    let mut register =
        Register::of([of(1, "fi"), of(2, "fi"), of(3, "sv-FI"), of(4, "ru"), of(5, "ru"), of(6, ""), of(7, "")])
            .property(10, None, "company", "Asunto Oy");
    let contract = Row::default().with("contract_id", 1).with("party_id", 6).with("property_id", 10);
    register.contracts.push(contract.with("kind", "tenancy").with("language", "en").with("valid_from", "2020-01-01"));
    register
}

fn to_everyone(changes: &Value) -> Value {
    let contents = [content("fi", "Aihe", "suomeksi"), content("sv", "Ämne", "på svenska")];
    with(draft(&json!({"party_ids": [1, 2, 3, 4, 5, 6, 7]}), &contents), changes)
}

async fn app(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain());
    (super::app_with(database, &register(), &smtp).await, smtp)
}

/// What each party's mail said.
fn by_address(smtp: &SmtpServer) -> BTreeMap<String, String> {
    let mails = smtp.messages();
    mails.iter().map(Mail::from).map(|mail| (mail.to[0].clone(), mail.text.unwrap().trim_end().to_owned())).collect()
}

on_both_databases! {
    async fn a_send_that_lacks_a_language_is_refused_naming_each_and_how_many_need_it(database: Database) {
        let (app, smtp) = app(database).await;
        let id = create(&app, &to_everyone(&json!({}))).await;
        let shown = preview(&app, &id, 0).await;
        let before = mailing(&app, &id).await;
        let refused = send(&app, &id, &approval(&shown), "k").await.expect_problem(422, "validation_failed");
        let errors: Vec<_> = list(&refused.json, "errors")
            .iter()
            .map(|error| (text(error, "pointer"), text(error, "code"), text(error, "message")))
            .collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        for (pointer, code, _) in &errors {
            assert_eq!((pointer.as_str(), code.as_str()), ("/contents", "missing_language_version"));
        }
        for (language, people) in [("en", "1"), ("ru", "2")] {
            let named = errors.iter().any(|(_, _, message)| message.contains(language) && message.contains(people));
            assert!(named, "{language} {people} in {errors:?}");
        }
        assert_eq!(mailing(&app, &id).await, before);
        assert_eq!(smtp.count(), 0);
    }

    async fn with_skip_those_without_a_version_are_left_out_with_the_reason(database: Database) {
        let (app, smtp) = app(database).await;
        let (id, _) = send_out(&app, &to_everyone(&json!({"missing_language": "skip"}))).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "skipped")), (7, 4, 3));
        let skipped = deliveries(&app, &id, Some("skipped")).await;
        let who: Vec<_> = skipped.iter().map(|row| (number(row, "party_id"), text(row, "reason"))).collect();
        assert_eq!(who, [4, 5, 6].map(|party| (party, "no_language_version".to_owned())));
        let mails = by_address(&smtp);
        assert_eq!(mails.get("person3@example.fi").map(String::as_str), Some("på svenska"));
        assert_eq!(mails.get("person7@example.fi").map(String::as_str), Some("suomeksi"), "the deployment's default");
        assert_eq!(mails.len(), 4);
        assert_eq!(contacts(&app, 4).await, Vec::<Value>::new());
    }

    async fn with_fallback_they_get_the_fallback_languages_version(database: Database) {
        let (app, smtp) = app(database).await;
        let change = json!({"missing_language": "fallback", "fallback_language": "sv"});
        let (id, _) = send_out(&app, &to_everyone(&change)).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent")), (7, 7));
        let mails = by_address(&smtp);
        for (party, text) in [(1, "suomeksi"), (3, "på svenska"), (4, "på svenska"), (6, "på svenska"), (7, "suomeksi")] {
            assert_eq!(mails.get(&format!("person{party}@example.fi")).map(String::as_str), Some(text), "{party}");
        }
        let rows = deliveries(&app, &id, None).await;
        let languages: BTreeMap<i64, Value> =
            rows.iter().map(|row| (number(row, "party_id"), member(row, "language"))).collect();
        assert_eq!(languages.get(&4), Some(&json!("ru")), "the row has the person's own language");
    }
}
