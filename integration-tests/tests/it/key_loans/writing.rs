//! Loans and inspections made, put, changed and deleted one by one.

use chrono::TimeDelta;
use integration_tests::mailings::{list, member, text};
use integration_tests::{Database, Reply, on_both_databases, token};
use serde_json::{Value, json};

use super::{app, from_now, get, loan};

/// The sole fault of a 422: its pointer and code.
fn fault(reply: Reply) -> (String, String) {
    let reply = reply.expect_problem(422, "validation_failed");
    let errors = list(&reply.json, "errors");
    assert_eq!(errors.len(), 1, "{}", reply.text());
    (text(&errors[0], "pointer"), text(&errors[0], "code"))
}

on_both_databases! {
    async fn a_loan_is_made_marked_as_returned_and_deleted(database: Database) {
        let app = app(database).await;
        let body = loan(1, " A 17 ", TimeDelta::days(-2));
        let post = || app.post("/api/v1/key-loans").idempotency_key("k1").json(&body);
        let made = post().send().await.expect_status(201);
        let id = text(&made.json, "loan_id");
        let path = format!("/api/v1/key-loans/{id}");
        assert_eq!(made.header("location"), Some(path.as_str()));
        assert_eq!((text(&made.json, "key_code"), member(&made.json, "erp_loan_id")), ("A 17".to_owned(), Value::Null));
        let again = post().send().await.expect_status(201);
        assert_eq!((again.header("idempotent-replayed"), &again.json), (Some("true"), &made.json));
        let read = app.get(&path).send().await.expect_status(200);
        assert_eq!((read.etag(), &read.json), (made.etag(), &made.json));
        app.get(&path).header("if-none-match", &read.etag()).send().await.expect_status(304);

        let patch = json!({"returned_at": from_now(TimeDelta::zero())});
        app.patch(&path).json(&patch).send().await.expect_problem(428, "if_match_required");
        app.patch(&path).if_match("\"x\"").json(&patch).send().await.expect_problem(412, "stale_version");
        let returned = app.patch(&path).if_match(&read.etag()).json(&patch).send().await.expect_status(200);
        assert_eq!(member(&returned.json, "returned_at"), member(&patch, "returned_at"));
        app.delete(&path).if_match(&read.etag()).send().await.expect_problem(412, "stale_version");
        app.delete(&path).if_match(&returned.etag()).send().await.expect_status(204);
        app.get(&path).send().await.expect_problem(404, "not_found");
    }

    async fn what_the_erp_puts_yields_to_what_is_set_here_until_it_says_something_new(database: Database) {
        let app = app(database).await;
        let body = loan(1, "A 17", TimeDelta::days(-2));
        let put = async |body: &Value| app.put("/api/v1/key-loans/by-erp-id/L%2F1").json(body).send().await;
        let made = put(&body).await.expect_status(201);
        let path = made.header("location").unwrap().to_owned();
        assert_eq!(text(&made.json, "erp_loan_id"), "L/1");
        let returned = json!({"returned_at": from_now(TimeDelta::days(-1))});
        app.patch(&path).if_match(&made.etag()).json(&returned).send().await.expect_status(200);
        let same = put(&body).await.expect_status(200).json;
        assert_eq!(member(&same, "returned_at"), member(&returned, "returned_at"), "the ERP does not know yet");
        let mut anew = body.clone();
        anew["returned_at"] = json!(from_now(TimeDelta::zero()));
        let now = put(&anew).await.expect_status(200).json;
        assert_eq!((member(&now, "returned_at"), text(&now, "loan_id")), (member(&anew, "returned_at"), text(&made.json, "loan_id")));
        let conflicts = list(&get(&app, "/register-conflicts?kind=key_loan").await, "items");
        assert_eq!(conflicts.len(), 1);
        assert_eq!((text(&conflicts[0], "field"), text(&conflicts[0], "item_id")), ("returned_at".to_owned(), text(&now, "loan_id")));
    }

    async fn an_inspection_is_put_answered_and_refused_when_it_makes_no_sense(database: Database) {
        let app = app(database).await;
        let link = "https://asukas.example.fi/tarkastus/1?a=b#c";
        let body = json!({"party_id": 2, "property_id": 11, "deadline": "2026-11-30T23:59:59.123456789+02:00", "link": link});
        let made = app.put("/api/v1/move-in-inspections/by-erp-id/T1").json(&body).send().await.expect_status(201);
        assert_eq!(text(&made.json, "deadline"), "2026-11-30T21:59:59.123456Z");
        assert_eq!(text(&made.json, "link"), link);
        let path = made.header("location").unwrap().to_owned();
        let patch = json!({"answered_at": "2026-11-22T10:00:00Z", "link": null});
        let answered = app.patch(&path).if_match(&made.etag()).json(&patch).send().await.expect_status(200);
        assert_eq!((text(&answered.json, "answered_at"), member(&answered.json, "link")), ("2026-11-22T10:00:00Z".to_owned(), Value::Null));
        for (change, pointer, code) in [
            (json!({"party_id": 99}), "/party_id", "unknown_reference"),
            (json!({"property_id": 99}), "/property_id", "unknown_reference"),
            (json!({"property_id": null}), "/property_id", "invalid_type"),
            (json!({"deadline": "2026-11-30"}), "/deadline", "invalid_value"),
            (json!({"deadline": ""}), "/deadline", "invalid_value"),
            (json!({"answered_at": ""}), "/answered_at", "invalid_value"),
            (json!({"link": "javascript:alert(1)"}), "/link", "invalid_value"),
            (json!({"linkki": "x"}), "/linkki", "unknown_field"),
        ] {
            let mut wrong = body.clone();
            wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let reply = app.put("/api/v1/move-in-inspections/by-erp-id/T1").json(&wrong).send().await;
            assert_eq!(fault(reply).0, pointer, "{change} {code}");
        }
        let still = app.get(&path).send().await.expect_status(200);
        assert_eq!(still.json, answered.json);
    }

    async fn a_loan_that_makes_no_sense_is_refused_and_changes_nothing(database: Database) {
        let app = app(database).await;
        let good = loan(1, "A 17", TimeDelta::days(1));
        for (change, pointer) in [
            (json!({"party_id": 99}), "/party_id"),
            (json!({"property_id": 99}), "/property_id"),
            (json!({"key_code": " "}), "/key_code"),
            (json!({"due_at": "tomorrow"}), "/due_at"),
            (json!({"due_at": "2026-11-22T16:00:00"}), "/due_at"),
            (json!({"lent_at": from_now(TimeDelta::days(2))}), "/due_at"),
            (json!({"returned_at": "2026-02-30T00:00:00Z"}), "/returned_at"),
            (json!({"key": "A"}), "/key"),
        ] {
            let mut wrong = good.clone();
            wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(fault(app.post("/api/v1/key-loans").json(&wrong).send().await).0, pointer, "{change}");
        }
        assert!(list(&get(&app, "/key-loans").await, "items").is_empty());
        for id in ["%20", "a".repeat(129).as_str()] {
            let put = app.put(&format!("/api/v1/key-loans/by-erp-id/{id}")).json(&good).send().await;
            let refused = put.expect_problem(404, "not_found");
            assert!(text(&refused.json, "detail").contains("1 to 128 characters"), "{}", refused.text());
        }
        let made = app.post("/api/v1/key-loans").json(&good).send().await.expect_status(201);
        let path = made.header("location").unwrap();
        let set = async |patch: Value| app.patch(path).if_match(&made.etag()).json(&patch).send().await;
        assert_eq!(fault(set(json!({"party_id": 2})).await), ("/party_id".to_owned(), "unknown_field".to_owned()));
        assert_eq!(fault(set(json!({"due_at": null})).await).0, "/due_at");
        app.delete("/api/v1/properties/11").if_match("*").send().await.expect_problem(409, "property_in_use");
    }

    async fn where_a_protected_party_lives_is_shown_to_those_who_may_see_it(database: Database) {
        let app = app(database).await;
        let made = app.post("/api/v1/key-loans").json(&loan(3, "A 17", TimeDelta::days(-1))).send().await.expect_status(201);
        let hidden = ["property_id", "key_code", "description"];
        assert!(hidden.iter().all(|name| member(&made.json, name).is_null()), "{}", made.text());
        let path = made.header("location").unwrap();
        let seeing = token("register:read parties:protected", &json!({}));
        let seen = app.get(path).bearer(&seeing).send().await.expect_status(200);
        assert_eq!((member(&seen.json, "property_id"), text(&seen.json, "key_code")), (json!(11), "A 17".to_owned()));
        assert_ne!(seen.etag(), made.etag());
        assert!(list(&get(&app, "/key-loans?property_id=11").await, "items").is_empty());
        let all = app.get("/api/v1/key-loans?property_id=11").bearer(&seeing).send().await.expect_status(200).json;
        assert_eq!(text(&list(&all, "items")[0], "property_name"), "A 1");
    }
}
