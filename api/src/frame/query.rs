//! Query strings of operations that take none: an unknown parameter is refused there, too.

use std::collections::HashMap;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{FromRequest as _, web};
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use crate::auth::Authenticated;
use crate::extract::refused_parameter;
use crate::problem::Problem;

/// The documented operations without query parameters, by method and path template, and whether they need a token.
#[derive(Debug, Default)]
pub struct WithoutQuery(HashMap<(Method, String), bool>);

impl WithoutQuery {
    /// Reads the operations of the document.
    pub fn of(document: &OpenApi) -> Self {
        let of_path = |(path, item): (&String, &PathItem)| {
            let PathItem { get, put, post, delete, patch, .. } = item;
            [
                (Method::GET, get),
                (Method::PUT, put),
                (Method::POST, post),
                (Method::DELETE, delete),
                (Method::PATCH, patch),
            ]
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
            .filter(|(_, operation)| !takes_query(operation))
            .map(|(method, operation)| ((method, path.clone()), needs_token(operation)))
            .collect::<Vec<_>>()
        };
        Self(document.paths.paths.iter().flat_map(of_path).collect())
    }
}

fn takes_query(operation: &Operation) -> bool {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    parameters
        .iter()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query))
}

fn needs_token(operation: &Operation) -> bool {
    operation.security.as_ref().is_none_or(|schemes| !schemes.is_empty())
}

/// 400 `invalid_query`, when there is a query string and the operation takes none; a caller without a valid token is told no more than
/// that. `route` is its path template.
pub(super) async fn refusal(request: &ServiceRequest, route: Option<&str>) -> Option<Problem> {
    let (name, _) = form_urlencoded::parse(request.query_string().as_bytes()).next()?;
    let operation = (request.method().clone(), route?.to_owned());
    let needs_token = *request.app_data::<web::Data<WithoutQuery>>()?.0.get(&operation)?;
    if needs_token && let Err(denied) = Authenticated::extract(request.request()).await {
        return Some(denied);
    }
    Some(refused_parameter(&name, "unknown_field", format!("unknown parameter `{name}`: there are none here")))
}
