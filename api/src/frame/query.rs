//! Query strings of operations that take none: an unknown parameter is refused there, too.

use std::collections::HashSet;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::web;
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use crate::extract::refused_parameter;
use crate::problem::Problem;

/// The documented operations without query parameters, by method and path template.
#[derive(Debug, Default)]
pub struct WithoutQuery(HashSet<(Method, String)>);

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
            .filter(|(_, operation)| operation.as_ref().is_some_and(|operation| !takes_query(operation)))
            .map(|(method, _)| (method, path.clone()))
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

/// 400 `invalid_query`, when there is a query string and the operation takes none. `route` is its path template.
pub(super) fn refusal(request: &ServiceRequest, route: Option<&str>) -> Option<Problem> {
    let (name, _) = form_urlencoded::parse(request.query_string().as_bytes()).next()?;
    let operation = (request.method().clone(), route?.to_owned());
    let without = request.app_data::<web::Data<WithoutQuery>>()?;
    without
        .0
        .contains(&operation)
        .then(|| refused_parameter(&name, "unknown_field", format!("unknown parameter `{name}`: there are none here")))
}
