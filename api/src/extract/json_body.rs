//! JSON bodies: content type, size, syntax, and then the fields, each fault with its own answer.

use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::{Stream, StreamExt as _};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::any_json::AnyJson;
use super::{from_json, json_fault};
use crate::problem::{Code, Problem};
use crate::settings::Settings;
use crate::state::AppState;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much of a body that is too large is read and forgotten, at most for so long.
const DISCARDED_BYTES: usize = 16 * 1024 * 1024;
const DISCARDING: Duration = Duration::from_secs(2);

/// A JSON request body of type `T`, whose structs deny unknown fields.
///
/// Content type `application/json` or `application/merge-patch+json`, else 415. Larger than `POSTITUS_BODY_LIMIT`: 413. Not
/// JSON: 400 `invalid_json`. Nested deeper than 127 levels: 422 `nesting_too_deep`. Fields that are unknown, missing, of the
/// wrong type, or that contain U+0000: 422 `validation_failed` with a pointer.
#[derive(Debug)]
pub struct JsonBody<T, L = Plain> {
    value: T,
    digest: [u8; 32],
    limit: PhantomData<L>,
}

/// How large a body may be.
pub trait Limit: 'static {
    /// In bytes.
    fn bytes(settings: &Settings) -> usize;
}

/// `POSTITUS_BODY_LIMIT`.
#[derive(Debug)]
pub struct Plain;

impl Limit for Plain {
    fn bytes(settings: &Settings) -> usize {
        settings.body_limit
    }
}

/// `POSTITUS_BODY_LIMIT`, and room for two of the largest attachments in base64.
#[derive(Debug)]
pub struct WithFiles;

impl Limit for WithFiles {
    fn bytes(settings: &Settings) -> usize {
        settings.body_limit.saturating_add(settings.attachment_limit.saturating_mul(2).div_ceil(3).saturating_mul(4))
    }
}

impl<T, L> JsonBody<T, L> {
    /// The body.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// SHA-256 of the body in canonical form (sorted keys, no white space): what an idempotency key is bound to.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl<T, L> Deref for JsonBody<T, L> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned + 'static, L: Limit> FromRequest for JsonBody<T, L> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = AppState::of(request).map(|state| L::bytes(&state.settings));
        let headers = check_headers(request);
        let payload = payload.take();
        async move {
            let declared = headers?;
            let bytes = read(payload, declared, limit?).await?;
            parse(&bytes)
        }
        .boxed_local()
    }
}

/// Answers the declared length.
fn check_headers(request: &HttpRequest) -> Result<Option<usize>, Problem> {
    let headers = request.headers();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "application/json" | "application/merge-patch+json") {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the body as Content-Type: application/json."));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the body without Content-Encoding."));
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    Ok(length.and_then(|length| length.parse().ok()))
}

async fn read(mut payload: Payload, declared: Option<usize>, limit: usize) -> Result<BytesMut, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge, format!("The body may have at most {limit} bytes."));
    if declared.is_some_and(|length| length > limit) {
        discard(payload).await;
        return Err(too_large());
    }
    let whole = async {
        let mut bytes = BytesMut::with_capacity(declared.unwrap_or_default());
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|error| Problem::new(Code::BadRequest, format!("The body cannot be read: {error}.")))?;
            if bytes.len().saturating_add(chunk.len()) > limit {
                discard(payload).await;
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    let late = |_| Problem::new(Code::RequestTimeout, "The body did not arrive in time.");
    tokio::time::timeout(PATIENCE, whole).await.map_err(late)?
}

