//! A mailing begins with a template in all its languages, and what a mailing says is kept as one.

use std::time::Duration;

use integration_tests::attachments::{id, taken_in};
use integration_tests::mailings::{
    SENDER, approval, content, create, deliveries, draft, finished, list, mailing, member, number, preview, send,
    send_out, text, with,
};
use integration_tests::register::{Register, person};
use integration_tests::templates::{added, changed, folder, read, template, version};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{faults, names};

async fn app(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    let people = [(31, "fi"), (32, "sv"), (33, "en")];
    Register::of(people.map(|(id, language)| person(id, &format!("Person {id}")).with("language", language)))
        .import(&app)
        .await;
    app
}

/// A draft that says nothing yet.
fn empty(template_id: &str) -> Value {
    json!({
        "name": "Vesikatko", "purpose": "service", "recipients": {"party_ids": [31, 32, 33]},
        "sender": {"address": SENDER}, "template_id": template_id,
    })
}

fn template_id(template: &Value) -> String {
    text(template, "template_id")
}

on_both_databases! {
    async fn a_mailing_takes_a_template_with_all_its_languages(database: Database) {
        let app = app(database).await;
        let file = taken_in(&app, "ohje.txt", b"Vesi on poikki.").await;
        let swedish = with(version("sv", "Vatten", "Hej {{ recipient.first_name }}"), &json!({"attachment_ids": [id(&file)]}));
        let versions = [version("fi", "Vesi", "Hei {{ recipient.first_name }}"), swedish];
        let new = added(&app, &template(&folder(&app, "email", "Vesi").await, &versions, &json!({}))).await;
        let mailing_id = create(&app, &empty(&template_id(&new))).await;
        let drafted = mailing(&app, &mailing_id).await;
        assert_eq!(member(&drafted, "template"), json!({"template_id": template_id(&new), "version": 1}));
        assert_eq!(member(&member(&drafted, "delivery"), "channels"), json!(["email"]));
        let languages: Vec<_> = list(&drafted, "contents").iter().map(|one| text(one, "language")).collect();
        assert_eq!(languages, ["fi", "sv"]);
        assert_eq!(list(&drafted, "contents")[1]["attachment_ids"], json!([id(&file)]));

        // A language that the template lacks is lacking, and not served in another by accident.
        let shown = preview(&app, &mailing_id, 1).await;
        assert_eq!(member(&shown, "missing_languages"), json!([{"language": "en", "count": 1}]));

        // The copy is the mailing's own: neither changes the other.
        let path = format!("/api/v1/mailings/{mailing_id}");
        let edited = [content("fi", "Vesi", "Muutettu"), content("sv", "Vatten", "Ändrat"), content("en", "Water", "Changed")];
        let edit = app.patch(&path).if_match("\"1\"").json(&json!({"contents": edited})).send().await.expect_status(200);
        assert_eq!(number(&member(&edit.json, "template"), "version"), 1);
        assert_eq!(read(&app, &new).await, new);
        changed(&app, &new, &json!({"language_versions": [version("fi", "Vesi", "Uusi")]})).await;
        assert_eq!(list(&mailing(&app, &mailing_id).await, "contents")[0]["body"], "Muutettu");

        // Taken again, it brings what it says now, in place of what was there.
        let again = app.patch(&path).if_match("\"2\"").json(&json!({"template_id": template_id(&new)})).send().await.expect_status(200);
        assert_eq!((list(&again.json, "contents").len(), list(&again.json, "contents")[0]["body"].clone()), (1, json!("Uusi")));
        assert_eq!(number(&member(&again.json, "template"), "version"), 2);
        let forgotten = app.patch(&path).if_match("\"3\"").json(&json!({"template_id": null})).send().await.expect_status(200);
        assert_eq!((member(&forgotten.json, "template"), list(&forgotten.json, "contents").len()), (Value::Null, 1));
        let skip = app.patch(&path).if_match("\"4\"").json(&json!({"missing_language": "skip"})).send().await.expect_status(200);
        assert_eq!(skip.etag(), "\"5\"");
        let shown = preview(&app, &mailing_id, 1).await;
        send(&app, &mailing_id, &approval(&shown), "once").await.expect_status(202);
        finished(&app, &mailing_id, Duration::from_secs(30)).await;
        assert_eq!(deliveries(&app, &mailing_id, Some("sent")).await.len(), 1);

        // The template goes; what was sent stays.
        app.delete(&integration_tests::templates::path(&new)).if_match("\"2\"").send().await.expect_status(204);
        assert_eq!(list(&mailing(&app, &mailing_id).await, "contents")[0]["body"], "Uusi");
    }

    async fn a_template_replaces_only_what_is_said_by_its_channel(database: Database) {
        let app = app(database).await;
        let portal = folder(&app, "internetviesti", "Nettiviestit").await;
        let new = added(&app, &template(&portal, &[version("fi", "Vesi", "Portaalissa")], &json!({}))).await;
        let both = with(draft(&json!({"party_ids": [31]}), &[content("fi", "Vesi", "Postissa")]), &json!({
            "delivery": {"mode": "all", "channels": ["email", "internetviesti"]}, "template_id": template_id(&new),
        }));
        let drafted = mailing(&app, &create(&app, &both).await).await;
        let said: Vec<_> = list(&drafted, "contents").iter().map(|one| (text(one, "channel"), text(one, "body"))).collect();
        let expected = [("email", "Postissa"), ("internetviesti", "Portaalissa")];
        assert_eq!(said, expected.map(|(channel, body)| (channel.to_owned(), body.to_owned())));
    }

    async fn a_template_that_a_mailing_cannot_take_is_refused(database: Database) {
        let app = app(database).await;
        let (mail, letters) = (folder(&app, "email", "Avaimet").await, folder(&app, "letter", "Avaimet").await);
        let good = added(&app, &template(&mail, &[version("fi", "a", "b")], &json!({}))).await;
        let loan = json!({"name": "Avain", "occasion": {"kind": "overdue_key_loan"}});
        let loan = added(&app, &template(&mail, &[version("fi", "a", "{{ loan.key }}")], &loan)).await;
        let letter = added(&app, &template(&letters, &[json!({"language": "fi", "body": "Hei"})], &json!({}))).await;
        let unknown = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11".to_owned();
        let both = with(empty(&template_id(&good)), &json!({"contents": [content("fi", "a", "b")]}));
        for (body, pointer, code) in [
            (empty(&unknown), "/template_id", "unknown_template"),
            (empty("7"), "/template_id", "invalid_value"),
            (both, "/contents/0", "content_and_template"),
            (empty(&template_id(&loan)), "/contents/0/body", "merge_field_of_occasion"),
        ] {
            let found = faults(app.post("/api/v1/mailings").json(&body).send().await);
            assert_eq!(found, [(pointer.to_owned(), code.to_owned())], "{body}");
        }
        let found = faults(app.post("/api/v1/mailings").json(&empty(&template_id(&letter))).send().await);
        assert!(found.iter().all(|(_, code)| code == "channel_not_enabled"), "{found:?}");
        let page = app.get("/api/v1/mailings").send().await.expect_status(200).json;
        assert!(list(&page, "items").is_empty());
    }

    async fn what_a_mailing_says_is_kept_as_a_template(database: Database) {
        let app = app(database).await;
        let (mail, portal) = (folder(&app, "email", "Vesi").await, folder(&app, "internetviesti", "Vesi").await);
        let contents = [content("fi", "Vesi", "Hei {{ recipient.name }}"), content("sv", "Vatten", "Hej")];
        let (sent, _) = send_out(&app, &draft(&json!({"party_ids": [31]}), &contents)).await;
        finished(&app, &sent, Duration::from_secs(30)).await;
        // The menu has templates only, never what was sent.
        assert_eq!(names(&app, "").await, [""; 0]);
        let save = |id: &str, body: Value| app.post(&format!("/api/v1/mailings/{id}/save-as-template")).json(&body);
        let body = json!({"folder_id": mail, "name": "Vesikatko"});
        let kept = save(&sent, body.clone()).idempotency_key("keep").send().await.expect_status(201);
        let again = save(&sent, body.clone()).idempotency_key("keep").send().await.expect_status(201);
        assert_eq!((&kept.json, kept.etag()), (&again.json, "\"1\"".to_owned()));
        assert_eq!(names(&app, "?channel=email").await, ["Vesikatko"]);
        let said: Vec<_> = list(&kept.json, "language_versions").iter().map(|one| text(one, "body")).collect();
        assert_eq!(said, ["Hei {{ recipient.name }}", "Hej"]);
        save(&sent, body.clone()).send().await.expect_problem(409, "template_name_taken");

        let unfinished = create(&app, &draft(&json!({}), &[content("fi", "a", "")])).await;
        let mixed = [content("fi", "a", "b"), with(content("sv", "a", "b"), &json!({"format": "html"}))];
        let mixed = create(&app, &draft(&json!({}), &mixed)).await;
        let unknown = json!({"folder_id": "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11", "name": "a"});
        for (id, body, pointer, code) in [
            (&sent, json!({"folder_id": portal, "name": "a"}), "/folder_id", "no_content"),
            (&sent, unknown, "/folder_id", "unknown_folder"),
            (&sent, json!({"folder_id": mail, "name": ""}), "/name", "required"),
            (&unfinished, json!({"folder_id": mail, "name": "a"}), "", "required"),
            (&mixed, json!({"folder_id": mail, "name": "a"}), "", "mixed_formats"),
        ] {
            assert_eq!(faults(save(id, body).send().await), [(pointer.to_owned(), code.to_owned())]);
        }
        let writer = token("mailings:write mailings:read", &json!({}));
        save(&sent, body).bearer(&writer).send().await.expect_problem(403, "missing_scope");
        assert_eq!(names(&app, "").await, ["Vesikatko"]);
    }
}
