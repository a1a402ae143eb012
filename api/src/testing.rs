//! A deployment for the tests of this crate: a clock that stands still, a shared secret, an empty SQLite.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use delivery::dispatcher::{Outcomes, Waker};
use delivery::files::FileStore;
use domain::clock::FixedClock;
use persistence::testing::{Kind, TestDatabase};

use crate::auth::{Authenticator, Keys, TokenRequest};
use crate::idempotency::InFlight;
use crate::imports::jobs::Imports;
use crate::links::Links;
use crate::metrics::Metrics;
use crate::paging::Cursors;
use crate::rate_limit::RateLimits;
use crate::settings::Settings;
use crate::state::AppState;

/// The secret that the tests' tokens are signed with.
pub(crate) const SECRET: &str = "a secret of the tests, long enough";

/// The instant at which the clock stands.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000, 0).unwrap_or_default()
}

/// A deployment with HS256 tokens and a body limit of 1024 bytes.
pub(crate) fn state() -> AppState {
    let settings =
        Settings::of_variables([("POSTITUS_JWT_SECRET", SECRET), ("POSTITUS_BODY_LIMIT", "1024")]).expect("settings");
    let database = TestDatabase::create(Kind::Sqlite);
    let db = database.open();
    // An open file outlives its folder.
    drop(database);
    let keys = Keys::shared_secret(settings.jwt.secret.as_ref().expect("secret"));
    let clock = Arc::new(FixedClock::new(now()));
    AppState {
        imports: Imports::idle(db.clone(), Arc::<FixedClock>::clone(&clock), &settings),
        clock,
        auth: Arc::new(Authenticator::new(keys, &settings.jwt)),
        // The clock stands: a limit would never let anybody on.
        limits: RateLimits::new(0),
        metrics: Metrics::default(),
        outcomes: Outcomes::default(),
        settings: Arc::new(settings),
        in_flight: InFlight::default(),
        cursors: Cursors::of_secret(&[7; 32]).expect("cursors"),
        links: Links::of_secret(&[7; 32]),
        db,
        files: FileStore::in_memory(),
        waker: Waker::default(),
    }
}

/// The value of `Authorization` for a token with these scopes.
pub(crate) fn bearer(state: &AppState, scopes: &str, party_ids: Option<Vec<i64>>) -> String {
    let request = TokenRequest {
        subject: "tester".to_owned(),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        party_ids,
        time_to_live: Duration::hours(1),
    };
    format!("Bearer {}", state.auth.mint(&request, state.clock.now()).expect("token"))
}
