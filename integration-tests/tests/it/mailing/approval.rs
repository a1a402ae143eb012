//! A send names what was approved: the content and the recipients of a preview. What has changed since stops it.

use std::time::Duration;

use integration_tests::mailings::{
    approval, content, create, deliveries, draft, finished, frozen, list, mailing, member, number, preview, send, text,
    with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, on_both_databases};
use serde_json::{Value, json};

use super::{app, app_with, to_parties};

const LIMIT: Duration = Duration::from_secs(30);

fn in_turku() -> Register {
    Register::of((1..=5).map(|id| {
        let city = if id == 5 { "Espoo" } else { "Turku" };
        person(id, &format!("Asukas {id}")).with("language", "fi").with("city", city)
    }))
}

fn to_turku() -> Value {
    let filter = json!({"party": {"field": "city", "op": "eq", "value": "Turku"}});
    draft(&json!({"filter": filter}), &[content("fi", "Aihe", "Hei {{ recipient.name }}")])
}

/// What a refused send says of whom, in order.
fn changes(problem: &Value) -> Vec<(String, String)> {
    let errors = list(problem, "errors");
    assert!(errors.iter().all(|error| text(error, "pointer") == "/recipients_hash"), "{problem:#}");
    let mut changes: Vec<_> = errors.iter().map(|error| (text(error, "code"), text(error, "message"))).collect();
    changes.sort();
    changes
}

on_both_databases! {
    async fn recipients_that_have_changed_since_the_preview_stop_the_send_and_are_told(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &in_turku(), &smtp).await;
        let id = create(&app, &to_turku()).await;
        let shown = preview(&app, &id, 0).await;

        let mut register = in_turku();
        register.parties[1] = register.parties[1].clone().with("city", "Oulu");
        register.parties[2] = register.parties[2].clone().with("email", "uusi@example.fi");
        register.parties[4] = register.parties[4].clone().with("city", "Turku");
        register.import(&app).await;

        let before = mailing(&app, &id).await;
        let refused = send(&app, &id, &approval(&shown), "k").await.expect_problem(409, "recipients_changed");
        let told = [("recipient_added", "party 5"), ("recipient_changed", "party 3"), ("recipient_removed", "party 2")];
        assert_eq!(changes(&refused.json), told.map(|(code, who)| (code.to_owned(), who.to_owned())));
        assert_eq!(mailing(&app, &id).await, before, "nothing was sent");
        assert_eq!(smtp.count(), 0);

        // The key has no answer that stands: with the changes accepted, the same key may be used for another body.
        let accepted = with(approval(&shown), &json!({"accept_recipient_changes": true}));
        send(&app, &id, &accepted, "k-2").await.expect_status(202);
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(frozen(&done), 4);
        let mut to: Vec<String> = smtp.messages().iter().flat_map(|message| message.to.clone()).collect();
        to.sort();
        assert_eq!(to, ["person1@example.fi", "person4@example.fi", "person5@example.fi", "uusi@example.fi"]);
        assert_ne!(member(&done, "recipients_hash"), member(&shown, "recipients_hash"), "those it was sent to");
    }

    async fn after_a_new_preview_the_changed_recipients_are_approved(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &in_turku(), &smtp).await;
        let id = create(&app, &to_turku()).await;
        let old = preview(&app, &id, 0).await;
        let mut register = in_turku();
        register.parties[0] = register.parties[0].clone().with("archived", "true");
        register.import(&app).await;
        let refused = send(&app, &id, &approval(&old), "k").await.expect_problem(409, "recipients_changed");
        assert_eq!(changes(&refused.json), [("recipient_removed".to_owned(), "party 1".to_owned())]);
        let new = preview(&app, &id, 0).await;
        send(&app, &id, &approval(&old), "k-2").await.expect_problem(409, "recipients_changed");
        send(&app, &id, &approval(&new), "k-3").await.expect_status(202);
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(member(&done, "recipients_hash"), member(&new, "recipients_hash"));
        assert_eq!(smtp.count(), 3);
    }

    async fn content_that_has_changed_since_the_preview_stops_the_send(database: Database) {
        let (app, smtp) = app(database).await;
        let id = create(&app, &to_parties(&[1])).await;
        let shown = preview(&app, &id, 0).await;
        let path = format!("/api/v1/mailings/{id}");
        let change = json!({"contents": [content("fi", "Vesikatko", "Aivan muuta")]});
        app.patch(&path).if_match("\"1\"").json(&change).send().await.expect_status(200);
        send(&app, &id, &approval(&shown), "k").await.expect_problem(409, "content_changed");
        let accepted = with(approval(&shown), &json!({"accept_recipient_changes": true}));
        send(&app, &id, &accepted, "k-2").await.expect_problem(409, "content_changed");
        assert_eq!(text(&mailing(&app, &id).await, "status"), "draft");
        assert_eq!(smtp.count(), 0);

        // The name is for those who send: it may change after the approval.
        let shown = preview(&app, &id, 0).await;
        app.patch(&path).if_match("\"2\"").json(&json!({"name": "Toinen"})).send().await.expect_status(200);
        send(&app, &id, &approval(&shown), "k-3").await.expect_status(202);
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 1);
    }

    async fn who_is_not_among_the_recipients_may_change_freely(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &in_turku(), &smtp).await;
        let id = create(&app, &to_turku()).await;
        let shown = preview(&app, &id, 0).await;
        let mut register = in_turku();
        register.parties[4] = register.parties[4].clone().with("email", "toinen@example.fi");
        register.parties[0] = register.parties[0].clone().with("phone", "040 000 1234").with("street", "Katu 1");
        register.import(&app).await;
        send(&app, &id, &approval(&shown), "k").await.expect_status(202);
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), smtp.count()), (4, 4));
        let rows = deliveries(&app, &id, Some("sent")).await;
        assert_eq!(rows.iter().map(|row| number(row, "row_no")).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    async fn a_protected_person_who_came_or_went_is_counted_and_not_named_without_the_scope(database: Database) {
        let mut register = in_turku();
        register.parties[3] = register.parties[3].clone().with("address_protected", "true");
        let register = register.property(10, None, "company", "Asunto Oy").role(1, 10, "resident");
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &register, &smtp).await;
        let filter = json!({"role": {"codes": ["resident"]}});
        let id = create(&app, &draft(&json!({"filter": filter}), &[content("fi", "Aihe", "Hei")])).await;
        let shown = preview(&app, &id, 0).await;
        register.role(4, 10, "resident").import(&app).await;
        let clerk = integration_tests::token("mailings:read mailings:write mailings:send", &json!({}));
        let path = format!("/api/v1/mailings/{id}/send");
        let call = app.post(&path).bearer(&clerk).idempotency_key("k").json(&approval(&shown));
        let refused = call.send().await.expect_problem(409, "recipients_changed");
        assert!(!refused.text().contains("party 4"), "{}", refused.text());
        assert_eq!(changes(&refused.json), [("recipient_added".to_owned(), "a protected party".to_owned())]);
    }
}
