//! Tokens that a portal's service gets for the residents who have signed in to it.

use chrono::{DateTime, TimeDelta, Utc};
use integration_tests::internetviestit::{PATH, add, ids, now, start};
use integration_tests::mailings::{member, text};
use integration_tests::{Call, Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::refused;

fn mint(app: &TestApp, body: &Value) -> Call {
    app.post("/api/v1/resident-tokens").bearer(&token("tokens:mint", &json!({}))).json(body)
}

on_both_databases! {
    async fn a_minted_token_reads_as_its_resident_and_does_nothing_else(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21]})).await;
        let foreign = add(&app, &json!({"osapuoli_idt": [22]})).await;
        let reply = mint(&app, &json!({"party_ids": [21]})).send().await.expect_status(200);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let minted = &reply.json;
        assert_eq!((text(minted, "scope"), member(minted, "party_ids")), ("internetviestit:read".to_owned(), json!([21])));
        let left = text(minted, "expires_at").parse::<DateTime<Utc>>().unwrap() - now();
        assert!(left > TimeDelta::minutes(14) && left <= TimeDelta::minutes(15), "{left}");
        let mine = text(minted, "token");
        assert_eq!(ids(&app, "osapuoli_id=21", &mine).await, [id]);
        app.post(&format!("{PATH}/{id}/luettu")).bearer(&mine).json(&json!({})).send().await.expect_status(204);
        let me = app.get("/api/v1/me").bearer(&mine).send().await.expect_status(200);
        assert_eq!(text(&me.json, "subject"), "party:21");
        for path in [format!("{PATH}/{foreign}"), format!("{PATH}/otsikot?osapuoli_id=22"), PATH.to_owned(), "/api/v1/parties".to_owned()] {
            let status = app.get(&path).bearer(&mine).send().await.status;
            assert!(matches!(status, 403 | 404), "{path}: {status}");
        }
        let again = app.post("/api/v1/resident-tokens").bearer(&mine).json(&json!({"party_ids": [22]})).send().await;
        assert!(matches!(again.status, 403 | 404), "{}", again.text());

        let family = mint(&app, &json!({"party_ids": [21, 22], "subject": "portaali-7", "ttl_seconds": 60})).send().await.expect_status(200).json;
        let left = text(&family, "expires_at").parse::<DateTime<Utc>>().unwrap() - now();
        assert!(left <= TimeDelta::seconds(60), "{left}");
        let both = text(&family, "token");
        assert_eq!((ids(&app, "osapuoli_id=21", &both).await, ids(&app, "osapuoli_id=22", &both).await), (vec![id], vec![foreign]));
        assert_eq!(text(&app.get("/api/v1/me").bearer(&both).send().await.json, "subject"), "portaali-7");
        mint(&app, &json!({"party_ids": [21], "ttl_seconds": 3600, "subject": null})).send().await.expect_status(200);
    }

    async fn no_other_token_is_minted(database: Database) {
        let app = start(database).await;
        let many: Vec<i64> = (1..=21).collect();
        for (body, pointer, code) in [
            (json!({"party_ids": []}), "/party_ids", "out_of_range"),
            (json!({"party_ids": many}), "/party_ids", "out_of_range"),
            (json!({"party_ids": [21, 99]}), "/party_ids/1", "unknown_party"),
            (json!({"party_ids": [21], "ttl_seconds": 59}), "/ttl_seconds", "out_of_range"),
            (json!({"party_ids": [21], "ttl_seconds": 3601}), "/ttl_seconds", "out_of_range"),
            (json!({"party_ids": [21], "subject": ""}), "/subject", "invalid_value"),
            (json!({"party_ids": [21], "subject": "a\nb"}), "/subject", "invalid_value"),
            (json!({"party_ids": [21], "subject": "ä".repeat(101)}), "/subject", "invalid_value"),
            (json!({"party_ids": [21], "scope": "admin"}), "/scope", "unknown_field"),
            (json!({"party_ids": "21"}), "/party_ids", "wrong_type"),
            (json!({}), "/party_ids", "missing_field"),
        ] {
            refused(mint(&app, &body), pointer, code).await;
        }
        let body = json!({"party_ids": [21]});
        mint(&app, &body).anonymous().send().await.expect_problem(401, "missing_token");
        for scopes in ["internetviestit:read internetviestit:write", "register:read"] {
            mint(&app, &body).bearer(&token(scopes, &json!({}))).send().await.expect_problem(403, "missing_scope");
        }
        mint(&app, &body).bearer(&token("admin", &json!({"party_ids": [21]}))).send().await.expect_problem(404, "not_found");
        mint(&app, &body).bearer(&token("admin", &json!({}))).send().await.expect_status(200);
    }
}
