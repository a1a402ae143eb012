//! Key loans and move-in inspections: kept, imported, listed when late, and reminded of.

mod drafts;
mod importing;
mod listing;
mod writing;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use integration_tests::internetviestit::now;
use integration_tests::register::{Register, Row, person};
use integration_tests::{Database, TestApp, token};
use serde_json::{Value, json};

/// An instant from now on, as the API writes it.
fn from_now(step: TimeDelta) -> String {
    written(now() + step)
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A home, Aino with e-mail and a mobile phone, Bo without a phone, and Cecilia, whose address is protected.
fn sample() -> Register {
    let people = [
        person(1, "Aino Aalto").with("phone", "040 123 4567").with("language", "fi"),
        person(2, "Bo Berg").with("language", "sv"),
        person(3, "Cecilia Ek").with("phone", "050 765 4321").with("address_protected", true).with("language", "fi"),
    ];
    Register::of(people).property(10, None, "company", "As Oy Koivu").property(11, Some(10), "unit", "A 1")
}

/// A row of `key_loans.csv`.
fn loan_row(id: &str, party_id: i64, key: &str, due: TimeDelta) -> Row {
    let row = Row::default().with("loan_id", id).with("party_id", party_id).with("property_id", 11);
    row.with("key_code", key).with("due_at", from_now(due))
}

/// What a PUT of a loan says.
fn loan(party_id: i64, key: &str, due: TimeDelta) -> Value {
    json!({"party_id": party_id, "property_id": 11, "key_code": key, "due_at": from_now(due)})
}

async fn app(database: Database) -> TestApp {
    let mut app = TestApp::start(database).await;
    sample().import(&app).await;
    app.use_token(&token("register:read register:write mailings:read mailings:write", &json!({})));
    app
}

async fn get(app: &TestApp, path: &str) -> Value {
    app.get(&format!("/api/v1{path}")).send().await.expect_status(200).json
}
