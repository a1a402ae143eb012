//! `Idempotency-Key`: the same request sent twice has one effect and one answer.
//!
//! The stored answer is committed in the same transaction as the effect. What lives here is what HTTP knows of it: the
//! header, the fingerprint of the request, the requests being worked on in this process, and the replay.

mod in_flight;
mod once;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::problem::{Code, Problem};

pub use in_flight::{InFlight, InFlightGuard};
pub use once::once;

/// Marks an answer that is a repetition.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The `Idempotency-Key` header, bare or quoted, 1–255 visible ASCII characters; else 400 `invalid_header`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The key, where the caller may leave it out.
    pub fn optional(self) -> Option<String> {
        self.0
    }

    /// The key, where the operation needs one.
    ///
    /// # Errors
    /// 400 `idempotency_key_missing`.
    pub fn required(self) -> Result<String, Problem> {
        let missing =
            "Send an Idempotency-Key of your own making, a new one for each request that is not a repetition.";
        self.0.ok_or_else(|| Problem::new(Code::IdempotencyKeyMissing, missing))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut lines = request.headers().get_all("idempotency-key");
        let key = match (lines.next(), lines.next()) {
            (None, _) => Ok(None),
            (Some(line), None) => key_of(line).map(Some),
            (Some(_), Some(_)) => Err(malformed()),
        };
        ready(key.map(Self))
    }
}

/// `Idempotency-Key` in the OpenAPI document, where it may be left out.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IdempotencyKey reads it")]
pub struct IdempotencyKeyHeader {
    /// 1–255 visible characters of your own making. A repetition with the same key and body gets the first answer, with
    /// `Idempotent-Replayed: true`, and has no further effect.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 257,
        pattern = r#"^([!#-~][!-~]{0,254}|"[!-~]{1,255}")$"#,
        example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55"
    )]
    key: Option<String>,
}

/// `Idempotency-Key` in the OpenAPI document, where it is required.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IdempotencyKey reads it")]
pub struct RequiredIdempotencyKeyHeader {
    /// 1–255 visible characters of your own making. A repetition with the same key and body gets the first answer, with
    /// `Idempotent-Replayed: true`, and has no further effect.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 257,
        pattern = r#"^([!#-~][!-~]{0,254}|"[!-~]{1,255}")$"#,
        example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55"
    )]
    key: String,
}

/// A request with a key: who sent it, where to, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyContext {
    /// The caller's key.
    pub key: String,
    /// The subject of the caller's token: keys of different subjects do not meet.
    pub subject: String,
    /// Method and path, for instance `POST /api/v1/mailings`: keys of different operations do not meet.
    pub path: String,
    /// SHA-256 over method, path and canonical body, hexadecimal.
    pub fingerprint: String,
}

impl IdempotencyContext {
    /// Binds a key to its request. `body_digest` is [`JsonBody::digest`](crate::extract::JsonBody::digest).
    pub fn new(key: String, subject: &str, request: &HttpRequest, body_digest: [u8; 32]) -> Self {
        let path = format!("{} {}", request.method(), request.path());
        let digest: [u8; 32] =
            Sha256::new().chain_update(&path).chain_update([b'\n']).chain_update(body_digest).finalize().into();
        let fingerprint = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, subject: subject.to_owned(), path, fingerprint }
    }

    /// 409: the same request is being worked on.
    pub fn in_flight(&self) -> Problem {
        let detail = "A request with this Idempotency-Key is being worked on. Repeat this one later for its answer.";
        Problem::new(Code::RequestInFlight, detail).with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// Refuses a key that was stored with another request.
    ///
    /// # Errors
    /// 422 `idempotency_key_reused`.
    pub fn check(&self, stored_fingerprint: &str) -> Result<(), Problem> {
        if self.fingerprint == stored_fingerprint {
            return Ok(());
        }
        let detail = "This Idempotency-Key was used with another body. Use a new key for another request.";
        Err(Problem::new(Code::IdempotencyKeyReused, detail))
    }
}

/// An answer as it is stored with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// The HTTP status.
    pub status: u16,
    /// Headers beyond the content type, for instance `ETag` and `Location`.
    pub headers: Vec<(String, String)>,
    /// The JSON body; empty for none.
    pub body: String,
}

impl StoredReply {
    /// A JSON answer.
    ///
    /// # Errors
    /// 500, when `body` cannot be written as JSON.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self { status: status.as_u16(), headers: Vec::new(), body })
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.as_str().to_owned(), value.into()));
        self
    }

    /// The answer as sent; a replayed one says so.
    pub fn response(&self, replayed: bool) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in &self.headers {
            response.insert_header((name.as_str(), value.as_str()));
        }
        if replayed {
            response.insert_header((REPLAYED, HeaderValue::from_static("true")));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, "application/json")).body(self.body.clone())
    }
}

fn key_of(line: &HeaderValue) -> Result<String, Problem> {
    let text = line.to_str().map_err(|_unreadable| malformed())?.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.to_owned());
    }
    Err(malformed())
}

fn malformed() -> Problem {
    Problem::new(
        Code::InvalidHeader,
        "An Idempotency-Key is 1 to 255 visible ASCII characters, quoted or not, given once.",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(line: &str) -> Result<String, Code> {
        key_of(&HeaderValue::from_str(line).unwrap()).map_err(|problem| problem.code())
    }

    #[test]
    fn keys_may_be_bare_or_quoted() {
        assert_eq!(read("abc-1").unwrap(), "abc-1");
        assert_eq!(read("\"abc-1\"").unwrap(), "abc-1");
        for line in ["", "\"\"", "a b", &"x".repeat(256)] {
            assert_eq!(read(line).unwrap_err(), Code::InvalidHeader, "{line}");
        }
    }

    #[test]
    fn another_body_or_path_is_another_request() {
        let context = |path: &str, digest| {
            let request = TestRequest::post().uri(path).to_http_request();
            IdempotencyContext::new("k".to_owned(), "me", &request, digest)
        };
        let first = context("/api/v1/mailings", [1; 32]);
        assert!(first.check(&context("/api/v1/mailings", [1; 32]).fingerprint).is_ok());
        for other in [context("/api/v1/mailings", [2; 32]), context("/api/v1/others", [1; 32])] {
            assert_eq!(first.check(&other.fingerprint).unwrap_err().code(), Code::IdempotencyKeyReused);
        }
    }

    #[test]
    fn a_replay_has_the_same_status_headers_and_body_and_says_so() {
        let reply = StoredReply::json(StatusCode::CREATED, &[1, 2]).unwrap().with_header(&header::ETAG, "\"1\"");
        let replayed = reply.response(true);
        assert_eq!(replayed.status(), StatusCode::CREATED);
        assert_eq!(replayed.headers().get("etag").unwrap(), "\"1\"");
        assert_eq!(replayed.headers().get("idempotent-replayed").unwrap(), "true");
        assert!(reply.response(false).headers().get("idempotent-replayed").is_none());
    }
}
