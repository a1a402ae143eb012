//! What machines ask about the service itself. Needs no token.

pub(super) mod healthz;
pub(super) mod metrics;
pub(super) mod openapi_json;
pub(super) mod readyz;

use serde::Serialize;
use utoipa::ToSchema;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`: what is not ok answers as a problem.
    #[schema(example = "ok")]
    status: String,
    /// The version of the service.
    #[schema(example = "0.1.0")]
    version: String,
}

impl Health {
    fn ok() -> Self {
        Self { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}
