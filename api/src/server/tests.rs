use actix_web::body::to_bytes;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::{HttpResponse, error};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::auth::{Require, perm};
use crate::extract::{JsonBody, QueryParams};
use crate::problem::Problem;
use crate::testing::{bearer, state};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    limit: Option<u32>,
}

async fn write(_: Require<perm::MailingsWrite>, note: JsonBody<Note>) -> String {
    note.into_inner().text
}

async fn search(search: QueryParams<Search>) -> String {
    format!("{:?}", search.limit)
}

async fn one(id: web::Path<uuid::Uuid>) -> String {
    id.to_string()
}

async fn plain_fault() -> Result<HttpResponse, Error> {
    Err(error::ErrorBadRequest("<b>text</b>"))
}

async fn hidden_fault() -> Result<HttpResponse, Problem> {
    Err(Problem::internal("password of the database"))
}

#[expect(clippy::panic, reason = "what a handler must not do is what is tested")]
async fn panicking() -> HttpResponse {
    panic!("secret text")
}

/// The frame around routes that need all of it.
macro_rules! routes {
    ($state:expr) => {
        App::new()
            .app_data(web::Data::new($state.clone()))
            .app_data(Documented::new(&openapi::openapi()).unwrap().methods)
            .app_data(extract::path_config())
            .route("/notes", web::post().to(write))
            .route("/notes", web::get().to(search))
            .route("/notes/{id}", web::get().to(one))
            .route("/plain", web::get().to(plain_fault))
            .route("/hidden", web::get().to(hidden_fault))
            .route("/panic", web::get().to(panicking))
            .default_service(web::to(fallback))
            .wrap(from_fn(frame))
    };
}

macro_rules! service {
    ($state:expr) => {
        test::init_service(routes!($state)).await
    };
}

/// Asserts a problem of this status and code, and answers its body.
macro_rules! problem {
    ($service:expr, $request:expr, $status:expr, $code:expr) => {{
        let response = test::call_service(&$service, $request.to_request()).await;
        assert_eq!((response.status().as_u16(), $code), ($status, $code));
        let headers = response.headers().clone();
        assert_eq!(headers.get("content-type").unwrap(), "application/problem+json", "{}", $code);
        let body: Value = test::read_body_json(response).await;
        assert_eq!((&body["code"], &body["status"]), (&json!($code), &json!($status)));
        assert_eq!(body["request_id"].as_str().unwrap(), headers.get("x-request-id").unwrap());
        assert!(!body["detail"].as_str().unwrap().is_empty() && body["errors"].is_array());
        (headers, body)
    }};
}

#[actix_web::test]
async fn every_error_of_the_framework_is_a_problem() {
    let state = state();
    let service = service!(state);
    let (_, _) = problem!(service, TestRequest::get().uri("/nowhere"), 404, "not_found");
    let (headers, _) = problem!(service, TestRequest::delete().uri("/healthz"), 405, "method_not_allowed");
    assert_eq!(headers.get("allow").unwrap(), "GET, HEAD");
    let (_, body) = problem!(service, TestRequest::get().uri("/plain"), 400, "bad_request");
    assert!(!body.to_string().contains("<b>"));
    problem!(service, TestRequest::get().uri("/notes/not-a-uuid"), 404, "not_found");
    let (_, body) = problem!(service, TestRequest::get().uri("/notes?limt=1"), 400, "invalid_query");
    assert_eq!(body["errors"][0]["pointer"], "?limt");
}

#[actix_web::test]
async fn faults_of_ours_are_told_without_their_cause() {
    let state = state();
    let service = service!(state);
    let (_, body) = problem!(service, TestRequest::get().uri("/hidden"), 500, "internal");
    assert!(!body.to_string().contains("password"), "{body}");

    // After a panic the framework itself writes the answer.
    let request = TestRequest::get().uri("/panic").insert_header(("x-request-id", "p-1")).to_request();
    let response = test::try_call_service(&service, request).await.unwrap_err().error_response();
    assert_eq!(response.headers().get("x-request-id").unwrap(), "p-1");
    let body: Value = serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
    assert_eq!((&body["code"], &body["request_id"]), (&json!("internal"), &json!("p-1")));
    assert!(!body.to_string().contains("secret"), "{body}");
}

