//! People who share an address: one mail for all of them, or one each.

use std::time::Duration;

use integration_tests::mailings::{
    contacts, content, count, create, deliveries, draft, finished, frozen, mailing, member, number, send_out, text,
    with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{Answer, SmtpOptions, SmtpServer};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

/// A couple with one address, a third with that address but another language, and one alone.
fn couple() -> Register {
    let of = |id, name, email, language| person(id, name).with("email", email).with("language", language);
    Register::of([
        of(1, "Anna Aho", "perhe@example.fi", "fi"),
        of(2, "Bo Aho", "perhe@Example.FI", "fi"),
        of(3, "Carl Aho", "perhe@example.fi", "sv"),
        of(4, "Dora Duva", "dora@example.fi", "fi"),
    ])
}

fn to_all(body: &str, changes: &Value) -> Value {
    let contents = [content("fi", "Aihe", body), content("sv", "Ämne", body)];
    with(draft(&json!({"party_ids": [1, 2, 3, 4]}), &contents), changes)
}

async fn app(database: Database) -> (TestApp, SmtpServer) {
    let refusing = |address: &str| address.starts_with("dora").then(|| Answer::refuse(550, "5.1.1 no such user"));
    let smtp = SmtpServer::start(SmtpOptions::plain().rcpt_rule(refusing));
    (super::app_with(database, &couple(), &smtp).await, smtp)
}

on_both_databases! {
    async fn a_couple_gets_one_mail_and_both_have_the_contact(database: Database) {
        let (app, smtp) = app(database).await;
        let (id, shown) = send_out(&app, &to_all("Vesi on poikki.", &json!({}))).await;
        assert_eq!(text(&mailing(&app, &id).await, "dedupe"), "address", "nothing personal is in it");
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(shown.pointer("/counts/shared"), Some(&json!(1)));
        assert_eq!(shown.pointer("/counts/messages"), Some(&json!(3)));
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "failed")), (4, 3, 1), "progress counts people");
        let mut to: Vec<String> = smtp.messages().iter().flat_map(|message| message.to.clone()).collect();
        to.sort();
        assert_eq!(to, ["perhe@example.fi", "perhe@example.fi"], "one in each language");

        let rows = deliveries(&app, &id, None).await;
        let of = |party: i64| rows.iter().find(|row| number(row, "party_id") == party).unwrap();
        let shared: Vec<Value> = (1..=4).map(|party| member(of(party), "shared")).collect();
        assert_eq!(shared, [Value::Null, json!("duplicate_address"), Value::Null, Value::Null]);
        assert_eq!(member(of(1), "delivery_id"), member(of(2), "delivery_id"));
        assert_ne!(member(of(1), "delivery_id"), member(of(3), "delivery_id"));
        for party in [1, 2] {
            assert_eq!(text(of(party), "status"), "sent");
            let contacts = contacts(&app, party).await;
            assert_eq!(contacts.len(), 1);
            assert_eq!(contacts[0].get("delivery_id"), of(1).get("delivery_id"));
            assert_eq!(contacts[0].get("row_no"), of(party).get("row_no"));
        }
        let ids: Vec<String> = [contacts(&app, 1).await, contacts(&app, 2).await].concat().iter().map(|it| text(it, "contact_id")).collect();
        assert_ne!(ids[0], ids[1]);
    }

    async fn what_is_personal_goes_to_each_unless_asked_otherwise(database: Database) {
        let (app, smtp) = app(database).await;
        let personal = to_all("Hei {{ recipient.first_name }}.", &json!({}));
        let (id, _) = send_out(&app, &personal).await;
        assert_eq!(text(&mailing(&app, &id).await, "dedupe"), "none");
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 3);

        let id = create(&app, &to_all("Vesi on poikki.", &json!({"dedupe": "none"}))).await;
        assert_eq!(text(&mailing(&app, &id).await, "dedupe"), "none");
        let (id, _) = send_out(&app, &to_all("Vesi on poikki.", &json!({"dedupe": "none"}))).await;
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 6);
        assert!(deliveries(&app, &id, None).await.iter().all(|row| member(row, "shared").is_null()));

        let (id, _) = send_out(&app, &with(personal, &json!({"dedupe": "address"}))).await;
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 8, "asked for, it is done");
    }
}
