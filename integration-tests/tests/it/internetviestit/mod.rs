//! The messages that portals show, from outside: what the tool may write, and what each reader sees of it.

mod attachments;
mod audience;
mod bulletins;
mod chains;
mod contacts;
mod editing;
mod isolation;
mod languages;
mod links;
mod polling;
mod refused;
mod resident_tokens;
mod tool;
mod visibility;

use integration_tests::mailings::{list, text};
use integration_tests::{Call, Reply};

/// Pointers and codes of a refusal's faults.
fn faults(reply: &Reply) -> Vec<(String, String)> {
    list(&reply.json, "errors").iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
}

/// Checks that a call is refused for one fault alone.
async fn refused(call: Call, pointer: &str, code: &str) {
    let reply = call.send().await.expect_problem(422, "validation_failed");
    assert_eq!(faults(&reply), [(pointer.to_owned(), code.to_owned())], "{}", reply.text());
}
