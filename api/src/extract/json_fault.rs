//! What serde says about a body, as problems: stable codes and RFC 6901 pointers.

mod phrases;

use domain::invalid::FieldError;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::any_json::NUL_MESSAGE;
use crate::problem::{Code, Problem};

pub(super) use phrases::{of_parameter, of_text};

type PathError = serde_path_to_error::Error<serde_json::Error>;

/// One step of an RFC 6901 pointer.
fn step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The body is not JSON, or nested too deep for the reader.
pub(super) fn of_syntax(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    if message.starts_with("recursion limit exceeded") {
        return Problem::new(Code::NestingTooDeep, "The JSON is nested deeper than 127 levels.");
    }
    Problem::new(Code::InvalidJson, format!("The body is not valid JSON: {message}."))
}

/// The body is not JSON, or not JSON that every body must be.
pub(super) fn of_json(error: &PathError) -> Problem {
    match error.inner().classify() {
        Category::Data => of_field(error),
        Category::Io | Category::Syntax | Category::Eof => of_syntax(error.inner()),
    }
}

/// The JSON does not have the fields of the type.
pub(super) fn of_field(error: &PathError) -> Problem {
    let whole = error.inner().to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    let mut pointer = pointer(error.path());
    let code = code(message);
    // The path of a field that is missing or there twice ends at its object.
    let named = message.strip_prefix("missing field `").or_else(|| message.strip_prefix("duplicate field `"));
    if let Some(field) = named.and_then(|rest| rest.strip_suffix('`')) {
        pointer.push_str(&step(field));
    }
    FieldError::new(pointer, code, phrases::of_value(message)).into()
}

/// A code for the phrases that serde's derived code uses.
pub(super) fn code(message: &str) -> &'static str {
    let phrases = [
        ("unknown field", "unknown_field"),
        ("missing field", "missing_field"),
        ("duplicate field", "duplicate_field"),
        ("unknown variant", "unknown_value"),
        ("invalid type", "wrong_type"),
        (NUL_MESSAGE, "nul_character"),
    ];
    phrases.into_iter().find(|(phrase, _)| message.starts_with(phrase)).map_or("invalid_value", |(_, code)| code)
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => step(key),
            // A wrong word of an enum is the fault of the field, not of something inside it.
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}
