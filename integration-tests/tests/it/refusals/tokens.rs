//! Who may not call.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use integration_tests::token::{SECRET, sign};
use integration_tests::{Database, on_both_databases, token};
use serde_json::{Map, Value, json};

use super::{Case, Fixture, to_parties};

/// A token without signature that asks to be believed.
fn unsigned(algorithm: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims =
        json!({"iss": "postitus", "aud": "postitus", "sub": "test", "exp": 4_000_000_000_u32, "scope": "admin"});
    format!("{}.{}.", part(&json!({"alg": algorithm, "typ": "JWT"})), part(&claims))
}

fn signed_by(secret: &str) -> String {
    let claims =
        json!({"iss": "postitus", "aud": "postitus", "sub": "test", "exp": 4_000_000_000_u32, "scope": "admin"});
    sign(&claims.as_object().cloned().unwrap_or_else(Map::new), secret)
}

on_both_databases! {
    async fn nobody_without_a_right_token_changes_anything(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        let call = || app.post("/api/v1/mailings").json(&to_parties(&[1]));
        let with = |overrides: Value| call().bearer(&token("admin", &overrides));
        let invalid = |name, call| Case::new(name, call, 401, "invalid_token");
        app.get("/api/v1/parties").bearer(&signed_by(SECRET)).send().await.expect_status(200);
        let mut tampered = token("mailings:read", &json!({}));
        tampered.insert(tampered.len() - 5, 'A');
        let reader = token("mailings:read register:read recipients:search contacts:read", &json!({}));
        let writer = token("mailings:write", &json!({}));
        let resident = token("mailings:write mailings:read", &json!({"party_ids": [1]}));
        fixture.expect_refused(vec![
            Case::new("no token", call().anonymous(), 401, "missing_token"),
            Case::new("another scheme", call().header("authorization", "Basic dGVzdDp0ZXN0"), 401, "missing_token"),
            Case::new("an expired token", with(json!({"exp": 1_000_000_000})), 401, "expired_token"),
            invalid("without aud", with(json!({"aud": null}))),
            invalid("for another audience", with(json!({"aud": "muu"}))),
            invalid("without iss", with(json!({"iss": null}))),
            invalid("of another issuer", with(json!({"iss": "muu"}))),
            invalid("without exp", with(json!({"exp": null}))),
            invalid("without sub", with(json!({"sub": null}))),
            invalid("exp is a text", with(json!({"exp": "soon"}))),
            invalid("alg none", call().bearer(&unsigned("none"))),
            invalid("alg None", call().bearer(&unsigned("None"))),
            invalid("HS256 without a signature", call().bearer(&unsigned("HS256"))),
            invalid("of another secret", call().bearer(&signed_by("another secret, long enough for HS256 too"))),
            invalid("tampered with", call().bearer(&tampered)),
            invalid("rubbish", call().bearer("not.a.token")),
            invalid("very long", call().bearer(&"a".repeat(10_000))),
            Case::new("without the scope to write", call().bearer(&reader), 403, "missing_scope").says(&["mailings:write"]),
            Case::new(
                "without the scope to send",
                fixture.send(&fixture.sendable, &fixture.approval).bearer(&writer),
                403,
                "missing_scope",
            )
            .says(&["mailings:send"]),
            Case::new("without the scope to read", app.get("/api/v1/parties").bearer(&writer), 403, "missing_scope"),
            Case::new("no scope at all", call().bearer(&token("", &json!({}))), 403, "missing_scope"),
            Case::new("a resident", call().bearer(&resident), 404, "not_found"),
        ])
        .await;
        let refused = call().anonymous().send().await;
        assert_eq!(refused.header("www-authenticate").map(|value| value.starts_with("Bearer")), Some(true));
        super::expect_sendable(&fixture).await;
    }
}