#[actix_web::test]
async fn a_body_is_refused_by_what_is_wrong_with_it() {
    let state = state();
    let service = service!(state);
    let token = bearer(&state, "mailings:write", None);
    let post = |content_type: &'static str, body: String| {
        TestRequest::post()
            .uri("/notes")
            .insert_header(("authorization", token.clone()))
            .insert_header(("content-type", content_type))
            .set_payload(body)
    };
    let json = "application/json";
    problem!(service, post("text/plain", "{}".to_owned()), 415, "unsupported_media_type");
    problem!(service, post("", "{}".to_owned()), 415, "unsupported_media_type");
    problem!(
        service,
        post(json, "{}".to_owned()).insert_header(("content-encoding", "gzip")),
        415,
        "unsupported_media_type"
    );
    problem!(service, post(json, format!("{{\"text\": \"{}\"}}", "x".repeat(1024))), 413, "body_too_large");
    problem!(service, post(json, "{".to_owned()), 400, "invalid_json");
    problem!(service, post(json, "[".repeat(500) + &"]".repeat(500)), 422, "nesting_too_deep");
    for (body, pointer) in [("{\"text\": 1}", "/text"), ("{\"text\": \"\", \"x\": 1}", "/x"), ("{}", "/text")] {
        let (_, problem) = problem!(service, post(json, body.to_owned()), 422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    for content_type in [json, "application/json; charset=utf-8", "application/merge-patch+json"] {
        let request = post(content_type, "{\"text\": \"hyvä\"}".to_owned()).to_request();
        assert_eq!(test::call_and_read_body(&service, request).await, "hyvä");
    }
}

#[actix_web::test]
async fn the_token_is_asked_before_anything_else() {
    let state = state();
    let service = service!(state);
    let post = |authorization: &str| {
        TestRequest::post().uri("/notes").insert_header(("authorization", authorization)).set_payload("{")
    };
    let (headers, _) = problem!(service, TestRequest::post().uri("/notes").set_payload("{"), 401, "missing_token");
    assert_eq!(headers.get("www-authenticate").unwrap(), "Bearer realm=\"postitus\"");
    for (authorization, status, code) in [
        ("Basic YTpi", 401, "missing_token"),
        ("Bearer", 401, "missing_token"),
        ("Bearer abc", 401, "invalid_token"),
        (&bearer(&state, "mailings:read", None), 403, "missing_scope"),
        (&bearer(&state, "mailings:write", Some(vec![1])), 404, "not_found"),
        (&bearer(&state, "admin", Some(vec![])), 404, "not_found"),
        // Those who may write are told what is wrong with the request.
        (&bearer(&state, "mailings:write", None), 415, "unsupported_media_type"),
        (&bearer(&state, "admin", None), 415, "unsupported_media_type"),
        (&bearer(&state, "admin", None).replacen("Bearer", "bearer", 1), 415, "unsupported_media_type"),
    ] {
        let (headers, body) = problem!(service, post(authorization), status, code);
        assert_eq!(headers.contains_key("www-authenticate"), matches!(status, 401 | 403), "{code}");
        if code == "missing_scope" {
            assert!(body["detail"].as_str().unwrap().contains("mailings:write"));
        }
    }
}

#[actix_web::test]
async fn a_request_id_is_echoed_or_made() {
    let service = test::init_service(app(state(), Documented::new(&openapi::openapi()).unwrap())).await;
    let get = || TestRequest::get().uri("/healthz");
    let given = test::call_service(&service, get().insert_header(("x-request-id", "from-me")).to_request()).await;
    assert_eq!(given.headers().get("x-request-id").unwrap(), "from-me");
    let made = test::call_service(&service, get().to_request()).await;
    assert!(uuid::Uuid::parse_str(made.headers().get("x-request-id").unwrap().to_str().unwrap()).is_ok());
}

#[actix_web::test]
async fn me_tells_the_caller_s_scopes_and_residents() {
    let state = state();
    let service = test::init_service(app(state.clone(), Documented::new(&openapi::openapi()).unwrap())).await;
    let get = |token: String| TestRequest::get().uri("/api/v1/me").insert_header(("authorization", token)).to_request();
    let body: Value = test::call_and_read_body_json(&service, get(bearer(&state, "register:read", None))).await;
    let wanted = json!({"subject": "tester", "scopes": ["register:read"], "party_ids": null, "enabled_channels": ["email", "internetviesti"]});
    assert_eq!(body, wanted);
    let body: Value = test::call_and_read_body_json(&service, get(bearer(&state, "", Some(vec![7])))).await;
    assert_eq!(body["party_ids"], json!([7]));
}

#[actix_web::test]
async fn readiness_is_the_database_s() {
    let service = test::init_service(app(state(), Documented::new(&openapi::openapi()).unwrap())).await;
    for path in ["/readyz", "/healthz"] {
        let answer = test::call_service(&service, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

#[actix_web::test]
async fn the_document_is_served_and_knows_the_methods_of_its_paths() {
    let service = test::init_service(app(state(), Documented::new(&openapi::openapi()).unwrap())).await;
    let document: Value =
        test::call_and_read_body_json(&service, TestRequest::get().uri("/api/v1/openapi.json").to_request()).await;
    assert_eq!(document["openapi"], "3.1.0");
    let (headers, _) =
        problem!(service, TestRequest::default().method(Method::POST).uri("/api/v1/me"), 405, "method_not_allowed");
    assert_eq!(headers.get("allow").unwrap(), "GET, HEAD");
    problem!(service, TestRequest::get().uri("/api/v1/nowhere"), 404, "not_found");
}

#[actix_web::test]
async fn a_started_server_answers_on_a_free_port_and_stops() {
    let mut state = state();
    let mut settings = (*state.settings).clone();
    settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    state.settings = std::sync::Arc::new(settings);
    let server = Server::start(state.clone()).unwrap();
    assert_ne!(server.address.port(), 0);

    let mut settings = (*state.settings).clone();
    settings.listen = server.address;
    state.settings = std::sync::Arc::new(settings);
    let taken = Server::start(state).err().unwrap().to_string();
    assert!(taken.starts_with("POSTITUS_LISTEN"), "{taken}");
    server.stop().await.unwrap();
}

#[actix_web::test]
async fn callers_who_send_everything_before_they_look_hear_why_they_are_refused() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let state = state();
    let token = bearer(&state, "mailings:write", None);
    let server = HttpServer::new(move || routes!(state)).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let task = tokio::spawn(server);
    let size = 3_000_000;
    for (authorization, length, answer) in [
        (token.as_str(), format!("content-length: {size}"), "413"),
        (token.as_str(), "transfer-encoding: chunked".to_owned(), "413"),
        ("none", format!("content-length: {size}"), "401"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut request = format!(
            "POST /notes HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
        );
        if length.starts_with("transfer") {
            request.push_str(&format!("{size:x}\r\n"));
        }
        request.push_str(&" ".repeat(size));
        if length.starts_with("transfer") {
            request.push_str("\r\n0\r\n\r\n");
        }
        stream.write_all(request.as_bytes()).await.unwrap_or_else(|error| panic!("{answer} {length}: {error}"));
        let mut answered = vec![0; 12];
        stream.read_exact(&mut answered).await.unwrap_or_else(|error| panic!("{answer} {length}: {error}"));
        assert_eq!(String::from_utf8(answered).unwrap(), format!("HTTP/1.1 {answer}"));
    }
    handle.stop(true).await;
    task.await.unwrap().unwrap();
}
