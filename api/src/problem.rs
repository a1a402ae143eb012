//! The body of every error answer: `application/problem+json` of RFC 9457.
//!
//! Handlers and extractors return [`Problem`]; the frame ([`crate::frame`]) writes it with the request id, and turns what
//! the HTTP framework answers by itself into the same form. The `type` is `urn:postitus:problem:{code}`: an identifier, not
//! an address.

mod codes;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use domain::invalid::FieldError;
use persistence::{DoorError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

pub use codes::Code;

/// The content type of every error answer.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A failed request, before it is written.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
    store_error: Option<Box<StoreError>>,
}

impl Problem {
    /// A problem with a sentence about this occurrence. `detail` is shown to the client.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), cause: None, store_error: None }
    }

    /// 404: there is no such resource, or none that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such resource.")
    }

    /// 404 where a path names what cannot be; `rule` says what can.
    pub fn impossible(rule: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("There can be no such resource: {rule}."))
    }

    /// 422 with what is wrong with which field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.message.clone(),
            several => format!("{} fields are not valid; see errors.", several.len()),
        };
        Self { errors, ..Self::new(Code::ValidationFailed, detail) }
    }

    /// 500: `cause` goes to the log and never to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let detail = "Something went wrong on our side. The request_id finds the cause in the log.";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal, detail) }
    }

    /// 503: `cause` goes to the log and never to the client, who is told to try again.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let detail = "The service cannot answer now. Try again in a moment.";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Unavailable, detail) }
            .with_header(actix_web::http::header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// Adds what is wrong with which field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Says of each field where it is in a request that has it elsewhere.
    #[must_use]
    pub fn with_pointers(mut self, place: impl Fn(&str) -> String) -> Self {
        for error in &mut self.errors {
            error.pointer = place(&error.pointer);
        }
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is wrong with which field.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What the log is told.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body as sent.
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            problem_type: format!("urn:postitus:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            errors: self.errors.iter().cloned().map(FieldProblem::from).collect(),
        }
    }

    /// The answer as sent.
    pub fn response(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        let body = serde_json::to_string(&self.body(request_id)).unwrap_or_default();
        response.content_type(CONTENT_TYPE).body(body)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.cause.as_ref().unwrap_or(&self.detail))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.response("")
    }
}

impl From<Vec<FieldError>> for Problem {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::invalid(errors)
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::invalid(vec![error])
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = match error {
            StoreError::Contended | StoreError::Busy | StoreError::Unreachable(_) => Self::unavailable(&error),
            StoreError::Dangling | StoreError::Inconsistent(_) | StoreError::Panicked | StoreError::Query(_) => {
                Self::internal(&error)
            }
        };
        Self { store_error: Some(Box::new(error)), ..problem }
    }
}

impl DoorError for Problem {
    fn store_error(&self) -> Option<&StoreError> {
        self.store_error.as_deref()
    }
}

/// An error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Identifies the kind of problem: `urn:postitus:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:postitus:problem:validation_failed")]
    pub problem_type: String,
    /// A short English text, the same for every problem of this code.
    #[schema(example = "The request is not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    pub status: u16,
    /// One or two English sentences about this occurrence.
    #[schema(example = "unknown field `nmae`, expected one of `name`, `purpose`")]
    pub detail: String,
    /// The stable code to branch on. New codes may appear.
    #[schema(example = "validation_failed")]
    pub code: String,
    /// The id of this request, also in the header `X-Request-Id` and in the log.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    pub request_id: String,
    /// What is wrong with which field; empty where no single field is to blame.
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field or query parameter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// RFC 6901 pointer into the request body (empty for the body as a whole), or `?name` for a query parameter.
    #[schema(example = "/nmae")]
    pub pointer: String,
    /// A stable snake_case code. New codes may appear.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// One English sentence that names the remedy.
    #[schema(example = "unknown field `nmae`, expected one of `name`, `purpose`")]
    pub message: String,
}

impl From<FieldError> for FieldProblem {
    fn from(error: FieldError) -> Self {
        let FieldError { pointer, code, message } = error;
        Self { pointer, code: code.to_owned(), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_an_internal_error_stays_out_of_the_body() {
        let problem = Problem::internal("relation party does not exist");
        let body = serde_json::to_string(&problem.body("r-1")).unwrap();
        assert!(!body.contains("relation"), "{body}");
        assert!(body.contains("\"request_id\":\"r-1\""), "{body}");
        assert_eq!(problem.cause(), Some("relation party does not exist"));
    }

    #[test]
    fn a_single_invalid_field_is_told_in_the_detail() {
        let problem = Problem::from(FieldError::new("/name", "too_long", "At most 200 characters."));
        let body = problem.body("r-1");
        assert_eq!((body.status, body.detail.as_str()), (422, "At most 200 characters."));
        assert_eq!(body.problem_type, "urn:postitus:problem:validation_failed");
    }
}
