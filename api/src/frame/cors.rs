//! Cross-origin calls: which pages' scripts may call (`POSTITUS_CORS_ORIGINS`), and what they may send and read.
//!
//! There are no cookies and no credentials of the browser here: scripts send their token themselves.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use crate::settings::Origins;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const SENT: &str = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Range, X-Request-Id";
const READ: &str = "Content-Disposition, Content-Range, ETag, Location, X-Request-Id, Idempotent-Replayed, Retry-After, RateLimit, RateLimit-Policy";
/// How long browsers need not ask again, in seconds.
const MAX_AGE: &str = "600";

/// What a request's origin means for its answer.
#[derive(Debug)]
pub(super) enum Cors {
    /// No origins are set: nothing is said.
    Off,
    /// The request comes from no page, or from one that may not call: its answer only says that it depends on that.
    Unknown,
    /// The page may call.
    Allowed(HeaderValue),
}

impl Cors {
    /// Looks at a request's `Origin`.
    pub(super) fn of(request: &ServiceRequest, origins: &Origins) -> Self {
        if origins.is_empty() {
            return Self::Off;
        }
        match request.headers().get(header::ORIGIN) {
            Some(origin) if origin.to_str().is_ok_and(|text| origins.allow(text)) => Self::Allowed(origin.clone()),
            _ => Self::Unknown,
        }
    }

    /// The answer to a browser that asks whether a page may make a call. Others' questions go where any OPTIONS does.
    pub(super) fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || !matches!(self, Self::Allowed(_)) {
            return None;
        }
        let mut answer = HttpResponse::NoContent();
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ] {
            answer.insert_header((name, HeaderValue::from_static(value)));
        }
        Some(answer.finish())
    }

    /// Writes what every answer says.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        let origin = match self {
            Self::Off => return,
            Self::Unknown => None,
            Self::Allowed(origin) => Some(origin.clone()),
        };
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
        }
    }
}
