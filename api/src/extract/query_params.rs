//! Query strings: every fault is a 400 `invalid_query` that names the parameter.

use std::collections::HashSet;
use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::invalid::FieldError;
use serde::de::DeserializeOwned;

use super::{NUL, json_fault};
use crate::problem::{Code, Problem};

/// The query parameters as `T`, whose struct denies unknown fields and flattens none.
///
/// A parameter that is unknown, repeated, of the wrong form, not UTF-8 or with U+0000 in it is a 400 `invalid_query`.
#[derive(Debug)]
pub struct QueryParams<T>(T);

impl<T> QueryParams<T> {
    /// The parameters.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for QueryParams<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for QueryParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// A refused parameter; `name` is empty for the query string as a whole.
pub fn refused(name: &str, code: &'static str, message: impl Into<String>) -> Problem {
    let message = message.into();
    let detail = if name.is_empty() { message.clone() } else { format!("Parameter {name}: {message}") };
    Problem::new(Code::InvalidQuery, detail).with_errors(vec![FieldError::new(format!("?{name}"), code, message)])
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut seen = HashSet::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some((name, value)) = decode(name).zip(decode(value)) else {
            return Err(refused("", "invalid_encoding", "The query string is not percent-encoded UTF-8."));
        };
        if name.contains(NUL) || value.contains(NUL) {
            return Err(refused(&name.replace(NUL, ""), "nul_character", "Remove the character U+0000."));
        }
        if !seen.insert(name.clone()) {
            return Err(refused(&name, "duplicate_parameter", "Give the parameter once."));
        }
    }
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let message = error.inner().to_string();
        let code = json_fault::code(&message);
        let path = error.path().to_string();
        let name = match code {
            "missing_field" => message.split('`').nth(1).unwrap_or_default(),
            _ if path == "." => "",
            _ => path.as_str(),
        };
        let given =
            url::form_urlencoded::parse(query.as_bytes()).find_map(|(key, value)| (key == name).then_some(value));
        refused(name, code, json_fault::of_parameter(&message, &given.unwrap_or_default()))
    })
}

/// Decodes `+` and `%XX`; `None` when the sequences are malformed or do not give UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde::Deserialize;
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Search {
        text: Option<String>,
        limit: Option<u32>,
        archived: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to see whether it can be")]
    struct Values {
        field: String,
        since: Option<DateTime<Utc>>,
        list_id: Option<Uuid>,
        limit: Option<u32>,
    }

    #[test]
    fn parameters_are_read_with_their_types() {
        let search: Search = parse("text=M%C3%A4ki+katu&limit=20&archived=true").unwrap();
        assert_eq!((search.text.as_deref(), search.limit, search.archived), (Some("Mäki katu"), Some(20), Some(true)));
        let nothing: Search = parse("").unwrap();
        assert!(nothing.text.is_none() && nothing.limit.is_none());
    }

    #[test]
    fn every_fault_names_the_parameter() {
        for (query, pointer, code) in [
            ("txet=a", "?txet", "unknown_field"),
            ("limit=ten", "?limit", "invalid_value"),
            ("limit=", "?limit", "invalid_value"),
            ("limit=-1", "?limit", "invalid_value"),
            ("archived=yes", "?archived", "invalid_value"),
            ("limit=1&limit=2", "?limit", "duplicate_parameter"),
            ("limit=1&l%69mit=2", "?limit", "duplicate_parameter"),
            ("text=a%00", "?text", "nul_character"),
            ("text=%ff", "?", "invalid_encoding"),
            ("text=%zz", "?", "invalid_encoding"),
        ] {
            let problem = parse::<Search>(query).unwrap_err();
            let error = &problem.errors()[0];
            assert_eq!(
                (problem.code(), error.pointer.as_str(), error.code),
                (Code::InvalidQuery, pointer, code),
                "{query}"
            );
        }
    }

    #[test]
    fn messages_name_the_remedy() {
        let form = "write RFC 3339 with the offset from UTC, for instance 2026-01-31T16:00:00+02:00";
        let hint = "in a query, + must be written %2B: that, or use Z";
        let no_time = |shown: &str| format!("“{shown}” is no time; {form}; {hint}");
        for (query, wanted) in [
            ("", "missing parameter `field`".to_owned()),
            (
                "field=a&feld=b",
                "unknown parameter `feld`, expected one of `field`, `since`, `list_id`, `limit`".to_owned(),
            ),
            ("field=a&since=2026-11-20T16:00:00+02:00", no_time("2026-11-20T16:00:00 02:00")),
            ("field=a&since=2026-11-20", no_time("2026-11-20")),
            ("field=a&list_id=n", "“n” is no UUID; write one such as 0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11".to_owned()),
            ("field=a&limit=abc", "“abc” is no whole number; write one in digits, for instance 20".to_owned()),
            ("field=a&limit=-1", "“-1” is below 0; write a whole number from 0 up".to_owned()),
            ("field=a&limit=99999999999", "“99999999999” is too large; write a smaller whole number".to_owned()),
        ] {
            assert_eq!(parse::<Values>(query).unwrap_err().errors()[0].message, wanted, "{query}");
        }
        assert!(parse::<Values>("field=a&since=2026-11-20T16:00:00%2B02:00").is_ok());
    }
}
