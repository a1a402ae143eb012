//! Who gets in: tokens and scopes of every operation, keys of other issuers, limits, pages of other origins, and the
//! metrics that tell of it all.

use std::time::Duration;

use integration_tests::mailings::{SENDER, content, draft, finished, send_out, text};
use integration_tests::register::{Register, person};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use reqwest::Method;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

/// The operations of the server's own document that need a scope: method, path with parameters filled in, and the scope.
async fn scoped_operations(app: &TestApp) -> Vec<(Method, String, String)> {
    let document = app.get("/api/v1/openapi.json").anonymous().send().await.expect_status(200).json;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path.split('/').map(|segment| if segment.starts_with('{') { "7" } else { segment });
        let filled = filled.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"].as_array().unwrap().iter().find_map(|one| one["bearer"][0].as_str());
            let Some(scope) = scope else { continue };
            let method = method.to_uppercase().parse().unwrap();
            operations.push((method, filled.clone(), scope.to_owned()));
        }
    }
    operations
}

/// The value of a sample of the metrics; 0 when it is not there.
fn sample(metrics: &Reply, name: &str) -> f64 {
    let metrics = metrics.text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

on_both_databases! {
    async fn no_operation_answers_without_a_token_of_its_scope(database: Database) {
        let app = TestApp::start(database).await;
        let operations = scoped_operations(&app).await;
        assert!(operations.len() > 20, "{operations:?}");
        let expired = token("admin", &json!({"exp": 1_700_000_000}));
        for (method, path, scope) in operations {
            let call = || app.call(method.clone(), &path);
            call().anonymous().send().await.expect_problem(401, "missing_token");
            let unknown = app.call(method.clone(), &format!("{path}?nothing=1"));
            unknown.anonymous().send().await.expect_problem(401, "missing_token");
            call().bearer(&expired).send().await.expect_problem(401, "expired_token");
            let other = if scope == "contacts:read" { "mailings:read" } else { "contacts:read" };
            call().bearer(&token(other, &json!({}))).send().await.expect_problem(403, "missing_scope");
            let as_resident = call().bearer(&token("admin", &json!({"party_ids": [1]}))).send().await;
            // What residents may do, they do with its scope: their tokens never count as admin.
            if scope == "internetviestit:read" && as_resident.status == 403 {
                as_resident.expect_problem(403, "missing_scope");
            } else {
                as_resident.expect_problem(404, "not_found");
            }
        }
    }

    async fn the_metrics_tell_of_requests_of_the_database_and_of_deliveries(database: Database) {
        let app = TestApp::start(database).await;
        let people = [1, 2, 3].map(|id| person(id, &format!("Person {id}")).with("language", "fi"));
        Register::of(people).import(&app).await;
        let scrape = async || {
            let scrape = app.get("/metrics").bearer(&token("metrics:read", &json!({}))).send().await.expect_status(200);
            assert_eq!(scrape.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
            scrape
        };
        let mailing = draft(&json!({"party_ids": [1, 2, 3]}), &[content("fi", "Vesikatko", "Vesi on poikki.")]);
        let (id, _) = send_out(&app, &mailing).await;
        finished(&app, &id, LIMIT).await;
        let metrics = scrape().await;
        for (name, least) in [
            ("postitus_delivery_outcomes_total{outcome=\"sent\"}", 3.0),
            ("postitus_http_requests_total{method=\"POST\",route=\"/api/v1/mailings\",status=\"201\"}", 1.0),
            ("postitus_http_request_duration_seconds_count{method=\"POST\",route=\"/api/v1/mailings\"}", 1.0),
            ("postitus_database_wait_seconds_count{door=\"write\"}", 5.0),
            ("postitus_database_up", 1.0),
        ] {
            assert!(sample(&metrics, name) >= least, "{name}\n{}", metrics.text());
        }
        assert!(metrics.text().contains("postitus_delivery_queue_depth{state=\"queued\"} 0\n"), "{}", metrics.text());
        assert!(!metrics.text().contains("Person") && !metrics.text().contains(SENDER) && !metrics.text().contains(&id));
    }

    async fn a_public_key_checks_the_tokens_of_another_issuer(database: Database) {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let app = TestApp::prepare(database)
            .setting("POSTITUS_JWT_SECRET", "")
            .setting("POSTITUS_JWT_PUBLIC_KEY", &pair.public_key_pem())
            .started()
            .await;
        let claims = json!({"iss": "postitus", "aud": "postitus", "sub": "portal", "exp": 4_000_000_000_u32, "scope": ""});
        let key = EncodingKey::from_ec_der(pair.serialized_der());
        let theirs = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
        let me = app.get("/api/v1/me").bearer(&theirs).send().await.expect_status(200);
        assert_eq!(text(&me.json, "subject"), "portal");
        app.get("/api/v1/me").bearer(&token("", &json!({}))).send().await.expect_problem(401, "invalid_token");
        let minted = app.command(&["token", "--scope", "admin"]).await;
        assert!(!minted.status.success() && minted.stderr.contains("only checks tokens"), "{minted:?}");
    }
}

#[tokio::test]
async fn a_token_is_made_where_a_server_has_its_key_and_nowhere_else() {
    let app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_JWT_SECRET", "");
    let mint = ["token", "--scope", "admin", "--subject", "me"];
    let early = app.command(&mint).await;
    assert!(!early.status.success() && early.stderr.contains("there is no key of a server in"), "{early:?}");
    let app = app.started().await;
    let minted = app.command(&mint).await;
    assert!(minted.status.success(), "{minted:?}");
    app.get("/api/v1/me").bearer(minted.stdout.trim()).send().await.expect_status(200);
}

#[tokio::test]
async fn a_caller_beyond_the_limit_is_told_when_to_come_back() {
    let app = TestApp::prepare(Database::Sqlite).setting("POSTITUS_RATE_LIMIT", "5").started().await;
    let get = || app.get("/api/v1/me");
    for left in (0..5).rev() {
        let answer = get().send().await.expect_status(200);
        let told = answer.header("ratelimit").unwrap();
        assert!(told.starts_with(&format!("\"default\";r={left};t=")), "{told}");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"default\";q=5;w=60"));
    }
    let refused = get().send().await.expect_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    get().bearer(&token("", &json!({"sub": "another"}))).send().await.expect_status(200);
    tokio::time::sleep(Duration::from_secs(wait)).await;
    get().send().await.expect_status(200);
}

