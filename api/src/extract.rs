//! What handlers take from a request. Every extractor fails with a [`Problem`](crate::problem::Problem).
//!
//! In a handler's arguments the permission comes first: it is then checked before anything of the body is read.

mod any_json;
mod json_body;
mod json_fault;
mod query_params;
mod strict;

use actix_web::web::PathConfig;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

pub use json_body::JsonBody;
pub use query_params::{QueryParams, refused as refused_parameter};

/// What PostgreSQL cannot keep in a text, and no text needs.
const NUL: char = '\0';

/// Reads fields from JSON that is there already, with the refusals of [`JsonBody`].
///
/// # Errors
/// 422 `validation_failed` with a pointer.
pub fn from_json<T: DeserializeOwned>(json: &serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(strict::Strict(json)).map_err(|error| json_fault::of_field(&error))
}

/// Makes a path parameter that does not parse a 404: there is no resource with such an id.
pub fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}
