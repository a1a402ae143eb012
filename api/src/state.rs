//! What every handler can reach, in one place.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use chrono::NaiveDate;
use delivery::dispatcher::{Outcomes, Waker};
use delivery::files::FileStore;
use domain::clock::{Clock, today};
use persistence::Db;

use crate::auth::Authenticator;
use crate::idempotency::InFlight;
use crate::imports::jobs::Imports;
use crate::links::Links;
use crate::metrics::Metrics;
use crate::paging::Cursors;
use crate::problem::Problem;
use crate::rate_limit::RateLimits;
use crate::settings::Settings;

/// The deployment as handlers see it. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The clock of everything that is decided or stored.
    pub clock: Arc<dyn Clock>,
    /// What the deployment decided.
    pub settings: Arc<Settings>,
    /// Verifies tokens.
    pub auth: Arc<Authenticator>,
    /// How many requests each caller may make.
    pub limits: RateLimits,
    /// What is counted of the requests.
    pub metrics: Metrics,
    /// How many deliveries ended how, in this process.
    pub outcomes: Outcomes,
    /// The requests with an Idempotency-Key being worked on.
    pub in_flight: InFlight,
    /// The imports that were asked for.
    pub imports: Imports,
    /// The database.
    pub db: Db,
    /// Where attachments are kept.
    pub files: FileStore,
    /// Seals the cursors of lists.
    pub cursors: Cursors,
    /// Signs links for browsers.
    pub links: Links,
    /// Tells the dispatcher that there is something to send.
    pub waker: Waker,
}

impl AppState {
    /// The calendar day in the deployment's time zone.
    pub fn today(&self) -> NaiveDate {
        today(self.clock.now(), self.settings.time_zone)
    }

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
