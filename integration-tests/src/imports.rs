//! Imports of the register over HTTP, as a client handles them: submitted, followed to their end, read.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::app::TestApp;
use crate::http::Reply;
use crate::mailings::{number, text};
use crate::register::Register;

/// Where imports are asked for.
pub const PATH: &str = "/api/v1/register-imports";

/// Asks for an import with these fields of the form, whatever comes of it.
pub async fn submit(app: &TestApp, fields: &[(&str, &str)], register: &Register) -> Reply {
    app.post(PATH).form(fields, &register.form()).send().await
}

/// Waits for the end of an operation, and gives it.
///
/// # Panics
/// When that takes longer than `limit`.
pub async fn ended(app: &TestApp, path: &str, limit: Duration) -> Value {
    let deadline = Instant::now() + limit;
    loop {
        let operation = app.get(path).send().await.expect_status(200).json;
        if matches!(text(&operation, "status").as_str(), "succeeded" | "failed") {
            return operation;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {operation:#}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Imports, and gives the operation at its end.
pub async fn import(app: &TestApp, fields: &[(&str, &str)], register: &Register) -> Value {
    let accepted = submit(app, fields, register).await.expect_status(202);
    ended(app, accepted.header("location").expect("where to follow it"), Duration::from_secs(60)).await
}

/// The counts of a succeeded import: added, changed, unchanged, ended.
#[track_caller]
pub fn counts(operation: &Value, kind: &str) -> [i64; 4] {
    assert_eq!(text(operation, "status"), "succeeded", "{operation:#}");
    let counts = operation.pointer(&format!("/result/{kind}")).expect("counts of every kind");
    ["added", "changed", "unchanged", "ended"].map(|name| number(counts, name))
}
