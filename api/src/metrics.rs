//! What this process counts of the requests it answers, for `GET /metrics`.
//!
//! Labels are methods, path templates and statuses: few, and never of persons.

mod exposition;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};

pub use exposition::{CONTENT_TYPE, Exposition, Kind};

/// Upper bounds of the histogram's buckets, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counters of requests. Cheap to clone; the clones count together.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<Operation, Answers>>>);

/// Method and path template; of unknown methods and paths there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    method: &'static str,
    route: String,
}

#[derive(Debug, Default)]
struct Answers {
    by_status: BTreeMap<u16, u64>,
    /// How many took at most as long as each bound, and longer than the one before.
    within: [u64; BOUNDS.len()],
    seconds: f64,
}

impl Metrics {
    /// Counts a request. `route` is the template of its path, where it has one.
    pub fn record(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let method = word_of(method);
        let operation = Operation { method, route: route.unwrap_or("unmatched").to_owned() };
        let seconds = took.as_secs_f64();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = known.entry(operation).or_default();
        *answers.by_status.entry(status.as_u16()).or_default() += 1;
        answers.seconds += seconds;
        if let Some((_, count)) = BOUNDS.iter().zip(&mut answers.within).find(|(bound, _)| seconds <= **bound) {
            *count += 1;
        }
    }

    /// Writes them.
    pub fn write(&self, to: &mut Exposition) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        to.family("postitus_http_requests_total", Kind::Counter, "Requests answered.");
        for (Operation { method, route }, answers) in known.iter() {
            for (status, count) in &answers.by_status {
                to.sample("", &[("method", method), ("route", route), ("status", &status.to_string())], count);
            }
        }
        to.family("postitus_http_request_duration_seconds", Kind::Histogram, "How long requests took to answer.");
        for (Operation { method, route }, answers) in known.iter() {
            let mut up_to = 0;
            for (bound, count) in BOUNDS.iter().zip(&answers.within) {
                up_to += count;
                to.sample("_bucket", &[("method", method), ("route", route), ("le", &bound.to_string())], up_to);
            }
            let all: u64 = answers.by_status.values().sum();
            to.sample("_bucket", &[("method", method), ("route", route), ("le", "+Inf")], all);
            to.sample("_sum", &[("method", method), ("route", route)], answers.seconds);
            to.sample("_count", &[("method", method), ("route", route)], all);
        }
    }
}

/// Callers may send any word as a method; the labels must stay few.
fn word_of(method: &Method) -> &'static str {
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        .iter()
        .zip(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        .find_map(|(known, word)| (known == method).then_some(word))
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_operation_status_and_duration() {
        let metrics = Metrics::default();
        for (milliseconds, status) in [(1, 200), (20, 200), (20_000, 503)] {
            let status = StatusCode::from_u16(status).unwrap();
            metrics.record(&Method::GET, Some("/a/{id}"), status, Duration::from_millis(milliseconds));
        }
        metrics.record(&Method::from_bytes(b"BREW").unwrap(), None, StatusCode::NOT_FOUND, Duration::ZERO);
        let mut text = Exposition::default();
        metrics.write(&mut text);
        let text = text.into_text();
        for line in [
            "postitus_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"200\"} 2",
            "postitus_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"503\"} 1",
            "postitus_http_requests_total{method=\"other\",route=\"unmatched\",status=\"404\"} 1",
            "postitus_http_request_duration_seconds_bucket{method=\"GET\",route=\"/a/{id}\",le=\"0.001\"} 1",
            "postitus_http_request_duration_seconds_bucket{method=\"GET\",route=\"/a/{id}\",le=\"0.025\"} 2",
            "postitus_http_request_duration_seconds_bucket{method=\"GET\",route=\"/a/{id}\",le=\"10\"} 2",
            "postitus_http_request_duration_seconds_bucket{method=\"GET\",route=\"/a/{id}\",le=\"+Inf\"} 3",
            "postitus_http_request_duration_seconds_count{method=\"GET\",route=\"/a/{id}\"} 3",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
    }
}