/// Reads on for a while: many clients look for an answer only after they have sent everything, and would see nothing but
/// a closed connection.
pub(super) async fn discard(mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin) {
    let reading = async {
        let mut left = DISCARDED_BYTES;
        while let Some(Ok(chunk)) = payload.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether they were done in time changes nothing about the answer.
    let _ = tokio::time::timeout(DISCARDING, reading).await;
}

fn parse<T: DeserializeOwned, L>(bytes: &[u8]) -> Result<JsonBody<T, L>, Problem> {
    // First as any JSON, so that a fault of syntax is told before a fault of a field, wherever they are.
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let AnyJson(json) = serde_path_to_error::deserialize(&mut reader).map_err(|error| json_fault::of_json(&error))?;
    reader.end().map_err(|error| json_fault::of_syntax(&error))?;
    let canonical = serde_json::to_vec(&json).map_err(Problem::internal)?;
    let value = from_json(&json)?;
    Ok(JsonBody { value, digest: Sha256::digest(&canonical).into(), limit: PhantomData })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to see whether it can be")]
    struct Draft {
        name: String,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        nested: Option<Box<Nested>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to see whether it can be")]
    struct Part {
        channel: Channel,
        size: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Channel {
        Email,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to see whether it can be")]
    struct Nested {
        #[serde(default)]
        all: Vec<Nested>,
    }

    fn refusal(body: &str) -> (&'static str, Vec<(String, &'static str)>) {
        let problem = parse::<Draft, Plain>(body.as_bytes()).unwrap_err();
        let errors = problem.errors().iter().map(|error| (error.pointer.clone(), error.code)).collect();
        (problem.code().as_str(), errors)
    }

    #[test]
    fn every_fault_of_a_field_is_told_with_its_pointer_and_code() {
        for (body, pointer, code) in [
            (r#"{"name": "a", "nmae": 1}"#, "/nmae", "unknown_field"),
            (r#"{"name": 1}"#, "/name", "wrong_type"),
            (r#"{"name": null}"#, "/name", "wrong_type"),
            (r#"{}"#, "/name", "missing_field"),
            (r#"[]"#, "", "wrong_type"),
            (r#"["a", []]"#, "", "wrong_type"),
            (r#"{"name": "a", "parts": [["email", 1]]}"#, "/parts/0", "wrong_type"),
            (r#"{"name": "a", "parts": {}}"#, "/parts", "wrong_type"),
            (r#""text""#, "", "wrong_type"),
            (r#"{"name": "a", "name": "b"}"#, "/name", "duplicate_field"),
            (
                r#"{"name": "a", "parts": [{"channel": "email", "size": 1}, {"channel": "fax", "size": 1}]}"#,
                "/parts/1/channel",
                "unknown_value",
            ),
            (r#"{"name": "a", "parts": [{"channel": "email", "size": -1}]}"#, "/parts/0/size", "invalid_value"),
            (r#"{"name": "a", "parts": [{"channel": "email"}]}"#, "/parts/0/size", "missing_field"),
            (
                r#"{"name": "a", "parts": [{"channel": "email", "size": 1, "x/~y": 1}]}"#,
                "/parts/0/x~1~0y",
                "unknown_field",
            ),
            (r#"{"name": "a", "parts": [{"x": [1, {"y": 1, "y": 1}]}]}"#, "/parts/0/x/1/y", "duplicate_field"),
            (r#"{"name": "a\u0000b"}"#, "/name", "nul_character"),
            (r#"{"na\u0000me": "a"}"#, "", "nul_character"),
        ] {
            assert_eq!(refusal(body), ("validation_failed", vec![(pointer.to_owned(), code)]), "{body}");
        }
    }

    #[test]
    fn what_is_expected_is_told_in_words_of_json() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only read to see whether it can be")]
        struct Typed {
            at: Option<chrono::DateTime<chrono::Utc>>,
            id: Option<uuid::Uuid>,
            count: Option<i64>,
        }
        let time = "RFC 3339 with the offset from UTC, for instance 2026-01-31T16:00:00+02:00";
        let uuid = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";
        for (body, code, wanted) in [
            ("null", "wrong_type", "expected an object, not null".to_owned()),
            ("[]", "wrong_type", "expected an object, not a list".to_owned()),
            (r#"{"count": "x"}"#, "wrong_type", "expected a whole number, not “x”".to_owned()),
            (r#"{"count": 1e20}"#, "wrong_type", "expected a whole number of at most 64 bits, not 1e+20".to_owned()),
            (r#"{"id": "n"}"#, "invalid_value", format!("“n” is no UUID; write one such as {uuid}")),
            (r#"{"id": 7}"#, "wrong_type", format!("expected a UUID, for instance {uuid}, not 7")),
            (r#"{"at": "2026-12-01"}"#, "invalid_value", format!("“2026-12-01” is no time; write {time}")),
            (r#"{"at": 7}"#, "wrong_type", format!("expected a time in {time}, not 7")),
        ] {
            let problem = parse::<Typed, Plain>(body.as_bytes()).unwrap_err();
            let error = &problem.errors()[0];
            assert_eq!((error.code, &error.message), (code, &wanted), "{body}");
        }
    }

    #[test]
    fn a_fault_of_syntax_goes_before_a_fault_of_a_field() {
        for body in ["", "{", r#"{"nmae": 1"#, r#"{"name": "a"} x"#, "{'name': 1}", "nul", "\u{feff}{}"] {
            assert_eq!(refusal(body), ("invalid_json", vec![]), "{body}");
        }
        assert_eq!(parse::<Draft, Plain>(b"{\"name\": \"\xff\"}").unwrap_err().code(), Code::InvalidJson);
    }

    #[test]
    fn null_is_not_an_object() {
        for body in ["null", "[]", "1"] {
            assert!(parse::<serde_json::Map<String, Value>, Plain>(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_number_with_a_fraction_of_zero_is_an_integer() {
        let read = |size: &str| {
            let body = format!(r#"{{"name": "a", "parts": [{{"channel": "email", "size": {size}}}]}}"#);
            parse::<Draft, Plain>(body.as_bytes())
                .map(|body| body.value.parts.into_iter().map(|part| part.size).sum::<u32>())
        };
        for (written, size) in [("4", 4), ("4.0", 4), ("4e2", 400), ("-0.0", 0)] {
            assert_eq!(read(written).unwrap(), size, "{written}");
        }
        for refused in ["4.5", "-4.0", "1e300"] {
            assert_eq!(read(refused).unwrap_err().code(), Code::ValidationFailed, "{refused}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_what_is_within_does_not_overflow_the_stack() {
        let nest = |levels: usize| {
            format!(r#"{{"name": "a", "nested": {}{}}}"#, r#"{"all": ["#.repeat(levels) + "{}", "]}".repeat(levels))
        };
        assert!(parse::<Draft, Plain>(nest(62).as_bytes()).is_ok());
        assert_eq!(refusal(&nest(70)), ("nesting_too_deep", vec![]));
        assert_eq!(refusal(&nest(5000)), ("nesting_too_deep", vec![]));
    }

    #[test]
    fn the_digest_ignores_white_space_and_the_order_of_keys() {
        let digest = |body: &str| parse::<Value, Plain>(body.as_bytes()).unwrap().digest();
        assert_eq!(digest(r#"{"a": 1, "b": 2}"#), digest(r#"{"b":2,"a":1}"#));
        assert_ne!(digest(r#"{"a": 1}"#), digest(r#"{"a": "1"}"#));
    }
}
