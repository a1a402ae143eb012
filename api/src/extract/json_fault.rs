//! What serde says about a body, as problems: stable codes and RFC 6901 pointers.

use domain::invalid::FieldError;
use serde_path_to_error::{Path, Segment};

use crate::problem::{Code, Problem};

/// One step of an RFC 6901 pointer.
pub(super) fn step(key: &str) -> String {
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

/// A text contains U+0000.
pub(super) fn nul(pointer: String) -> Problem {
    FieldError::new(pointer, "nul_character", "Remove the character U+0000 from the text.").into()
}

/// The JSON does not have the fields of the type.
pub(super) fn of_field(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let whole = error.inner().to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    let mut pointer = pointer(error.path());
    let code = code(message);
    // The path of a missing field ends at the object that lacks it.
    if code == "missing_field"
        && let Some(field) = message.split('`').nth(1)
    {
        pointer.push_str(&step(field));
    }
    FieldError::new(pointer, code, message).into()
}

/// A code for the phrases that serde's derived code uses.
pub(super) fn code(message: &str) -> &'static str {
    let phrases = [
        ("unknown field", "unknown_field"),
        ("missing field", "missing_field"),
        ("duplicate field", "duplicate_field"),
        ("unknown variant", "unknown_value"),
        ("invalid type", "wrong_type"),
        ("invalid length", "missing_field"),
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
