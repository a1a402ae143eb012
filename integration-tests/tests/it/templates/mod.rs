//! Templates over HTTP: kept in folders, in languages and versions, bound to occasions, rendered for a party.

mod keeping;
mod mailings;
mod occasions;
mod refused;
mod rendering;
mod uploading;
mod versions;

use integration_tests::mailings::{list, text};
use integration_tests::{Reply, TestApp};

/// The names of the templates that a query lists.
async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/api/v1/templates{query}")).send().await.expect_status(200).json;
    list(&page, "items").iter().map(|item| text(item, "name")).collect()
}

/// Pointers and codes of a 422.
fn faults(reply: Reply) -> Vec<(String, String)> {
    let reply = reply.expect_problem(422, "validation_failed");
    list(&reply.json, "errors").iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}
