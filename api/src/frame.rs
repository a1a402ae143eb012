//! What surrounds every request: its id, the log line, and the rule that every error is a problem.

mod fallback;
mod request_id;

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, ResponseError};
use futures_util::FutureExt as _;

use crate::problem::{self, Code, Problem};

pub use fallback::{Methods, fallback};
pub use request_id::RequestId;

/// The middleware around every route and around the framework's own answers.
///
/// # Errors
/// After a panic, when there is no request left to answer to; the framework then writes a 500 with the request id.
pub async fn frame<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let line = format!("{} {}", request.method(), request.path());
    let probe = matches!(request.path(), "/healthz" | "/readyz");

    // A panic must not cost the caller the answer, nor the log its request id.
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let response = match answer {
        Ok(Ok(response)) => as_problem(response.map_into_boxed_body(), &id),
        Ok(Err(error)) => {
            log::error!("{line} had no answer: {error} request_id={id}");
            return Err(Unanswered(id).into());
        }
        Err(panic) => {
            log::error!("{line} panicked: {} request_id={id}", panic_text(panic.as_ref()));
            return Err(Unanswered(id).into());
        }
    };
    let level = if probe { log::Level::Debug } else { log::Level::Info };
    log::log!(level, "{line} {} {} ms request_id={id}", response.status().as_u16(), started.elapsed().as_millis());
    Ok(response)
}

/// Writes the request id and, where the answer is an error that is not yet a problem, the problem.
fn as_problem(response: ServiceResponse, id: &RequestId) -> ServiceResponse {
    let rewritten = problem_of(response.response(), id);
    let mut response = match rewritten {
        Some(problem) => response.into_response(problem),
        None => response,
    };
    complete(response.headers_mut(), id);
    response
}

fn complete(headers: &mut HeaderMap, id: &RequestId) {
    headers.insert(request_id::HEADER, id.header_value());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Answers hold personal data: no cache keeps them.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A request whose handler came to no answer.
#[derive(Debug)]
struct Unanswered(RequestId);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer to request {}", self.0)
    }
}

impl ResponseError for Unanswered {
    fn error_response(&self) -> HttpResponse {
        let mut response = Problem::internal(self).response(self.0.as_str());
        complete(response.headers_mut(), &self.0);
        response
    }
}

fn problem_of(response: &HttpResponse, id: &RequestId) -> Option<HttpResponse> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    if let Some(problem) = response.error().and_then(|error| error.as_error::<Problem>()) {
        if let Some(cause) = problem.cause() {
            log::error!("{}: {cause} request_id={id}", problem.code().as_str());
        }
        return Some(problem.response(id.as_str()));
    }
    let is_problem = |value: &HeaderValue| value.as_bytes().starts_with(problem::CONTENT_TYPE.as_bytes());
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_problem) {
        return None;
    }
    let code = Code::of_framework(status);
    if code == Code::Internal {
        let cause = response.error().map_or_else(|| status.to_string(), ToString::to_string);
        log::error!("{}: {cause} request_id={id}", code.as_str());
    }
    Some(Problem::new(code, format!("{}.", code.title())).response(id.as_str()))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
