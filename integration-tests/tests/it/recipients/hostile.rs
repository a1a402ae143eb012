//! Whatever a filter says, it is a value: no call answers by a failure of ours, and none changes anything.

use integration_tests::{Database, TestApp, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use super::{found, register};

const HOSTILE: [&str; 10] = [
    "'; DROP TABLE party; --",
    "x' OR '1'='1",
    "1); DELETE FROM role WHERE (1=1",
    "%_\\",
    "$1 ?1 :name",
    "{{ 7*7 }} ${jndi:ldap://x}",
    "a\u{202e}b\u{feff}",
    "\u{1F4A9}\u{10FFFF}",
    "nul\u{0}",
    "/* x */ UNION SELECT 1",
];

/// The filter with this string in the place of every `?`.
fn with(filter: &Value, hostile: &str) -> Value {
    let quoted = serde_json::to_string(hostile).unwrap();
    serde_json::from_str(&filter.to_string().replace("\"?\"", &quoted)).unwrap()
}

on_both_databases! {
    async fn hostile_strings_are_values_in_every_place_of_a_filter(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        app.put("/api/v1/attributes/party/class").json(&json!({"type": "string"})).send().await.expect_status(201);
        let mut filters = vec![
            json!({"text": "?"}),
            json!({"role": {"codes": ["?"], "on": "today"}}),
            json!({"role": {"codes": ["resident"], "on": "?"}}),
            json!({"party_ids": ["?"]}),
            json!({"?": "?"}),
            json!({"contract": {"field": "?", "op": "eq", "value": "a"}}),
            json!({"contract": {"field": "kind", "op": "?", "value": "a"}}),
            json!({"contract": {"field": "valid_to", "op": "lt", "value": "?"}}),
            json!({"contract": {"field": "kind", "op": "in", "values": ["a", "?"]}}),
        ];
        for (key, field) in [("party", "name"), ("party", "phone"), ("party", "attributes.class"), ("property", "code")] {
            for op in ["eq", "contains", "starts_with", "?"] {
                filters.push(json!({key: {"field": field, "op": op, "value": "?"}}));
            }
            filters.push(json!({key: {"field": "?", "op": "eq", "value": "a"}}));
            filters.push(json!({key: {"field": field, "op": "in", "values": ["a", "?"]}}));
        }
        for hostile in HOSTILE {
            for filter in &filters {
                let filter = with(filter, hostile);
                let body = json!({"channel": "email", "purpose": "service", "explain": true, "filter": {"all": [filter]}});
                for path in ["/api/v1/recipients/search", "/api/v1/recipients/1/explain"] {
                    let body = if path.ends_with("explain") { json!({"filter": body["filter"]}) } else { body.clone() };
                    let reply = app.post(path).json(&body).send().await;
                    assert!(reply.status == 200 || reply.status == 422, "{path} {filter}: {} {}", reply.status, reply.text());
                }
            }
            let escaped: String = hostile.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for path in [
                format!("/api/v1/recipients/values?condition=party&field=city&prefix={escaped}"),
                format!("/api/v1/recipients/values?condition={escaped}&field={escaped}"),
                format!("/api/v1/attributes/party/{escaped}"),
                format!("/api/v1/attributes/{escaped}/class"),
            ] {
                let reply = app.call(Method::GET, &path).send().await;
                assert!([200, 400, 404].contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
            }
        }
        // Everything is as it was.
        assert_eq!(found(&app, &json!({"role": {"codes": ["resident"]}})).await, [json!(1), json!(2), json!(3)]);
    }
}
