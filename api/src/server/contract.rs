//! What the document promises about tokens, asked of every operation that is in it.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use chrono::Duration;
use serde_json::Value;

use super::*;
use crate::auth::{TokenRequest, perm};
use crate::testing::{bearer, state};

/// The operations that need no token. This list may become shorter, and never longer: its length is fixed here, and each
/// name that is not needed any more fails the test.
const WITHOUT_TOKEN: [&str; 3] = ["getHealth", "getReadiness", "getOpenApi"];
/// The operations that need a token and no scope. The same holds for them.
const WITHOUT_SCOPE: [&str; 1] = ["getMe"];

/// An operation as the document has it.
struct Operation {
    id: String,
    method: Method,
    /// With the parameters filled in.
    path: String,
    /// The scopes that are named; `None` where no token is needed.
    scopes: Option<Vec<String>>,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(openapi::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scopes = operation["security"].as_array().unwrap().iter().find_map(|requirement| {
                let scopes = requirement.get("bearer")?.as_array()?;
                Some(scopes.iter().map(|scope| scope.as_str().unwrap().to_owned()).collect())
            });
            let filled = path.split('/').map(|segment| if segment.starts_with('{') { "7" } else { segment });
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap(),
                path: filled.collect::<Vec<_>>().join("/"),
                scopes,
            });
        }
    }
    operations
}

#[test]
fn the_exceptions_from_tokens_and_scopes_are_these_and_no_others() {
    let operations = operations();
    let named = |wanted: fn(&Operation) -> bool| -> BTreeSet<&str> {
        operations.iter().filter(|operation| wanted(operation)).map(|operation| operation.id.as_str()).collect()
    };
    assert_eq!(named(|operation| operation.scopes.is_none()), BTreeSet::from(WITHOUT_TOKEN));
    let no_scope = named(|operation| operation.scopes.as_ref().is_some_and(Vec::is_empty));
    assert_eq!(no_scope, BTreeSet::from(WITHOUT_SCOPE));
    // What is one of several scopes would have to be tried with each.
    assert_eq!(named(|operation| operation.scopes.as_ref().is_some_and(|scopes| scopes.len() > 1)), BTreeSet::new());
}

#[actix_web::test]
async fn every_operation_asks_for_the_scope_that_the_document_names() {
    let state = state();
    let service = test::init_service(app(state.clone(), Documented::new(&openapi::openapi()).unwrap())).await;
    let expired = TokenRequest {
        subject: "tester".to_owned(),
        scopes: vec!["admin".to_owned()],
        party_ids: None,
        time_to_live: Duration::seconds(-1),
    };
    let expired = format!("Bearer {}", state.auth.mint(&expired, state.clock.now()).unwrap());
    let mut refused = 0;
    for Operation { id, method, path, scopes } in operations() {
        let call = async |authorization: Option<String>| {
            let mut request = TestRequest::default().method(method.clone()).uri(&path);
            if let Some(authorization) = authorization {
                request = request.insert_header(("authorization", authorization));
            }
            let response = test::call_service(&service, request.to_request()).await;
            let status = response.status().as_u16();
            let body = test::read_body(response).await;
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            (status, body["code"].as_str().unwrap_or_default().to_owned(), body)
        };
        if WITHOUT_TOKEN.contains(&id.as_str()) {
            assert_eq!(call(None).await.0, 200, "{id}");
            continue;
        }
        for (authorization, code) in [
            (None, "missing_token"),
            (Some("Bearer x".to_owned()), "invalid_token"),
            (Some(expired.clone()), "expired_token"),
        ] {
            let (status, told, _) = call(authorization).await;
            assert_eq!((status, told.as_str()), (401, code), "{id}");
        }
        if WITHOUT_SCOPE.contains(&id.as_str()) {
            assert_eq!(call(Some(bearer(&state, "", None))).await.0, 200, "{id}");
            continue;
        }
        let scope = scopes.unwrap().remove(0);
        // Every scope there is, but the one it takes.
        let others: Vec<&str> =
            perm::ALL.iter().map(|(known, _)| *known).filter(|known| *known != scope.as_str()).collect();
        let (status, told, body) = call(Some(bearer(&state, &others.join(" "), None))).await;
        assert_eq!((status, told.as_str()), (403, "missing_scope"), "{id}: {body}");
        assert!(body["detail"].as_str().unwrap().contains(scope.as_str()), "{id}: {body}");
        // What residents may do, they do with its scope: their tokens never count as admin.
        let (status, told, _) = call(Some(bearer(&state, "admin", Some(vec![7])))).await;
        let for_residents = scope == "internetviestit:read" && told == "missing_scope";
        assert!(status == 404 || for_residents, "{id}: {status}");
        refused += 1;
    }
    assert!(refused > 20, "{refused} operations are few");
}
