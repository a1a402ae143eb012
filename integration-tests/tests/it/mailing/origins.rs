//! Drafts handed over by another system, and found again by what they were made for.

use integration_tests::mailings::{all_pages, approval, create, member, preview, send, text, with};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{app, to_parties};

fn handed_over(kind: &str, reference: &str) -> Value {
    with(to_parties(&[1, 2]), &json!({"origin": {"kind": kind, "ref": reference}}))
}

async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let items = all_pages(app, &format!("/api/v1/mailings?{query}")).await;
    items.iter().map(|item| text(item, "mailing_id")).collect()
}

on_both_databases! {
    async fn any_caller_hands_a_draft_over_and_finds_it_again(database: Database) {
        let (app, smtp) = app(database).await;
        let erp = token("mailings:write", &json!({"sub": "erp"}));
        let made = app.post("/api/v1/mailings").bearer(&erp).json(&handed_over("erp.work_order", "TT 2026/17 – ä"));
        let made = made.send().await.expect_status(201).json;
        let first = text(&made, "mailing_id");
        assert_eq!(member(&made, "origin"), json!({"kind": "erp.work_order", "ref": "TT 2026/17 – ä"}));
        let second = create(&app, &handed_over("erp.work_order", "2")).await;
        let other = create(&app, &handed_over("key_loans", "2")).await;
        let own = create(&app, &to_parties(&[1])).await;

        let encoded = "origin_kind=erp.work_order&origin_ref=TT%202026/17%20%E2%80%93%20%C3%A4";
        assert_eq!(found(&app, encoded).await, std::slice::from_ref(&first));
        assert_eq!(found(&app, "origin_kind=erp.work_order").await, [second.clone(), first.clone()]);
        assert_eq!(found(&app, "origin_ref=2").await, [other.clone(), second.clone()]);
        assert_eq!(found(&app, "origin_kind=key_loans&origin_ref=2&status=draft").await, std::slice::from_ref(&other));
        assert!(found(&app, "origin_kind=KEY_LOANS").await.is_empty());
        assert_eq!(found(&app, "status=draft").await, [own, other, second, first.clone()]);

        let shown = preview(&app, &first, 0).await;
        send(&app, &first, &approval(&shown), "hand-over").await.expect_status(202);
        let sent = all_pages(&app, &format!("/api/v1/mailings?{encoded}")).await;
        assert_eq!(member(&sent[0], "origin"), member(&made, "origin"), "sent, it is still found");
        smtp.wait_for(2, std::time::Duration::from_secs(30)).await;
    }

    async fn an_origin_is_a_bounded_word_and_line_and_stays(database: Database) {
        let app = TestApp::start(database).await;
        for (origin, pointer) in [
            (json!({"kind": "Key loans", "ref": "1"}), "/origin/kind"),
            (json!({"kind": "", "ref": "1"}), "/origin/kind"),
            (json!({"kind": "a".repeat(51), "ref": "1"}), "/origin/kind"),
            (json!({"kind": "key_loans", "ref": ""}), "/origin/ref"),
            (json!({"kind": "key_loans", "ref": "a\nb"}), "/origin/ref"),
            (json!({"kind": "key_loans", "ref": "x".repeat(201)}), "/origin/ref"),
            (json!({"kind": "key_loans"}), "/origin/ref"),
            (json!({"kind": "key_loans", "ref": "1", "url": "x"}), "/origin/url"),
        ] {
            let draft = with(to_parties(&[1]), &json!({ "origin": origin }));
            let refused = app.post("/api/v1/mailings").json(&draft).send().await.expect_problem(422, "validation_failed");
            let pointers: Vec<Value> = refused.json["errors"].as_array().unwrap().iter().map(|it| it["pointer"].clone()).collect();
            assert_eq!(pointers, [json!(pointer)], "{}", refused.text());
        }
        assert!(found(&app, "status=draft").await.is_empty(), "nothing was made");

        let made = app.post("/api/v1/mailings").json(&handed_over("key_loans", "1")).send().await.expect_status(201);
        let path = format!("/api/v1/mailings/{}", text(&made.json, "mailing_id"));
        let patch = json!({"origin": {"kind": "key_loans", "ref": "2"}});
        app.patch(&path).if_match("*").json(&patch).send().await.expect_problem(422, "validation_failed");
        let renamed = app.patch(&path).if_match("*").json(&json!({"name": "B"})).send().await.expect_status(200).json;
        assert_eq!(member(&renamed, "origin"), json!({"kind": "key_loans", "ref": "1"}));
        assert_eq!(member(&renamed, "content_hash"), member(&made.json, "content_hash"));
        let without = app.post("/api/v1/mailings").json(&to_parties(&[1, 2])).send().await.expect_status(201).json;
        assert!(member(&without, "origin").is_null());
        assert_ne!(member(&without, "content_hash"), member(&made.json, "content_hash"), "it is a field of the draft");
    }
}
