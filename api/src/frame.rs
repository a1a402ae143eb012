//! What surrounds every request: its id, the log line, and the rule that every error is a problem.

mod cors;
mod fallback;
mod head;
mod operation;
mod request_id;

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, ResponseError, web};
use futures_util::FutureExt as _;

use crate::problem::{self, Code, Problem};
use crate::rate_limit::Quota;
use crate::state::AppState;
use cors::Cors;
use head::Head;

pub use fallback::{Methods, fallback};
pub use operation::Operations;
pub use request_id::RequestId;

/// The middleware around every route and around the framework's own answers.
///
/// # Errors
/// After a panic, when there is no request left to answer to; the framework then writes a 500 with the request id.
pub async fn frame<B>(mut request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let line = format!("{} {}", request.method(), request.path());
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let (method, route) = (request.method().clone(), request.match_pattern());
    let head = Head::of(&mut request);
    let cors = state.as_ref().map_or(Cors::Off, |state| Cors::of(&request, &state.settings.cors_origins));
    let count = |status: StatusCode| {
        if let Some(state) = &state {
            state.metrics.record(&method, route.as_deref(), status, started.elapsed());
        }
    };
    let probe = matches!(request.path(), "/healthz" | "/readyz");

    let at_once = match cors.preflight(&request) {
        Some(answer) => Some(answer),
        None => operation::refusal(&request, route.as_deref()).await.map(|problem| problem.response(id.as_str())),
    };
    let answer = match at_once {
        Some(answer) => Ok(Ok(request.into_response(answer))),
        // A panic must not cost the caller the answer, nor the log its request id.
        None => AssertUnwindSafe(next.call(request))
            .catch_unwind()
            .await
            .map(|answer| answer.map(ServiceResponse::map_into_boxed_body)),
    };
    let fault = match answer {
        Ok(Ok(response)) => {
            let response = as_problem(response, &id, &cors);
            let (status, took) = (response.status(), started.elapsed().as_millis());
            count(status);
            let level = if probe { log::Level::Debug } else { log::Level::Info };
            log::log!(level, "{line} {} {took} ms request_id={id}", status.as_u16());
            return Ok(head.trim(response));
        }
        Ok(Err(error)) => format!("had no answer: {error}"),
        Err(panic) => format!("panicked: {}", panic_text(panic.as_ref())),
    };
    log::error!("{line} {fault} request_id={id}");
    count(StatusCode::INTERNAL_SERVER_ERROR);
    Err(Unanswered { id, cors }.into())
}

/// Writes the headers of every answer and, where it is an error that is not yet a problem, the problem.
fn as_problem(response: ServiceResponse, id: &RequestId, cors: &Cors) -> ServiceResponse {
    let quota = response.request().extensions().get::<Quota>().copied();
    let rewritten = problem_of(response.response(), id);
    let mut response = match rewritten {
        Some(problem) => response.into_response(problem),
        None => response,
    };
    if let Some(quota) = quota {
        quota.write(response.headers_mut());
    }
    complete(response.headers_mut(), id, cors);
    response
}

fn complete(headers: &mut HeaderMap, id: &RequestId, cors: &Cors) {
    cors.complete(headers);
    headers.insert(request_id::HEADER, id.header_value());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Answers hold personal data: no cache keeps them.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A request whose handler came to no answer.
#[derive(Debug)]
struct Unanswered {
    id: RequestId,
    cors: Cors,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer to request {}", self.id)
    }
}

impl ResponseError for Unanswered {
    fn error_response(&self) -> HttpResponse {
        let mut response = Problem::internal(self).response(self.id.as_str());
        complete(response.headers_mut(), &self.id, &self.cors);
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
