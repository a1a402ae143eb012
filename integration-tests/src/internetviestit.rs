//! Messages of portals (internetviestit) as the tool writes them and as portals read them, over a register of two companies.

use chrono::{DateTime, Utc};
use domain::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::database::Database;
use crate::mailings::{list, number, with};
use crate::register::{Register, person};
use crate::token::token;

/// Where the messages are.
pub const PATH: &str = "/api/v1/internetviestit";

/// Matti lives in A 1, Åsa and Aino (protected) in A 2, and Pekka is of the board, all of Koivu; Liisa lives in Mänty. Of Pekka
/// no language is known. Arto has lived in A 1, and is archived.
pub fn sample() -> Register {
    let people = [
        person(21, "Matti Virtanen").with("language", "fi"),
        person(22, "Åsa Åberg").with("language", "sv"),
        person(23, "Aino Korhonen").with("language", "fi").with("address_protected", "true"),
        person(24, "Pekka Puheenjohtaja"),
        person(25, "Liisa Lehtonen").with("language", "fi"),
        person(26, "Arto Arkisto").with("archived", "true"),
    ];
    Register::of(people)
        .property(1, None, "company", "As Oy Koivu")
        .property(2, Some(1), "stairway", "Porras A")
        .property(3, Some(2), "unit", "A 1")
        .property(4, Some(2), "unit", "A 2")
        .property(10, None, "company", "As Oy Mänty")
        .property(11, Some(10), "unit", "B 1")
        .role(21, 3, "resident")
        .role(22, 4, "resident")
        .role(23, 4, "resident")
        .role(24, 1, "board_member")
        .role(25, 11, "resident")
        .role(26, 3, "resident")
}

/// The machine's time.
pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

/// A server with the sample.
pub async fn start(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    sample().import(&app).await;
    app
}

/// A language version.
pub fn version(language: &str, title: &str, message: &str) -> Value {
    json!({"kieli": language, "otsikko": title, "viesti": message})
}

/// A message in Finnish with these members, its targets among them.
pub fn message(members: &Value) -> Value {
    with(json!({"versiot": [version("fi", "Vesikatko", "Vesi on poikki.")]}), members)
}

/// Adds a message as the tool does, and gives it as it is kept.
pub async fn added(app: &TestApp, message: &Value) -> Value {
    app.post(PATH).json(message).send().await.expect_status(201).json
}

/// Adds a message in Finnish with these members, and gives its id.
pub async fn add(app: &TestApp, members: &Value) -> i64 {
    number(&added(app, &message(members)).await, "internetviesti_id")
}

/// The token of a resident's portal.
pub fn resident(party_id: i64) -> String {
    token("internetviestit:read", &json!({"party_ids": [party_id]}))
}

/// The token of a portal's own service, and of the tool's reader.
pub fn reader() -> String {
    token("internetviestit:read", &json!({}))
}

/// The headers that a list has, for instance of `osapuoli_id=21`.
pub async fn headers(app: &TestApp, query: &str, token: &str) -> Vec<Value> {
    let reply = app.get(&format!("{PATH}/otsikot?{query}")).bearer(token).send().await.expect_status(200);
    list(&reply.json, "items")
}

/// The ids that a list has.
pub async fn ids(app: &TestApp, query: &str, token: &str) -> Vec<i64> {
    headers(app, query, token).await.iter().map(|header| number(header, "internetviesti_id")).collect()
}