#[tokio::test]
async fn while_the_issuers_keys_cannot_be_had_nothing_is_read_and_nobody_is_blamed() {
    // Takes connections and never says a word.
    let issuer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/keys", issuer.local_addr().unwrap());
    let app = TestApp::prepare(Database::Sqlite)
        .setting("POSTITUS_JWT_SECRET", "")
        .setting("POSTITUS_JWKS_URL", &url)
        .setting("POSTITUS_OUTBOUND_PRIVATE", "allow")
        .setting("POSTITUS_RATE_LIMIT", "3")
        .started()
        .await;
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let claims =
        json!({"iss": "postitus", "aud": "postitus", "sub": "portal", "exp": 4_000_000_000_u32, "scope": "admin"});
    let key = EncodingKey::from_ec_der(pair.serialized_der());
    let theirs = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
    for _ in 0..5 {
        let unreadable = app.post("/api/v1/mailings").bearer(&theirs).json(&json!({"nmae": 1}));
        unreadable.send().await.expect_problem(503, "unavailable");
    }
    let files = [("parties", b"party_id,kind,name\n".to_vec())];
    app.post("/api/v1/register-imports")
        .bearer(&theirs)
        .form(&[], &files)
        .send()
        .await
        .expect_problem(503, "unavailable");
    assert!(!app.data_dir().join("imports").exists(), "a file was kept of somebody unknown");
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_call_and_another_may_not() {
    let app =
        TestApp::prepare(Database::Sqlite).setting("POSTITUS_CORS_ORIGINS", "https://portal.example").started().await;
    for (origin, allowed) in [("https://portal.example", true), ("https://other.example", false)] {
        let asks = app.call(Method::OPTIONS, "/api/v1/mailings").anonymous().header("origin", origin);
        let asks = asks.header("access-control-request-method", "POST").send().await;
        let answer = app.get("/api/v1/me").header("origin", origin).send().await.expect_status(200);
        for reply in [&asks, &answer] {
            assert_eq!(reply.header("access-control-allow-origin"), allowed.then_some(origin), "{origin}");
        }
        assert_eq!(asks.status == 204, allowed);
    }
}

#[tokio::test]
async fn a_server_that_is_given_keys_of_two_sources_or_an_unsafe_one_does_not_start() {
    let both = [("POSTITUS_JWKS_URL", "https://login.example/keys")].as_slice();
    let unsafe_one = [("POSTITUS_JWT_SECRET", ""), ("POSTITUS_JWKS_URL", "http://login.example/keys")].as_slice();
    let private = [("POSTITUS_JWT_SECRET", ""), ("POSTITUS_JWKS_URL", "https://10.0.0.1/keys")].as_slice();
    for (settings, told) in [
        (both, "POSTITUS_JWT_SECRET and POSTITUS_JWKS_URL are both given"),
        (unsafe_one, "POSTITUS_JWKS_URL: must be https"),
        (private, "POSTITUS_OUTBOUND_PRIVATE=allow"),
    ] {
        let app =
            settings.iter().fold(TestApp::prepare(Database::Sqlite), |app, (name, value)| app.setting(name, value));
        let ended = app.command(&["serve"]).await;
        assert!(!ended.status.success() && ended.stderr.contains(told), "{ended:?}");
    }
}
