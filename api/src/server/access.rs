//! Who gets an answer: rate limits and cross-origin calls; and what is counted of them.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderMap;
use actix_web::test::{self, TestRequest};
use chrono::TimeDelta;
use domain::clock::FixedClock;
use serde_json::Value;

use super::*;
use crate::rate_limit::RateLimits;
use crate::settings::Settings;
use crate::testing::{SECRET, bearer, now, state};

/// Runs the application.
macro_rules! service {
    ($state:expr) => {
        test::init_service(app($state.clone(), Documented::new(&openapi::openapi()).unwrap())).await
    };
}

fn header<'a>(answer: &'a ServiceResponse, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

/// A deployment that allows three requests a minute, and its clock.
fn limited() -> (AppState, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(now()));
    let state = AppState { clock: Arc::<FixedClock>::clone(&clock), limits: RateLimits::new(3), ..state() };
    (state, clock)
}

#[actix_web::test]
async fn a_token_s_subject_has_a_limit_and_hears_of_it() {
    let (state, clock) = limited();
    let service = service!(state);
    let token = bearer(&state, "mailings:read", None);
    let get = |path: &str| {
        let request = TestRequest::get().uri(path).insert_header(("authorization", token.clone()));
        test::call_service(&service, request.to_request())
    };
    // Refusals count too, and tell the same.
    for (path, status, left) in [
        ("/api/v1/me", 200, "\"default\";r=2;t=20"),
        ("/api/v1/parties", 403, "\"default\";r=1;t=40"),
        ("/api/v1/me", 200, "\"default\";r=0;t=20"),
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "ratelimit")), (status, Some(left)));
        assert_eq!(header(&answer, "ratelimit-policy"), Some("\"default\";q=3;w=60"));
    }
    let refused = get("/api/v1/me").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(
        (header(&refused, "retry-after"), header(&refused, "ratelimit")),
        (Some("20"), Some("\"default\";r=0;t=20"))
    );
    let body: Value = test::read_body_json(refused).await;
    assert_eq!(body["code"], "rate_limited");

    clock.advance(TimeDelta::seconds(20));
    assert_eq!(get("/api/v1/me").await.status(), 200);
    assert_eq!(get("/api/v1/me").await.status(), 429);

    for _ in 0..10 {
        for path in ["/healthz", "/readyz", "/api/v1/openapi.json"] {
            let answer = get(path).await;
            assert_eq!((answer.status().as_u16(), header(&answer, "ratelimit")), (200, None), "{path}");
        }
    }
}

#[actix_web::test]
async fn callers_who_fail_to_authenticate_are_limited_by_their_address_and_the_good_ones_are_not() {
    let (state, clock) = limited();
    let service = service!(state);
    let token = bearer(&state, "", None);
    let get = |peer: &str, authorization: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let request =
            TestRequest::get().uri("/api/v1/me").peer_addr(peer).insert_header(("authorization", authorization));
        test::call_service(&service, request.to_request())
    };
    for status in [401, 401, 401, 429, 429] {
        let answer = get("192.0.2.1:1000", "Bearer x").await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().contains_key("retry-after"), status == 429);
        assert_eq!(header(&answer, "ratelimit"), None);
    }
    assert_eq!(get("192.0.2.1:2000", "Bearer y").await.status(), 429, "from another port");
    assert_eq!(get("192.0.2.2:1000", "Bearer x").await.status(), 401, "from another address");
    assert_eq!(get("192.0.2.1:1000", &token).await.status(), 200, "with a good token");
    clock.advance(TimeDelta::seconds(20));
    assert_eq!(get("192.0.2.1:1000", "Bearer x").await.status(), 401);
}

/// A deployment that lets the pages of one origin call.
fn with_origins() -> AppState {
    let variables = [("POSTITUS_JWT_SECRET", SECRET), ("POSTITUS_CORS_ORIGINS", "https://portal.example")];
    AppState { settings: Arc::new(Settings::of_variables(variables).unwrap()), ..state() }
}

fn cors_headers(headers: &HeaderMap) -> Vec<&str> {
    let mut names: Vec<&str> =
        headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("access-control-")).collect();
    names.sort_unstable();
    names
}

