//! The API reference at `/docs`: HTML made at start from the OpenAPI document, and the guides of `docs/`.
//!
//! Pages are plain HTML with one style sheet and no script, and fetch nothing from elsewhere: they work without a network,
//! and their content security policy allows nothing else.

mod curl;
mod errors;
mod example;
mod guides;
mod markdown;
mod operation;
mod page;
mod schema;
mod serve;

use serde_json::Value;

pub use example::{of_content, of_parameter};
pub use serve::{Reference, configure};

/// The operations of a path item, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Follows a reference within the document.
fn resolve<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    let target = node.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(node)
}

/// A text of a node; empty when it has none.
fn text<'d>(node: &'d Value, name: &str) -> &'d str {
    node.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The members of an object of a node; none when there is no such object.
fn members<'d>(node: &'d Value, name: &str) -> impl Iterator<Item = (&'d String, &'d Value)> {
    node.get(name).and_then(Value::as_object).into_iter().flatten()
}

/// The items of an array of a node; none when there is no such array.
fn items<'d>(node: &'d Value, name: &str) -> impl Iterator<Item = &'d Value> {
    node.get(name).and_then(Value::as_array).into_iter().flatten()
}
