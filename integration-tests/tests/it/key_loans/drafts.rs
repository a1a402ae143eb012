//! From ticked rows to a draft: the template of the occasion, one message a recipient, and what is told when rows are done
//! meanwhile.

use chrono::TimeDelta;
use integration_tests::mailings::{
    SENDER, approval, deliveries, list, member, number, preview, send, text, wait_until,
};
use integration_tests::templates::{added, folder, template, version};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use serde_json::{Value, json};
use std::time::Duration;

use super::{from_now, loan};

const LIMIT: Duration = Duration::from_secs(30);
const LOOP: &str =
    "Hei {{ recipient.first_name }}!\n{% for loan in loans %}{{ loan.key }} ({{ loan.days_late }} pv)\n{% endfor %}";

/// A register with two late loans of Aino, one of Bo and one of Cecilia; their ids.
async fn lent(database: Database) -> (TestApp, Vec<String>) {
    let mut app = super::app(database).await;
    let scopes = "register:read register:write mailings:read mailings:write mailings:send templates:write";
    app.use_token(&token(scopes, &json!({})));
    let mut ids = Vec::new();
    for (party, key, days) in [(1, "A 17", -3), (1, "B 2", -1), (2, "C 3", -2), (3, "D 4", -2)] {
        let body = loan(party, key, TimeDelta::days(days));
        ids.push(text(&app.post("/api/v1/key-loans").json(&body).send().await.expect_status(201).json, "loan_id"));
    }
    (app, ids)
}

async fn bound(app: &TestApp, channel: &str, versions: &[Value]) -> Value {
    let folder = folder(app, channel, "Avaimet").await;
    let occasion = json!({"name": "Palauta avain", "occasion": {"kind": "overdue_key_loan"}});
    added(app, &template(&folder, versions, &occasion)).await
}

async fn drafted(app: &TestApp, ids: &[String], channel: &str) -> Reply {
    let body = json!({"ids": ids, "channel": channel});
    app.post("/api/v1/key-loan-mailing-drafts").json(&body).send().await
}

fn sample_of(preview: &Value, party_id: i64) -> Value {
    let samples = list(preview, "samples");
    samples.into_iter().find(|sample| member(sample, "party_id") == json!(party_id)).unwrap_or_default()
}

async fn give_back(app: &TestApp, id: &str) {
    let path = format!("/api/v1/key-loans/{id}");
    let etag = app.get(&path).send().await.expect_status(200).etag();
    let patch = json!({"returned_at": from_now(TimeDelta::zero())});
    app.patch(&path).if_match(&etag).json(&patch).send().await.expect_status(200);
}

