//! Recipients over HTTP: the customer's own fields, contracts, explanations, and what there is to choose from.

use integration_tests::mailings::{list, text};
use integration_tests::register::{Register, Row, person};
use integration_tests::{Reply, TestApp};
use serde_json::{Value, json};

mod attributes;
mod choices;
mod explained;
mod hostile;
mod paging;

/// ```text
/// 1 As Oy Koivu (company) ── 11 A 1, 12 A 2 (units)      2 As Oy Mänty (company) ── 21 B 1 (unit)
/// ```
///
/// | id | party | roles |
/// |---|---|---|
/// | 1 | Aalto Aino, Helsinki | resident of 11, tenancy 100 |
/// | 2 | Berg Bo, Espoo | resident of 21, owner of 11 |
/// | 3 | Dahl Dan, Helsinki, **protected** | resident of 12 |
/// | 4 | Eklund Eva, Helsinki, **archived** | resident of 11 |
fn register() -> Register {
    let mut register = Register::of([
        person(1, "Aalto Aino").with("city", "Helsinki").with("attributes", r#"{"class": "Å", "debt": 12.5}"#),
        person(2, "Berg Bo").with("city", "Espoo").with("email", "").with("attributes", r#"{"class": "B"}"#),
        person(3, "Dahl Dan").with("city", "Helsinki").with("address_protected", "true"),
        person(4, "Eklund Eva").with("city", "Helsingborg").with("archived", "true"),
    ])
    .property(1, None, "company", "As Oy Koivu")
    .property(2, None, "company", "As Oy Mänty")
    .property(11, Some(1), "unit", "A 1")
    .property(12, Some(1), "unit", "A 2")
    .property(21, Some(2), "unit", "B 1");
    let roles = [(1, 11, "resident"), (2, 21, "resident"), (2, 11, "owner"), (3, 12, "resident"), (4, 11, "resident")];
    for (party_id, property_id, role) in roles {
        register = register.role(party_id, property_id, role);
    }
    let contract = Row::default().with("contract_id", 100).with("party_id", 1).with("property_id", 11);
    register.contracts.push(contract.with("kind", "tenancy").with("language", "sv").with("valid_from", "2024-01-01"));
    register
}

fn resident() -> Value {
    json!({"role": {"codes": ["resident"]}})
}

fn below(property_id: &str) -> Value {
    json!({"property": {"field": "property_id", "op": "eq", "value": property_id}})
}

fn of_party(field: &str, op: &str, value: &str) -> Value {
    json!({"party": {"field": field, "op": op, "value": value}})
}

async fn search(app: &TestApp, filter: &Value) -> Reply {
    let body = json!({"channel": "email", "purpose": "service", "explain": true, "filter": filter});
    app.post("/api/v1/recipients/search").json(&body).send().await
}

/// The ids of those found.
async fn found(app: &TestApp, filter: &Value) -> Vec<Value> {
    let page = search(app, filter).await.expect_status(200).json;
    list(&page, "items").iter().map(|item| item["party_id"].clone()).collect()
}

/// The pointer and the code of the sole fault of a refused request.
fn fault(reply: Reply) -> (String, String) {
    let reply = reply.expect_problem(422, "validation_failed");
    let errors = list(&reply.json, "errors");
    assert_eq!(errors.len(), 1, "{}", reply.text());
    (text(&errors[0], "pointer"), text(&errors[0], "code"))
}
