//! What every handler can reach, in one place.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use domain::clock::Clock;
use futures_util::future::BoxFuture;

use crate::auth::Authenticator;
use crate::idempotency::InFlight;
use crate::problem::Problem;
use crate::settings::Settings;

/// Asks the database whether it answers; the error says why not.
pub type Readiness = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The deployment as handlers see it. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The clock of everything that is decided or stored.
    pub clock: Arc<dyn Clock>,
    /// What the deployment decided.
    pub settings: Arc<Settings>,
    /// Verifies tokens.
    pub auth: Arc<Authenticator>,
    /// The requests with an Idempotency-Key being worked on.
    pub in_flight: InFlight,
    /// Whether the database answers.
    pub readiness: Readiness,
}

impl AppState {
    /// The state of the application a request belongs to.
    ///
    /// # Errors
    /// 500, when the application was put together without it.
    pub fn of(request: &HttpRequest) -> Result<&Self, Problem> {
        request
            .app_data::<web::Data<Self>>()
            .map(|state| state.get_ref())
            .ok_or_else(|| Problem::internal("the application has no state"))
    }
}
