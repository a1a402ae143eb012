//! What serde and the parsers of values say, in words for those who write JSON and not Rust.

use crate::wording::{TIME_FORM, no_time, shown};

const UUID_EXAMPLE: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";
/// All that chrono says of a text that is no instant. No request has a field of another of its types.
const NO_TIME: [&str; 6] = [
    "input is out of range",
    "no possible date and time matching input",
    "input is not enough for unique date and time",
    "input contains invalid characters",
    "premature end of input",
    "trailing input",
];

/// About a text that the parser of its type refused with `message`; `None` where those words will do.
pub(in crate::extract) fn of_text(message: &str, text: &str) -> Option<String> {
    if NO_TIME.contains(&message) {
        return Some(no_time(text));
    }
    let no_uuid = || format!("“{}” is no UUID; write one such as {UUID_EXAMPLE}", shown(text));
    message.starts_with("UUID parsing failed").then(no_uuid)
}

/// A message about a query parameter that was given as `text`.
pub(in crate::extract) fn of_parameter(message: &str, text: &str) -> String {
    for kind in ["missing", "unknown", "duplicate"] {
        if let Some(rest) = message.strip_prefix(kind).and_then(|rest| rest.strip_prefix(" field")) {
            return format!("{kind} parameter{rest}");
        }
    }
    if NO_TIME.contains(&message) {
        return format!("{}; in a query, + must be written %2B: that, or use Z", no_time(text));
    }
    let shown = shown(text);
    match message {
        "invalid digit found in string" if is_negative(text) => {
            format!("“{shown}” is below 0; write a whole number from 0 up")
        }
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            format!("“{shown}” is no whole number; write one in digits, for instance 20")
        }
        "number too large to fit in target type" => format!("“{shown}” is too large; write a smaller whole number"),
        "number too small to fit in target type" => format!("“{shown}” is too small; write a larger whole number"),
        "provided string was not `true` or `false`" => {
            format!("“{shown}” is neither true nor false; write true or false")
        }
        other => of_text(other, text).unwrap_or_else(|| of_value(other)),
    }
}

fn is_negative(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A message of serde: what was expected, and what was given.
pub(in crate::extract) fn of_value(message: &str) -> String {
    let told = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((given, expected)) = told.and_then(|told| told.rsplit_once(", expected ")) {
        return format!("expected {}, not {}", wanted(expected, given), found(given));
    }
    match message.strip_prefix("unknown variant") {
        Some(rest) => format!("unknown value{rest}"),
        None => message.to_owned(),
    }
}

fn wanted(expected: &str, given: &str) -> String {
    let range = match expected {
        "u8" => "from 0 to 255",
        "u16" => "from 0 to 65535",
        "u32" => "from 0 to 4294967295",
        "u64" | "usize" => "from 0 to 18446744073709551615",
        "i32" => "from -2147483648 to 2147483647",
        "i64" => "of at most 64 bits",
        _ => return wanted_but_no_integer(expected),
    };
    // Where no number was given, its range is of no help.
    let number_given = given.starts_with("integer ") || given.starts_with("floating point ");
    if number_given { format!("a whole number {range}") } else { "a whole number".to_owned() }
}

fn wanted_but_no_integer(expected: &str) -> String {
    match expected {
        "a string" | "string or map" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "an RFC 3339 formatted date and time string" => format!("a time in {TIME_FORM}"),
        "a formatted UUID string" => format!("a UUID, for instance {UUID_EXAMPLE}"),
        _ if expected.starts_with("struct ") => "an object".to_owned(),
        _ if expected.starts_with("enum ") => "a text".to_owned(),
        _ => expected.to_owned(),
    }
}

fn found(given: &str) -> String {
    let number = ["boolean `", "integer `", "floating point `"].into_iter().find_map(|kind| given.strip_prefix(kind));
    if let Some(plain) = number.and_then(|rest| rest.strip_suffix('`')) {
        return plain.to_owned();
    }
    if let Some(text) = given.strip_prefix("string \"").and_then(|rest| rest.strip_suffix('"')) {
        return format!("“{}”", shown(text));
    }
    match given {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit value" => "null".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_speaks_rust() {
        for (message, wanted) in [
            ("invalid type: null, expected struct MailingRequest", "expected an object, not null"),
            ("invalid type: string \"7\", expected i64", "expected a whole number, not “7”"),
            (
                "invalid type: floating point `1e+20`, expected i64",
                "expected a whole number of at most 64 bits, not 1e+20",
            ),
            ("invalid value: integer `-1`, expected u32", "expected a whole number from 0 to 4294967295, not -1"),
            ("invalid type: sequence, expected a string", "expected a text, not a list"),
            ("invalid type: map, expected a boolean", "expected true or false, not an object"),
            ("invalid type: string \"a, expected b\", expected a sequence", "expected a list, not “a, expected b”"),
            ("unknown variant `fax`, expected `email`", "unknown value `fax`, expected `email`"),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(of_value(message), wanted);
        }
        let of_uuid = of_value("invalid type: integer `7`, expected a formatted UUID string");
        assert_eq!(of_uuid, format!("expected a UUID, for instance {UUID_EXAMPLE}, not 7"));
    }
}
