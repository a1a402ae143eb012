//! Drafts: made, read, changed, listed, deleted; and what cannot be done to them once they are sent.

use std::time::Duration;

use integration_tests::mailings::{
    SENDER, all_pages, content, create, finished, frozen, list, mailing, member, send_out, text, with,
};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{app, to_parties};

const LIMIT: Duration = Duration::from_secs(30);

on_both_databases! {
    async fn a_draft_begins_with_a_name_and_a_purpose(database: Database) {
        let app = TestApp::start(database).await;
        let body = json!({"name": " Vesikatko ", "purpose": "service"});
        let made = app.post("/api/v1/mailings").json(&body).send().await.expect_status(201);
        let id = text(&made.json, "mailing_id");
        assert_eq!(made.header("location"), Some(format!("/api/v1/mailings/{id}").as_str()));
        assert_eq!(made.etag(), "\"1\"");
        for (name, value) in [
            ("status", json!("draft")),
            ("version", json!(1)),
            ("name", json!("Vesikatko")),
            ("purpose", json!("service")),
            ("contents", json!([])),
            ("missing_language", json!("refuse")),
            ("dedupe", json!("address")),
            ("unknown_outcome", json!("resend")),
            ("recipients_hash", Value::Null),
            ("created_by", json!("test")),
            ("sent_at", Value::Null),
            ("finished_at", Value::Null),
        ] {
            assert_eq!(member(&made.json, name), value, "{name}");
        }
        assert_eq!(frozen(&made.json), 0);

        let path = format!("/api/v1/mailings/{id}");
        let read = app.get(&path).send().await.expect_status(200);
        assert_eq!((read.etag(), read.json), (made.etag(), made.json));
        let unchanged = app.get(&path).header("if-none-match", "\"1\"").send().await.expect_status(304);
        assert!(unchanged.body.is_empty());
        app.get(&path).header("if-none-match", "\"7\"").send().await.expect_status(200);
    }

    async fn a_patch_merges_what_it_names_and_leaves_the_rest(database: Database) {
        let app = TestApp::start(database).await;
        let id = create(&app, &to_parties(&[1])).await;
        let path = format!("/api/v1/mailings/{id}");
        let before = mailing(&app, &id).await;

        let renamed = app.patch(&path).if_match("\"1\"").json(&json!({"name": "Toinen"})).send().await.expect_status(200);
        assert_eq!(renamed.etag(), "\"2\"");
        let expected = with(before.clone(), &json!({
            "name": "Toinen", "version": 2, "updated_at": member(&renamed.json, "updated_at"),
        }));
        assert_eq!(renamed.json, expected, "the name is not part of the content");

        let body = json!({"sender": {"address": "toinen@isannointi.example"}, "fallback_language": "sv"});
        let changed = app.patch(&path).if_match("\"2\"").json(&body).send().await.expect_status(200).json;
        let sender = member(&changed, "sender");
        assert_eq!(member(&sender, "address"), "toinen@isannointi.example");
        assert_eq!(member(&sender, "name"), "Isännöinti Oy", "objects are merged (RFC 7396)");
        assert_eq!(member(&changed, "fallback_language"), "sv");
        assert_eq!(member(&changed, "contents"), member(&before, "contents"));
        assert_ne!(member(&changed, "content_hash"), member(&before, "content_hash"));

        let body = json!({"sender": {"name": null, "address": SENDER}, "fallback_language": null});
        let nameless = app.patch(&path).if_match("\"3\"").json(&body).send().await.expect_status(200).json;
        assert_eq!(nameless.pointer("/sender/name"), Some(&Value::Null), "null takes a value away");
        let body = json!({"sender": {"name": "Isännöinti Oy"}, "recipients": {"party_ids": [1]}});
        let back = app.patch(&path).if_match("\"4\"").json(&body).send().await.expect_status(200).json;
        assert_eq!(member(&back, "fallback_language"), Value::Null);
        assert_eq!(member(&back, "content_hash"), member(&before, "content_hash"), "as it was");
        assert_eq!(mailing(&app, &id).await, back);

        // A filter has one key: it is replaced, not merged with the one before; lists are replaced too.
        for filter in [json!({"text": "koivu"}), json!({"party_ids": [2]})] {
            let etag = app.get(&path).send().await.etag();
            let body = json!({"recipients": {"filter": filter}, "contents": [content("sv", "Ämne", "Hej")]});
            let changed = app.patch(&path).if_match(&etag).json(&body).send().await.expect_status(200).json;
            let kept = changed.pointer("/recipients/filter").unwrap().as_object().unwrap();
            let set: Vec<_> = kept.iter().filter(|(_, value)| !value.is_null()).collect();
            assert_eq!(set.len(), 1, "{kept:?}");
            assert_eq!(list(&changed, "contents").len(), 1);
        }
    }

    async fn drafts_are_listed_newest_first_by_status_and_in_pages(database: Database) {
        let (app, _smtp) = app(database).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.insert(0, create(&app, &to_parties(&[1])).await);
        }
        let (sent, _) = send_out(&app, &to_parties(&[1])).await;
        finished(&app, &sent, LIMIT).await;

        let listed = all_pages(&app, "/api/v1/mailings?status=draft").await;
        let listed_ids: Vec<String> = listed.iter().map(|item| text(item, "mailing_id")).collect();
        assert_eq!(listed_ids, ids);
        assert_eq!(text(&listed[0], "etag"), "\"1\"");
        let done = all_pages(&app, "/api/v1/mailings?status=finished").await;
        assert_eq!(done.iter().map(|item| text(item, "mailing_id")).collect::<Vec<_>>(), std::slice::from_ref(&sent));
        assert_eq!(done[0].pointer("/progress/sent"), Some(&json!(1)));

        let mut paged = Vec::new();
        let mut query = "limit=1".to_owned();
        loop {
            let page = app.get(&format!("/api/v1/mailings?{query}")).send().await.expect_status(200).json;
            let items = list(&page, "items");
            assert!(items.len() <= 1);
            paged.extend(items.iter().map(|item| text(item, "mailing_id")));
            match member(&page, "next_cursor") {
                Value::String(cursor) => query = format!("limit=1&cursor={cursor}"),
                _ => break,
            }
        }
        ids.insert(0, sent);
        assert_eq!(paged, ids);
    }

    async fn a_draft_can_be_deleted_once(database: Database) {
        let app = TestApp::start(database).await;
        let id = create(&app, &to_parties(&[1])).await;
        let path = format!("/api/v1/mailings/{id}");
        let gone = app.delete(&path).if_match("\"1\"").send().await.expect_status(204);
        assert!(gone.body.is_empty());
        app.get(&path).send().await.expect_problem(404, "not_found");
        app.delete(&path).if_match("\"1\"").send().await.expect_problem(404, "not_found");
        assert_eq!(all_pages(&app, "/api/v1/mailings?status=draft").await, Vec::<Value>::new());
    }

    async fn what_is_sent_can_neither_be_changed_nor_deleted_nor_sent_again(database: Database) {
        let (app, smtp) = app(database).await;
        let (id, shown) = send_out(&app, &to_parties(&[1])).await;
        let done = finished(&app, &id, LIMIT).await;
        let path = format!("/api/v1/mailings/{id}");
        let etag = app.get(&path).send().await.etag();
        let change = json!({"contents": [content("fi", "x", "y")]});
        app.patch(&path).if_match(&etag).json(&change).send().await.expect_problem(409, "mailing_not_draft");
        app.delete(&path).if_match(&etag).send().await.expect_problem(409, "mailing_not_draft");
        let approval = integration_tests::mailings::approval(&shown);
        let again = integration_tests::mailings::send(&app, &id, &approval, "another").await;
        again.expect_problem(409, "mailing_not_draft");
        assert_eq!(mailing(&app, &id).await, done);
        assert_eq!(smtp.count(), 1);
    }

    async fn making_a_draft_twice_with_one_key_makes_one(database: Database) {
        let app = TestApp::start(database).await;
        let call = || app.post("/api/v1/mailings").idempotency_key("k-1").json(&to_parties(&[1])).send();
        let first = call().await.expect_status(201);
        let second = call().await.expect_status(201);
        assert_eq!(first.header("idempotent-replayed"), None);
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
        assert_eq!((second.json.clone(), second.etag()), (first.json.clone(), first.etag()));
        assert_eq!(second.header("location"), first.header("location"));
        assert_eq!(all_pages(&app, "/api/v1/mailings?status=draft").await.len(), 1);
    }
}
