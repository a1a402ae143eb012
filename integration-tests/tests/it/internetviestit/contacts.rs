//! A message addressed to parties is a contact of each; a bulletin is one of nobody.

use integration_tests::internetviestit::{PATH, add, added, message, start, version};
use integration_tests::mailings::{contacts, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

/// Subject and text of the only contact of a party.
async fn only_contact(app: &TestApp, party_id: i64) -> Value {
    let found = contacts(app, party_id).await;
    let [contact] = found.as_slice() else { panic!("one contact: {found:?}") };
    contact.clone()
}

on_both_databases! {
    async fn a_message_to_parties_is_a_contact_of_each_in_its_language(database: Database) {
        let app = start(database).await;
        let mut body = message(&json!({"osapuoli_idt": [21, 22, 24], "kohde_idt": [10]}));
        body["versiot"] = json!([version("fi", "Vesikatko", "Vesi on poikki."), version("sv", "Vattenavbrott", "Inget vatten.")]);
        let id = number(&added(&app, &body).await, "internetviesti_id");
        for (party_id, language, subject, said) in [
            (21, "fi", "Vesikatko", "Vesi on poikki."),
            (22, "sv", "Vattenavbrott", "Inget vatten."),
            (24, "fi", "Vesikatko", "Vesi on poikki."),
        ] {
            let contact = only_contact(&app, party_id).await;
            assert_eq!((text(&contact, "channel"), text(&contact, "direction")), ("internetviesti".to_owned(), "outbound".to_owned()));
            assert_eq!((text(&contact, "language"), text(&contact, "subject"), text(&contact, "text")), (language.into(), subject.into(), said.into()));
            assert_eq!((number(&contact, "internetviesti_id"), member(&contact, "mailing_id")), (id, Value::Null));
            assert_eq!(text(&contact, "thread_id"), text(&contact, "contact_id"));
        }
        add(&app, &json!({"kohde_idt": [10]})).await;
        assert!(contacts(&app, 25).await.is_empty(), "a bulletin is no contact");
    }

    async fn a_draft_is_a_contact_when_it_is_published_and_once(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21], "tila": "luonnos"})).await;
        assert!(contacts(&app, 21).await.is_empty());
        let patch = |version: i64, changes: Value| app.patch(&format!("{PATH}/{id}")).if_match(&format!("\"{version}\"")).json(&changes);
        patch(1, json!({"tila": "julkaistu"})).send().await.expect_status(200);
        only_contact(&app, 21).await;
        patch(2, json!({"tarkea": true})).send().await.expect_status(200);
        app.delete(&format!("{PATH}/{id}")).if_match("\"3\"").send().await.expect_status(204);
        // What was said stays on the card, withdrawn or not.
        let contact = only_contact(&app, 21).await;
        assert_eq!((text(&contact, "subject"), text(&contact, "text")), ("Vesikatko".to_owned(), "Vesi on poikki.".to_owned()));
    }
}
