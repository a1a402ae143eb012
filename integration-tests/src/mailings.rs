//! Mailings as a client of the API handles them: created, previewed, sent, watched, read back.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::app::TestApp;
use crate::http::Reply;

/// The sender of the tests' mailings.
pub const SENDER: &str = "tiedote@isannointi.example";

/// A text content by e-mail.
pub fn content(language: &str, subject: &str, body: &str) -> Value {
    json!({"channel": "email", "language": language, "subject": subject, "body": body, "format": "text"})
}

/// A complete draft for these recipients with these contents.
pub fn draft(recipients: &Value, contents: &[Value]) -> Value {
    json!({
        "name": "Vesikatko",
        "purpose": "service",
        "delivery": {"mode": "fallback", "channels": ["email"]},
        "recipients": recipients,
        "contents": contents,
        "sender": {"name": "Isännöinti Oy", "address": SENDER},
        "missing_language": "refuse",
    })
}

/// The draft with these members replaced.
pub fn with(mut draft: Value, changes: &Value) -> Value {
    if let (Some(fields), Some(changes)) = (draft.as_object_mut(), changes.as_object()) {
        fields.extend(changes.clone());
    }
    draft
}

/// Creates a mailing, and gives its id.
pub async fn create(app: &TestApp, draft: &Value) -> String {
    let reply = app.post("/api/v1/mailings").json(draft).send().await.expect_status(201);
    text(&reply.json, "mailing_id")
}

/// Previews a mailing with so many samples a language.
pub async fn preview(app: &TestApp, id: &str, samples: u32) -> Value {
    let call = app.post(&format!("/api/v1/mailings/{id}/preview")).json(&json!({"samples": samples}));
    call.send().await.expect_status(200).json
}

/// The body of a send that names what a preview showed.
pub fn approval(preview: &Value) -> Value {
    json!({"content_hash": member(preview, "content_hash"), "recipients_hash": member(preview, "recipients_hash")})
}

/// Asks for a send, whatever comes of it.
pub async fn send(app: &TestApp, id: &str, body: &Value, key: &str) -> Reply {
    app.post(&format!("/api/v1/mailings/{id}/send")).idempotency_key(key).json(body).send().await
}

/// Creates, previews and sends a mailing; gives its id and its preview.
pub async fn send_out(app: &TestApp, draft: &Value) -> (String, Value) {
    let id = create(app, draft).await;
    let preview = preview(app, &id, 0).await;
    let reply = send(app, &id, &approval(&preview), &format!("send-{id}")).await.expect_status(202);
    assert_eq!(member(&reply.json, "status"), "sending", "{}", reply.text());
    (id, preview)
}

/// The mailing as it is now.
pub async fn mailing(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/api/v1/mailings/{id}")).send().await.expect_status(200).json
}

/// Waits until a mailing satisfies a condition, and gives it.
///
/// # Panics
/// When that takes longer than `limit`.
pub async fn wait_until(app: &TestApp, id: &str, limit: Duration, condition: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + limit;
    loop {
        let mailing = mailing(app, id).await;
        if condition(&mailing) {
            return mailing;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {mailing:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a mailing is finished, and gives it.
pub async fn finished(app: &TestApp, id: &str, limit: Duration) -> Value {
    wait_until(app, id, limit, |mailing| member(mailing, "status") == "finished").await
}

/// How many rows of a mailing are in this state.
pub fn count(mailing: &Value, state: &str) -> i64 {
    mailing.pointer(&format!("/progress/{state}")).and_then(Value::as_i64).expect("a count of progress")
}

/// Checks that `frozen` is the sum of all states, and gives it.
#[track_caller]
pub fn frozen(mailing: &Value) -> i64 {
    let states = ["queued", "sending", "deferred", "sent", "bounced", "failed", "skipped", "cancelled", "unknown"];
    let sum: i64 = states.into_iter().map(|state| count(mailing, state)).sum();
    assert_eq!(count(mailing, "frozen"), sum, "{mailing:#}");
    sum
}

/// All items of a list, page by page; `path` has a query already.
pub async fn all_pages(app: &TestApp, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("{path}&limit=200{cursor}")).send().await.expect_status(200).json;
        items.extend(list(&page, "items"));
        match member(&page, "next_cursor") {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return items,
        }
    }
}

/// All rows of a mailing, or those of a state.
pub async fn deliveries(app: &TestApp, id: &str, status: Option<&str>) -> Vec<Value> {
    let status = status.map(|status| format!("status={status}")).unwrap_or_default();
    all_pages(app, &format!("/api/v1/mailings/{id}/deliveries?{status}")).await
}

/// All contacts of a party.
pub async fn contacts(app: &TestApp, party_id: i64) -> Vec<Value> {
    all_pages(app, &format!("/api/v1/contacts?party_id={party_id}")).await
}

/// A member of an object; null when it is not there.
pub fn member(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}

/// A text member of an object.
#[track_caller]
pub fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no text {name} in {value:#}")).to_owned()
}

/// A number member of an object.
#[track_caller]
pub fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_else(|| panic!("no number {name} in {value:#}"))
}

/// A list member of an object.
#[track_caller]
pub fn list(value: &Value, name: &str) -> Vec<Value> {
    value.get(name).and_then(Value::as_array).unwrap_or_else(|| panic!("no list {name} in {value:#}")).clone()
}
