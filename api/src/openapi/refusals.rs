//! The refusals that follow from an operation's form, as shared responses of the document.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Response};

use crate::problem::CONTENT_TYPE;

/// Status, component name and description of each shared response.
const SHARED: &[(u16, &str, &str)] = &[
    (400, "BadRequest", "The body is not JSON, or a parameter, cursor or header is not valid."),
    (401, "Unauthorized", "There is no token, or it is not valid or has expired."),
    (403, "Forbidden", "The token lacks the scope of the operation."),
    (404, "NotFound", "There is no such resource, or none that the caller may know of."),
    (408, "RequestTimeout", "The body did not arrive in time."),
    (409, "Conflict", "A request with the same Idempotency-Key is being worked on."),
    (412, "PreconditionFailed", "The resource has changed since the version in If-Match."),
    (413, "BodyTooLarge", "The body is larger than the limit."),
    (415, "UnsupportedMediaType", "The body is not sent as JSON."),
    (
        422,
        "Unprocessable",
        "The JSON can be read, but fields are unknown, missing, of the wrong type or not valid; or the Idempotency-Key was used with another body.",
    ),
    (428, "PreconditionRequired", "If-Match is missing."),
    (500, "InternalError", "Something is wrong on the service's side."),
    (503, "Unavailable", "The service cannot answer now; try again later."),
];

/// Adds to every operation the refusals its form implies, unless it describes that status itself.
pub(super) fn describe(document: &mut OpenApi) {
    let mut used = BTreeSet::new();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            for status in implied(operation) {
                let Some((_, name, _)) = SHARED.iter().find(|(shared, ..)| *shared == status) else { continue };
                operation.responses.responses.entry(status.to_string()).or_insert_with(|| {
                    used.insert(status);
                    RefOr::Ref(Ref::from_response_name(*name))
                });
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for (status, name, description) in SHARED {
        if used.contains(status) {
            components.responses.insert((*name).to_owned(), RefOr::T(response(description)));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn implied(operation: &Operation) -> BTreeSet<u16> {
    let mut implied = BTreeSet::from([500]);
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: &ParameterIn| {
        parameters
            .iter()
            .any(|parameter| matches!(parameter, RefOr::T(Parameter { parameter_in, .. }) if parameter_in == place))
    };
    let has_header = |name: &str| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    };
    let security = operation.security.as_deref().unwrap_or_default();
    if !security.is_empty() {
        implied.extend([401, 503]);
    }
    if security.iter().any(names_a_scope) {
        // A resident's token sees no staff operation: 404.
        implied.extend([403, 404]);
    }
    if has(&ParameterIn::Path) {
        implied.insert(404);
    }
    if has(&ParameterIn::Query) || has(&ParameterIn::Header) {
        implied.insert(400);
    }
    if operation.request_body.is_some() {
        implied.extend([400, 408, 413, 415, 422]);
    }
    if has_header("Idempotency-Key") {
        implied.extend([409, 422]);
    }
    if has_header("If-Match") {
        implied.extend([412, 428]);
    }
    implied
}

fn names_a_scope(requirement: &SecurityRequirement) -> bool {
    let written = serde_json::to_value(requirement).unwrap_or_default();
    written
        .as_object()
        .is_some_and(|schemes| schemes.values().any(|scopes| scopes.as_array().is_some_and(|s| !s.is_empty())))
}

fn response(description: &str) -> Response {
    Response::builder()
        .description(description)
        .content(CONTENT_TYPE, Content::new(Some(Ref::from_schema_name("Problem"))))
        .build()
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, post};
    use serde::Serialize;
    use serde_json::Value;
    use utoipa::ToSchema;
    use utoipa_actix_web::AppExt as _;

    use super::*;
    use crate::etag::IfMatchHeader;
    use crate::idempotency::RequiredIdempotencyKeyHeader;

    /// A note.
    #[derive(Serialize, ToSchema)]
    struct Note {
        /// Its text.
        text: String,
    }

    /// Change a note.
    #[utoipa::path(
        operation_id = "changeNote",
        security(("bearer" = ["notes:write"])),
        params(("note_id" = i64, Path, description = "The note."), RequiredIdempotencyKeyHeader, IfMatchHeader),
        request_body(content = Note, description = "The note."),
        responses((status = 200, description = "Changed.", body = Note), (status = 409, description = "Taken.")),
    )]
    #[post("/notes/{note_id}")]
    async fn change_note() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    #[test]
    fn an_operation_s_form_implies_its_refusals() {
        let (_, mut document) = App::new().into_utoipa_app().service(change_note).split_for_parts();
        describe(&mut document);
        let document = serde_json::to_value(&document).unwrap();
        let operation = &document["paths"]["/notes/{note_id}"]["post"];
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(
            statuses,
            ["200", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "428", "500", "503"]
        );
        assert_eq!(operation["responses"]["409"]["description"], "Taken.", "what the route says stays");
        assert_eq!(operation["responses"]["412"]["$ref"], "#/components/responses/PreconditionFailed");
        let headers: Vec<(&Value, &Value)> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "header")
            .map(|parameter| (&parameter["name"], &parameter["required"]))
            .collect();
        assert_eq!(headers, [(&"Idempotency-Key".into(), &true.into()), (&"If-Match".into(), &true.into())]);
    }
}
