//! Mailings to the portal: a message of their own for each recipient, in their language, once, and a contact of each.

use std::time::Duration;

use integration_tests::mailings::{
    contacts, content, count, draft, finished, list, member, number, send_out, text, with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

fn register() -> Register {
    Register::of([
        person(1, "Aino Aalto").with("language", "fi"),
        person(2, "Bo Berg").with("language", "sv").with("email", ""),
        person(3, "Cay Carlsson").with("language", "sv").with("archived", "true"),
    ])
}

fn contents(channel: &str) -> [Value; 2] {
    let content = |language, subject, body| with(content(language, subject, body), &json!({"channel": channel}));
    [
        content("fi", "Vesikatko, {{ recipient.name }}", "Hei <{{ recipient.name }}>\n\nVesi on poikki."),
        with(content("sv", "Vattenavbrott", "Hej **{{ recipient.name }}**"), &json!({"format": "markdown"})),
    ]
}

/// The messages of a party, with what each says.
async fn messages(app: &TestApp, party_id: i64) -> Vec<Value> {
    let heads =
        app.get(&format!("/api/v1/internetviestit/otsikot?osapuoli_id={party_id}")).send().await.expect_status(200);
    let mut messages = Vec::new();
    for head in list(&heads.json, "items") {
        let path = format!("/api/v1/internetviestit/{}?osapuoli_id={party_id}", number(&head, "internetviesti_id"));
        messages.push(app.get(&path).send().await.expect_status(200).json);
    }
    messages
}

on_both_databases! {
    async fn each_recipient_has_a_message_of_their_own_in_the_portal_and_a_contact(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        let draft = draft(&json!({"party_ids": [1, 2, 3]}), &contents("internetviesti"));
        let draft = with(draft, &json!({"delivery": {"channels": ["internetviesti"]}, "sender": {}}));
        let (id, _) = send_out(&app, &draft).await;
        let sent = finished(&app, &id, LIMIT).await;
        assert_eq!((count(&sent, "sent"), count(&sent, "skipped")), (2, 1), "{sent:#}");
        let [finnish] = <[Value; 1]>::try_from(messages(&app, 1).await).unwrap();
        assert_eq!((text(&finnish, "otsikko"), text(&finnish, "kieli")), ("Vesikatko, Aino Aalto".into(), "fi".into()));
        assert!(text(&finnish, "viesti_html").contains("<p>Hei &lt;Aino Aalto&gt;</p>"), "{finnish:#}");
        let [swedish] = <[Value; 1]>::try_from(messages(&app, 2).await).unwrap();
        assert!(text(&swedish, "viesti_html").contains("<strong>Bo Berg</strong>"), "{swedish:#}");
        assert!(messages(&app, 3).await.is_empty());
        for (party_id, message) in [(1, &finnish), (2, &swedish)] {
            let [contact] = <[Value; 1]>::try_from(contacts(&app, party_id).await).unwrap();
            assert_eq!(text(&contact, "channel"), "internetviesti");
            assert_eq!((text(&contact, "mailing_id"), text(&contact, "subject")), (id.clone(), text(message, "otsikko")));
            assert_eq!(member(&contact, "internetviesti_id"), member(message, "internetviesti_id"));
            assert_eq!(text(&contact, "text"), text(message, "viesti_teksti"));
        }
    }

    async fn who_has_no_address_is_reached_in_the_portal(database: Database) {
        let server = SmtpServer::start(SmtpOptions::starttls());
        let app = TestApp::prepare(database).smtp(&server, "*@isannointi.example").started().await;
        register().import(&app).await;
        let both = [contents("email"), contents("internetviesti")].concat();
        let draft = draft(&json!({"party_ids": [1, 2]}), &both);
        let draft = with(draft, &json!({"delivery": {"mode": "fallback", "channels": ["email", "internetviesti"]}}));
        let (id, _) = send_out(&app, &draft).await;
        let sent = finished(&app, &id, LIMIT).await;
        assert_eq!(count(&sent, "sent"), 2, "{sent:#}");
        assert_eq!(server.count(), 1);
        assert_eq!((messages(&app, 1).await.len(), messages(&app, 2).await.len()), (0, 1));
    }
}
