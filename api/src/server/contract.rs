//! What the document promises about tokens, asked of every operation that is in it.

use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use serde_json::Value;

use super::*;
use crate::testing::{bearer, state};

/// Method, path with its parameters filled in, and the scopes the document names; `None` where it needs no token.
fn operations() -> Vec<(Method, String, Option<Vec<String>>)> {
    let document = serde_json::to_value(openapi::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scopes = operation["security"].as_array().unwrap().iter().find_map(|requirement| {
                let scopes = requirement.get("bearer")?.as_array()?;
                Some(scopes.iter().map(|scope| scope.as_str().unwrap().to_owned()).collect())
            });
            let filled = path.split('/').map(|segment| if segment.starts_with('{') { "7" } else { segment });
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            operations.push((method, filled.collect::<Vec<_>>().join("/"), scopes));
        }
    }
    operations
}

#[actix_web::test]
async fn every_operation_asks_for_the_scope_that_the_document_names() {
    let state = state();
    let service = test::init_service(app(state.clone(), Documented::new(&openapi::openapi()).unwrap())).await;
    for (method, path, scopes) in operations() {
        let Some(scopes) = scopes else { continue };
        let call = async |authorization: Option<String>| {
            let mut request = TestRequest::default().method(method.clone()).uri(&path);
            if let Some(authorization) = authorization {
                request = request.insert_header(("authorization", authorization));
            }
            let response = test::call_service(&service, request.to_request()).await;
            (response.status().as_u16(), test::read_body(response).await)
        };
        assert_eq!(call(None).await.0, 401, "{method} {path}");
        assert_eq!(call(Some("Bearer x".to_owned())).await.0, 401, "{method} {path}");
        let [scope] = scopes.as_slice() else { continue };
        let (status, body) = call(Some(bearer(&state, "none", None))).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, 403, "{method} {path}: {body}");
        assert!(body["detail"].as_str().unwrap().contains(scope.as_str()), "{method} {path}: {body}");
        assert_eq!(call(Some(bearer(&state, "admin", Some(vec![7])))).await.0, 404, "{method} {path}");
    }
}
