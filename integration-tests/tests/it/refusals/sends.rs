//! Sends that are refused, and what is done twice.

use integration_tests::mailings::{approval, content, create, preview, with};
use integration_tests::register::{Register, person};
use integration_tests::{Database, on_both_databases};
use serde_json::{Value, json};

use super::{Case, Fixture, to_parties};

on_both_databases! {
    async fn sends_of_what_cannot_be_sent_are_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        // Each of these is a draft and the approval of its preview.
        let mut drafts: Vec<(String, Value)> = Vec::new();
        for changes in [
            json!({"recipients": {"party_ids": [1, 2, 3]}}),
            json!({"sender": {"address": "joku@muualla.example"}}),
            json!({"purpose": "marketing"}),
            json!({"contents": []}),
            json!({"sender": {}}),
            json!({"recipients": {}}),
            json!({"recipients": {"filter": {"text": "eiketään"}}}),
            json!({"delivery": {"channels": []}}),
            json!({"contents": [with(content("fi", "x", "Hei"), &json!({"subject": null}))]}),
            json!({"missing_language": "fallback", "fallback_language": "en"}),
            json!({"name": " "}),
        ] {
            let id = create(app, &with(to_parties(&[1]), &changes)).await;
            let shown = preview(app, &id, 0).await;
            assert!(!integration_tests::mailings::list(&shown, "problems").is_empty(), "{changes} has no problem");
            drafts.push((id, approval(&shown)));
        }
        let send = |index: usize| fixture.send(&drafts[index].0, &drafts[index].1);
        let sendable = |body: Value| fixture.send(&fixture.sendable, &body);
        let path = fixture.path("/send");
        let sent = format!("/api/v1/mailings/{}", fixture.sent);
        let etag = app.get(&sent).send().await.etag();
        let field = Case::field;
        fixture.expect_refused(vec![
            field("a language is lacking", send(0), "/contents", "missing_language_version").says(&["sv", "1 person"]),
            field("the sender is not allowed", send(1), "/sender/address", "sender_not_allowed"),
            field("marketing", send(2), "/purpose", "purpose_not_available"),
            field("no content", send(3), "/contents", "required"),
            field("no sender", send(4), "/sender/address", "required"),
            field("no recipients", send(5), "/recipients", "required"),
            field("nobody matches", send(6), "/recipients", "no_recipients"),
            field("no channel", send(7), "/delivery/channels", "required"),
            field("no subject", send(8), "/contents/0/subject", "required"),
            field("nothing in the fallback language", send(9), "/fallback_language", "fallback_language_without_content"),
            field("no name", send(10), "/name", "required"),
            Case::new("without a key", app.post(&path).json(&fixture.approval), 400, "idempotency_key_missing"),
            Case::new("another content", sendable(with(fixture.approval.clone(), &json!({"content_hash": "0".repeat(64)}))), 409, "content_changed"),
            Case::new("other recipients", sendable(with(fixture.approval.clone(), &json!({"recipients_hash": "0".repeat(64)}))), 409, "recipients_changed"),
            field("no hash", sendable(json!({"content_hash": "x"})), "/recipients_hash", "missing_field"),
            field("an unknown field", sendable(with(fixture.approval.clone(), &json!({"force": true}))), "/force", "unknown_field"),
            Case::new("sent already", fixture.send(&fixture.sent, &fixture.approval), 409, "mailing_not_draft"),
            Case::new("preview of what is sent", app.post(&format!("{sent}/preview")).json(&json!({})), 409, "mailing_not_draft"),
            Case::new("change of what is sent", app.patch(&sent).if_match(&etag).json(&json!({"name": "x"})), 409, "mailing_not_draft"),
            Case::new("deletion of what is sent", app.delete(&sent).if_match(&etag), 409, "mailing_not_draft"),
            field("too many samples", app.post(&fixture.path("/preview")).json(&json!({"samples": 11})), "/samples", "out_of_range"),
            field("fewer than no samples", app.post(&fixture.path("/preview")).json(&json!({"samples": -1})), "/samples", "invalid_value"),
        ])
        .await;
        super::expect_sendable(&fixture).await;
    }

    async fn a_changed_recipient_set_is_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let moved = person(2, "Asukas 2").with("language", "fi").with("email", "uusi@example.fi");
        Register::of([moved]).import(&fixture.app).await;
        fixture.expect_refused(vec![
            Case::new("a changed set", fixture.send(&fixture.sendable, &fixture.approval), 409, "recipients_changed")
                .at("/recipients_hash", "recipient_changed")
                .says(&["party 2"]),
        ])
        .await;
    }

    async fn a_key_used_with_another_body_is_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        let with_key = |changes: Value| fixture.create_with(&changes).idempotency_key("the-key");
        with_key(json!({})).send().await.expect_status(201);
        fixture.expect_refused(vec![
            Case::new("another body", with_key(json!({"name": "Toinen"})), 422, "idempotency_key_reused"),
            Case::new("a body that is wrong", with_key(json!({"nmae": "Toinen"})), 422, "validation_failed"),
        ])
        .await;
        let before = fixture.state().await;
        let again = with_key(json!({})).send().await.expect_status(201);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(fixture.state().await, before, "a repetition changes nothing either");

        // Another caller's key is another key, and so is the key of another operation.
        let other = integration_tests::token("admin", &json!({"sub": "other"}));
        with_key(json!({"name": "Toinen"})).bearer(&other).send().await.expect_status(201);
        fixture.send(&fixture.sendable, &fixture.approval).idempotency_key("the-key").send().await.expect_status(202);
        assert_eq!(integration_tests::mailings::all_pages(app, "/api/v1/mailings?status=draft").await.len(), 2);
    }

    async fn a_refused_request_does_not_use_up_its_key(database: Database) {
        let fixture = Fixture::new(database).await;
        let with_key = |changes: Value| fixture.create_with(&changes).idempotency_key("k");
        with_key(json!({"sender": {"address": "nobody"}})).send().await.expect_problem(422, "validation_failed");
        with_key(json!({"name": "Korjattu"})).send().await.expect_status(201);
    }
}