#[actix_web::test]
async fn pages_of_the_listed_origins_may_call_and_read_the_headers() {
    let state = with_origins();
    let service = service!(state);
    let token = bearer(&state, "", None);
    // Answers to failed calls can be read as well.
    for (path, authorization, status) in
        [("/api/v1/me", token.as_str(), 200), ("/api/v1/me", "", 401), ("/nowhere", "", 404)]
    {
        let request = TestRequest::get().uri(path).insert_header(("authorization", authorization));
        let request = request.insert_header(("origin", "https://portal.example")).to_request();
        let answer = test::call_service(&service, request).await;
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://portal.example"), "{path}");
        assert_eq!(header(&answer, "vary"), Some("Origin"));
        let exposed = header(&answer, "access-control-expose-headers").unwrap();
        assert!(exposed.contains("ETag") && exposed.contains("X-Request-Id"), "{exposed}");
        assert_eq!(cors_headers(answer.headers()), ["access-control-allow-origin", "access-control-expose-headers"]);
    }
}

#[actix_web::test]
async fn a_browser_that_asks_first_is_told_what_may_be_sent() {
    let service = service!(with_origins());
    let ask = |origin: &'static str| {
        TestRequest::default()
            .method(actix_web::http::Method::OPTIONS)
            .uri("/api/v1/mailings/7")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "PATCH"))
            .insert_header(("access-control-request-headers", "authorization,if-match"))
            .to_request()
    };
    let answer = test::call_service(&service, ask("https://portal.example")).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://portal.example"));
    assert_eq!(header(&answer, "access-control-allow-methods"), Some("GET, POST, PUT, PATCH, DELETE"));
    let sent = header(&answer, "access-control-allow-headers").unwrap().to_lowercase();
    for name in ["authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "x-request-id"] {
        assert!(sent.split(", ").any(|allowed| allowed == name), "{name} in {sent}");
    }
    assert!(answer.headers().contains_key("x-request-id") && !sent.contains('*'));

    let answer = test::call_service(&service, ask("https://evil.example")).await;
    assert_eq!(answer.status(), 405);
    assert_eq!((cors_headers(answer.headers()), header(&answer, "vary")), (Vec::new(), Some("Origin")));
}

#[actix_web::test]
async fn other_origins_are_told_nothing_nor_is_any_where_none_is_listed() {
    for (state, origin, vary) in [
        (with_origins(), "https://portal.example.evil.example", Some("Origin")),
        (with_origins(), "null", Some("Origin")),
        (with_origins(), "http://portal.example", Some("Origin")),
        (state(), "https://portal.example", None),
    ] {
        let service = service!(state);
        let request = TestRequest::get().uri("/healthz").insert_header(("origin", origin)).to_request();
        let answer = test::call_service(&service, request).await;
        assert_eq!((cors_headers(answer.headers()), header(&answer, "vary")), (Vec::new(), vary), "{origin}");
    }
}

#[actix_web::test]
async fn the_metrics_move_with_the_requests() {
    let state = state();
    let service = service!(state);
    let token = bearer(&state, "metrics:read", None);
    let scrape = async || {
        let request = TestRequest::get().uri("/metrics").insert_header(("authorization", token.clone())).to_request();
        let answer = test::call_service(&service, request).await;
        assert_eq!(header(&answer, "content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        String::from_utf8(test::read_body(answer).await.to_vec()).unwrap()
    };
    let value = |text: &str, sample: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    };
    let unknown = "postitus_http_requests_total{method=\"GET\",route=\"/api/v1/mailings/{mailing_id}\",status=\"401\"}";
    let reads = "postitus_database_wait_seconds_count{door=\"read\"}";
    let before = scrape().await;
    test::call_service(&service, TestRequest::get().uri("/api/v1/mailings/secret-7").to_request()).await;
    test::call_service(&service, TestRequest::get().uri("/readyz").to_request()).await;
    let after = scrape().await;
    assert!((value(&after, unknown) - value(&before, unknown) - 1.0).abs() < f64::EPSILON, "{after}");
    assert!(value(&after, reads) >= value(&before, reads) + 2.0, "{after}");
    for (sample, wanted) in [
        ("postitus_database_up", 1.0),
        ("postitus_database_waiting{door=\"write\"}", 0.0),
        ("postitus_delivery_queue_depth{state=\"queued\"}", 0.0),
        ("postitus_delivery_queue_oldest_seconds{state=\"unknown\"}", 0.0),
    ] {
        assert!(after.contains(sample) && (value(&after, sample) - wanted).abs() < f64::EPSILON, "{sample}\n{after}");
    }
    assert!(!after.contains("secret-7"), "{after}");
    // Every sample belongs to a family that was announced before it.
    let mut family = "";
    for line in after.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(announced) => family = announced.split(' ').next().unwrap(),
            None => assert!(line.starts_with("# HELP ") || line.starts_with(family), "{line} in {family}"),
        }
    }
}
