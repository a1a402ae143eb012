//! `GET /metrics`.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use persistence::deliveries::depth::{Depth, depth};

use crate::auth::{Require, perm};
use crate::metrics::{CONTENT_TYPE, Exposition, Kind};
use crate::state::AppState;

/// How long the database may take to tell the depth of the queue; the other metrics do not wait longer for it.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Get the metrics.
///
/// Requests, waits for the database, and the delivery queue, in the text format of Prometheus. Counters count since this
/// process started; the queue is that of the whole deployment. While the database does not answer, the queue is left out
/// and `postitus_database_up` is 0. Needs the scope `metrics:read`.
#[utoipa::path(
    operation_id = "getMetrics",
    tag = "system",
    security(("bearer" = ["metrics:read"])),
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain", example = "# TYPE postitus_database_up gauge\npostitus_database_up 1\n")),
)]
#[get("/metrics")]
pub async fn get_metrics(_caller: Require<perm::MetricsRead>, state: web::Data<AppState>) -> HttpResponse {
    let now = state.clock.now();
    let queue = tokio::time::timeout(LONGEST_WAIT, state.db.read(depth)).await;
    let queue = queue.map_err(|late| late.to_string()).and_then(|queue| queue.map_err(|error| error.to_string()));
    if let Err(fault) = &queue {
        log::warn!("the depth of the delivery queue is not known: {fault}");
    }
    let mut text = Exposition::default();
    state.metrics.write(&mut text);
    write_database(&state, queue.is_ok(), &mut text);
    write_deliveries(&state, &queue.unwrap_or_default(), now, &mut text);
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(text.into_text())
}

fn write_database(state: &AppState, up: bool, text: &mut Exposition) {
    text.family("postitus_database_up", Kind::Gauge, "Whether the database answered just now.");
    text.sample("", &[], u8::from(up));
    let doors = state.db.waits();
    text.family("postitus_database_waiting", Kind::Gauge, "How many reads and writes wait for a connection now.");
    for (door, waits) in &doors {
        text.sample("", &[("door", door)], waits.waiting);
    }
    text.family("postitus_database_wait_seconds", Kind::Summary, "How long reads and writes waited for a connection.");
    for (door, waits) in &doors {
        text.sample("_sum", &[("door", door)], waits.waited.as_secs_f64());
        text.sample("_count", &[("door", door)], waits.served);
    }
}

fn write_deliveries(state: &AppState, queue: &[Depth], now: DateTime<Utc>, text: &mut Exposition) {
    text.family("postitus_delivery_queue_depth", Kind::Gauge, "Deliveries that are not done, by state.");
    for Depth { state, deliveries, .. } in queue {
        text.sample("", &[("state", state.as_str())], deliveries);
    }
    text.family(
        "postitus_delivery_queue_oldest_seconds",
        Kind::Gauge,
        "For how long the delivery has been due that was due first, by state; 0 when none is due yet.",
    );
    for Depth { state, oldest_due, .. } in queue {
        let age = oldest_due.map_or(0, |due| (now - due).num_seconds().max(0));
        text.sample("", &[("state", state.as_str())], age);
    }
    text.family("postitus_delivery_outcomes_total", Kind::Counter, "Deliveries and attempts that ended, by outcome.");
    for (outcome, count) in state.outcomes.counts() {
        text.sample("", &[("outcome", outcome)], count);
    }
}
