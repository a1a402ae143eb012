//! What handlers take from a request. Every extractor fails with a [`Problem`](crate::problem::Problem).
//!
//! In a handler's arguments the permission comes first: who calls is known by then ([`crate::frame`]), so that the scope is checked
//! before anything of the body is read.

mod any_json;
mod file_upload;
mod import_upload;
mod json_body;
mod json_fault;
mod query_params;
mod strict;

use actix_web::web::PathConfig;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

use crate::problem::Problem;

pub use file_upload::{FileForm, FileUpload, FormFields};
pub use import_upload::ImportUpload;
pub use json_body::{JsonBody, WithFiles};
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

/// Reads a field that may be left out, but may not be null: `#[serde(default, deserialize_with = "not_null")]`.
///
/// # Errors
/// Those of `T`.
pub fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a day as text, or null, for those who read the day itself later: only the empty text is refused here, which means
/// nothing in a CSV file, and is no day in JSON.
///
/// # Errors
/// For an empty text and for what is no text.
pub fn day_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_deref() {
        Some("") => Err(D::Error::custom("an empty text is no day: write YYYY-MM-DD, or null")),
        _ => Ok(text),
    }
}

/// As [`day_or_null`], of an instant.
///
/// # Errors
/// For an empty text and for what is no text.
pub fn instant_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_deref() {
        Some("") => Err(D::Error::custom("an empty text is no time: write RFC 3339, or null")),
        _ => Ok(text),
    }
}

/// Makes a path parameter that does not parse a 404: there is no resource with such an id.
pub fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}
