//! Templates as a client of the API handles them.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::mailings::{text, with};

/// Adds a folder for a channel, and gives its id.
pub async fn folder(app: &TestApp, channel: &str, name: &str) -> String {
    let body = json!({"channel": channel, "name": name});
    text(&app.post("/api/v1/template-folders").json(&body).send().await.expect_status(201).json, "folder_id")
}

/// What a template says in one language.
pub fn version(language: &str, subject: &str, body: &str) -> Value {
    json!({"language": language, "subject": subject, "body": body})
}

/// A template of texts in a folder, with these members replaced.
pub fn template(folder: &str, versions: &[Value], changes: &Value) -> Value {
    with(json!({"folder_id": folder, "name": "Vesikatko", "format": "text", "language_versions": versions}), changes)
}

/// Adds a template, and gives it.
pub async fn added(app: &TestApp, template: &Value) -> Value {
    app.post("/api/v1/templates").json(template).send().await.expect_status(201).json
}

/// The path of a template.
pub fn path(template: &Value) -> String {
    format!("/api/v1/templates/{}", text(template, "template_id"))
}

/// The template as it is now.
pub async fn read(app: &TestApp, template: &Value) -> Value {
    app.get(&path(template)).send().await.expect_status(200).json
}

/// Changes a template at its present version, and gives it.
pub async fn changed(app: &TestApp, template: &Value, patch: &Value) -> Value {
    let etag = app.get(&path(template)).send().await.expect_status(200).etag();
    app.patch(&path(template)).if_match(&etag).json(patch).send().await.expect_status(200).json
}

/// Renders a template for a party, with these members beside.
pub async fn rendered(app: &TestApp, template: &Value, party_id: i64, more: &Value) -> Value {
    let body = with(json!({"party_id": party_id}), more);
    app.post(&format!("{}/render", path(template))).json(&body).send().await.expect_status(200).json
}