on_both_databases! {
    async fn one_recipient_with_two_loans_gets_one_message_that_lists_both(database: Database) {
        let (app, ids) = lent(database).await;
        let versions = [version("fi", "Avaimet {{ loan.key }}", LOOP), version("sv", "Nycklar", "Hej! {{ loan.key }} {{ loan.count }}")];
        let kept = bound(&app, "email", &versions).await;
        let made = drafted(&app, &ids, "email").await.expect_status(201);
        let draft = made.json.clone();
        let id = text(&draft, "mailing_id");
        assert_eq!(made.header("location"), Some(format!("/api/v1/mailings/{id}").as_str()));
        assert_eq!((text(&draft, "name"), member(&draft, "about")), ("Palauta avain".to_owned(), json!({"occasion": "overdue_key_loan", "ids": ids})));
        assert_eq!(draft.pointer("/recipients/party_ids"), Some(&json!([1, 2, 3])));
        assert_eq!(draft.pointer("/origin/kind"), Some(&json!("key_loans")));
        assert_eq!(list(&draft, "contents").len(), 2);
        assert!(text(&kept, "template_id").len() == 36);

        let seen = preview(&app, &id, 10).await;
        let aino = sample_of(&seen, 1);
        assert_eq!(text(&aino, "subject"), "Avaimet A 17, B 2");
        assert_eq!(text(&aino, "text").trim(), "Hei Aino!\nA 17 (3 pv)\nB 2 (1 pv)");
        assert_eq!(text(&sample_of(&seen, 2), "text").trim(), "Hej! C 3 1");
        assert!(sample_of(&seen, 3).is_null(), "whoever may not see protected parties is not shown their messages");
        assert_eq!((number(&member(&seen, "counts"), "eligible"), member(&seen, "rows_left_out")), (3, json!([])));

        // What the draft says is kept through a change, and sent as it was seen.
        let path = format!("/api/v1/mailings/{id}");
        let patch = json!({"sender": {"address": SENDER}});
        let changed = app.patch(&path).if_match(&made.etag()).json(&patch).send().await.expect_status(200).json;
        assert_eq!(member(&changed, "about"), member(&draft, "about"));
        let seen = preview(&app, &id, 0).await;
        send(&app, &id, &approval(&seen), "once").await.expect_status(202);
        wait_until(&app, &id, LIMIT, |mailing| text(mailing, "status") == "finished").await;
        give_back(&app, &ids[0]).await;
        let rows = deliveries(&app, &id, Some("sent")).await;
        let row = rows.iter().find(|row| member(row, "party_id") == json!(1)).unwrap();
        let message = app.get(&format!("{path}/deliveries/{}/message", number(row, "row_no"))).send().await;
        if message.status == 200 {
            assert!(message.text().contains("A 17 (3 pv)"), "{}", message.text());
        }
    }

    async fn rows_that_are_done_meanwhile_are_told_and_nobody_is_reminded_of_them(database: Database) {
        let (app, ids) = lent(database).await;
        bound(&app, "email", &[version("fi", "Avaimet", "Palauta {{ loan.key }}"), version("sv", "Nycklar", "{{ loan.key }}")]).await;
        let made = drafted(&app, &ids[..3], "email").await.expect_status(201);
        let id = text(&made.json, "mailing_id");
        let patch = json!({"sender": {"address": SENDER}});
        app.patch(&format!("/api/v1/mailings/{id}")).if_match(&made.etag()).json(&patch).send().await.expect_status(200);
        let before = preview(&app, &id, 10).await;
        give_back(&app, &ids[0]).await;
        let path = format!("/api/v1/key-loans/{}", ids[2]);
        let etag = app.get(&path).send().await.expect_status(200).etag();
        let put_off = json!({"due_at": from_now(TimeDelta::days(3))});
        app.patch(&path).if_match(&etag).json(&put_off).send().await.expect_status(200);
        send(&app, &id, &approval(&before), "k").await.expect_problem(409, "recipients_changed");

        let after = preview(&app, &id, 10).await;
        let left_out = json!([{"id": ids[0], "code": "returned"}, {"id": ids[2], "code": "not_overdue"}]);
        assert_eq!(member(&after, "rows_left_out"), left_out);
        assert_eq!(text(&sample_of(&after, 1), "text"), "Palauta B 2");
        assert_eq!(after.pointer("/counts/excluded"), Some(&json!([{"reason": "nothing_due", "count": 1}])));
    }

    async fn text_messages_are_composed_and_previewed_with_their_parts_and_not_sent(database: Database) {
        let (app, ids) = lent(database).await;
        let long = format!("{{{{ loan.key }}}} {}", "ä".repeat(160));
        let folder = folder(&app, "sms", "Avaimet").await;
        let versions = [json!({"language": "fi", "body": long})];
        let occasion = json!({"name": "Palauta avain", "occasion": {"kind": "overdue_key_loan"}});
        added(&app, &template(&folder, &versions, &occasion)).await;
        let made = drafted(&app, &ids[..3], "sms").await.expect_status(201);
        let id = text(&made.json, "mailing_id");
        let seen = preview(&app, &id, 10).await;
        let aino = sample_of(&seen, 1);
        assert_eq!((text(&aino, "address"), member(&aino, "html")), ("+358401234567".to_owned(), Value::Null));
        assert_eq!(member(&aino, "sms"), json!({"encoding": "gsm7", "units": 170, "segments": 2}));
        assert_eq!(number(&member(&seen, "counts"), "sms_segments"), 2);
        assert_eq!(seen.pointer("/counts/excluded"), Some(&json!([{"reason": "no_mobile_number", "count": 1}])));
        let refused = send(&app, &id, &approval(&seen), "k").await.expect_problem(422, "validation_failed");
        let codes: Vec<_> = list(&refused.json, "errors").iter().map(|error| text(error, "code")).collect();
        assert_eq!(codes, ["channel_not_enabled"]);
    }

    async fn inspections_are_reminded_of_alike_and_without_a_template_by_hand(database: Database) {
        let (app, _) = lent(database).await;
        let link = "https://asukas.example.fi/t/1";
        let body = json!({"party_id": 1, "property_id": 11, "deadline": "2030-11-30T21:59:00Z", "link": link});
        let made = app.post("/api/v1/move-in-inspections").json(&body).send().await.expect_status(201).json;
        let path = "/api/v1/move-in-inspection-mailing-drafts";
        let ask = json!({"ids": [text(&made, "inspection_id")], "channel": "email"});
        let draft = app.post(path).idempotency_key("k").json(&ask).send().await.expect_status(201);
        let again = app.post(path).idempotency_key("k").json(&ask).send().await.expect_status(201);
        assert_eq!(again.json, draft.json);
        assert_eq!((member(&draft.json, "contents"), text(&draft.json, "name")), (json!([]), "Move-in inspections due".to_owned()));
        let id = text(&draft.json, "mailing_id");
        let words = "{{ inspection.deadline }} {{ inspection.property }} {{ inspection.link }}";
        let content = json!([{"channel": "email", "language": "fi", "subject": "Tarkastus", "body": words}]);
        let change = async |contents: Value| {
            app.patch(&format!("/api/v1/mailings/{id}")).if_match(&draft.etag()).json(&json!({"contents": contents})).send().await
        };
        let mut wrong = content.clone();
        wrong[0]["body"] = json!("{{ loan.key }}");
        change(wrong).await.expect_problem(422, "validation_failed");
        change(content).await.expect_status(200);
        let seen = preview(&app, &id, 1).await;
        assert_eq!(text(&sample_of(&seen, 1), "text"), format!("30.11.2030 klo 23.59 A 1 {link}"));
    }

    async fn rows_channels_and_templates_that_do_not_fit_are_refused(database: Database) {
        let (app, ids) = lent(database).await;
        let kept = bound(&app, "sms", &[json!({"language": "fi", "body": "Palauta {{ loan.key }}"})]).await;
        let template = text(&kept, "template_id");
        let nobody = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";
        for (body, pointer) in [
            (json!({"ids": [], "channel": "email"}), "/ids"),
            (json!({"ids": vec![nobody; 1001], "channel": "email"}), "/ids"),
            (json!({"ids": [ids[0], nobody], "channel": "email"}), "/ids/1"),
            (json!({"ids": [ids[0], ids[0]], "channel": "email"}), "/ids/1"),
            (json!({"ids": ["7"], "channel": "email"}), "/ids/0"),
            (json!({"ids": [ids[0]], "channel": "letter"}), "/channel"),
            (json!({"ids": [ids[0]], "channel": "fax"}), "/channel"),
            (json!({"ids": [ids[0]], "channel": "email", "template_id": nobody}), "/template_id"),
            (json!({"ids": [ids[0]], "channel": "email", "template_id": template}), "/template_id"),
            (json!({"ids": [ids[0]]}), "/channel"),
        ] {
            let refused = app.post("/api/v1/key-loan-mailing-drafts").json(&body).send().await.expect_problem(422, "validation_failed");
            assert_eq!(text(&list(&refused.json, "errors")[0], "pointer"), pointer, "{body}");
        }
        let inspection = json!({"ids": [ids[0]], "channel": "email"});
        app.post("/api/v1/move-in-inspection-mailing-drafts").json(&inspection).send().await.expect_problem(422, "validation_failed");
        let page = app.get("/api/v1/mailings?origin_kind=key_loans").send().await.expect_status(200).json;
        assert!(list(&page, "items").is_empty());
        assert!(drafted(&app, &ids, "sms").await.status == 201);
        let page = app.get("/api/v1/mailings?origin_kind=key_loans").send().await.expect_status(200).json;
        assert_eq!(list(&page, "items").len(), 1);
    }
}
