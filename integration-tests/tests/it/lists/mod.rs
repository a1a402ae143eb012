//! Saved queries, contact lists and projects, and filters and mailings that name them.

mod coverage;
mod languages;
mod members;
mod projects;
mod queries;
mod references;
mod refused;

use integration_tests::mailings::{list, number, text};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp};
use serde_json::{Value, json};

const QUERIES: &str = "/api/v1/recipient-queries";
const LISTS: &str = "/api/v1/contact-lists";
const PROJECTS: &str = "/api/v1/projects";

/// Five who live in Koivu, of whom Ella has no e-mail, Pia is protected, Arto archived and Edla deceased; and Bo, a stranger.
fn residents() -> Register {
    let people = [
        person(1, "Aalto Aino").with("language", "fi"),
        person(2, "Eklund Ella").with("language", "sv").with("email", ""),
        person(3, "Piilo Pia").with("language", "fi").with("address_protected", "true"),
        person(4, "Arkisto Arto").with("archived", "true"),
        person(5, "Edesmennyt Edla").with("deceased", "true"),
        person(6, "Berg Bo"),
    ];
    let register = Register::of(people).property(10, None, "company", "As Oy Koivu");
    [1, 2, 3, 4, 5].into_iter().fold(register, |register, id| register.role(id, 10, "resident"))
}

async fn start(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    residents().import(&app).await;
    app
}

/// Makes one of these, and gives its id.
async fn made(app: &TestApp, path: &str, body: &Value) -> String {
    let reply = app.post(path).json(body).send().await.expect_status(201);
    let name = match path {
        QUERIES => "query_id",
        LISTS => "list_id",
        _ => "project_id",
    };
    let id = text(&reply.json, name);
    assert_eq!(reply.header("location"), Some(format!("{path}/{id}").as_str()));
    let read = app.get(&format!("{path}/{id}")).send().await.expect_status(200);
    assert_eq!((read.etag(), &read.json), (reply.etag(), &reply.json));
    let etag = reply.etag();
    app.get(&format!("{path}/{id}")).header("if-none-match", &etag).send().await.expect_status(304);
    id
}

fn resident() -> Value {
    json!({"role": {"codes": ["resident"]}})
}

/// Saves a query, and gives its id.
async fn a_query(app: &TestApp, filter: &Value) -> String {
    made(app, QUERIES, &json!({"name": "Asukkaat", "filter": filter})).await
}

/// Makes a list of these members, and gives its id.
async fn a_list(app: &TestApp, party_ids: &[i64]) -> String {
    let id = made(app, LISTS, &json!({"name": "Talkoolaiset"})).await;
    let path = format!("{LISTS}/{id}/members");
    app.post(&path).json(&json!({"party_ids": party_ids})).send().await.expect_status(200);
    id
}

async fn search(app: &TestApp, filter: &Value) -> Value {
    let body = json!({"channel": "email", "purpose": "service", "filter": filter});
    app.post("/api/v1/recipients/search").json(&body).send().await.expect_status(200).json
}

/// The parties that a filter finds, in order of their ids.
async fn found(app: &TestApp, filter: &Value) -> Vec<i64> {
    let mut ids: Vec<i64> =
        list(&search(app, filter).await, "items").iter().map(|item| number(item, "party_id")).collect();
    ids.sort_unstable();
    ids
}
