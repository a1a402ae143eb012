//! What is asked of a request before its handler is: a token, where the document says that the operation takes one, and no query
//! parameter where it takes none. Extractors run side by side: who calls must be known before any of them reads the body.

use std::collections::HashMap;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{FromRequest as _, web};
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use crate::auth::Authenticated;
use crate::extract::refused_parameter;
use crate::problem::Problem;

/// What the documented operations ask for, by path template.
#[derive(Debug, Default)]
pub struct Operations(HashMap<String, Vec<(Method, Asks)>>);

#[derive(Debug, Clone, Copy)]
struct Asks {
    /// There is no way in but by a token.
    token: bool,
    /// There are query parameters.
    query: bool,
}

impl Operations {
    /// Reads the operations of the document.
    pub fn of(document: &OpenApi) -> Self {
        Self(document.paths.paths.iter().map(|(path, item)| (path.clone(), of_path(item))).collect())
    }

    fn asks(&self, method: &Method, route: &str) -> Option<Asks> {
        self.0.get(route)?.iter().find(|(known, _)| known == method).map(|(_, asks)| *asks)
    }
}

fn of_path(item: &PathItem) -> Vec<(Method, Asks)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [(Method::GET, get), (Method::PUT, put), (Method::POST, post), (Method::DELETE, delete), (Method::PATCH, patch)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
        .map(|(method, operation)| (method, Asks { token: needs_token(operation), query: takes_query(operation) }))
        .collect()
}

fn takes_query(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query))
}

/// An empty requirement, or none at all, lets in whoever has no token.
fn needs_token(operation: &Operation) -> bool {
    let requirements = operation.security.as_deref().unwrap_or_default();
    !requirements.is_empty() && !requirements.contains(&SecurityRequirement::default())
}

/// 401, 429 or 503 when the caller has no token that does, or may not call now; 400 `invalid_query` when there is a query string and the
/// operation takes none. `route` is its path template.
pub(super) async fn refusal(request: &ServiceRequest, route: Option<&str>) -> Option<Problem> {
    let asks = request.app_data::<web::Data<Operations>>()?.asks(request.method(), route?)?;
    if asks.token
        && let Err(denied) = Authenticated::extract(request.request()).await
    {
        return Some(denied);
    }
    if asks.query {
        return None;
    }
    let (name, _) = form_urlencoded::parse(request.query_string().as_bytes()).next()?;
    Some(refused_parameter(&name, "unknown_field", format!("unknown parameter `{name}`: there are none here")))
}
