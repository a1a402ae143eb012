//! The refusals that follow from an operation's form, as shared responses of the document.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Required, Response};

use crate::problem::CONTENT_TYPE;

/// Status, component name and description of each shared response.
const SHARED: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "The body is not JSON (`invalid_json`), or a parameter (`invalid_query`), a cursor (`invalid_cursor`) or a header (`invalid_header`, \
         `idempotency_key_missing`) is not valid, or the request cannot be understood at all (`bad_request`).",
    ),
    (
        401,
        "Unauthorized",
        "There is no token (`missing_token`), or it is not valid (`invalid_token`) or has expired (`expired_token`).",
    ),
    (403, "Forbidden", "The token lacks the scope of the operation (`missing_scope`)."),
    (404, "NotFound", "There is no such resource, or none that the caller may know of (`not_found`)."),
    (408, "RequestTimeout", "The body did not arrive in time (`request_timeout`)."),
    (409, "Conflict", "A request with the same Idempotency-Key is being worked on (`request_in_flight`)."),
    (412, "PreconditionFailed", "The resource has changed since the version in If-Match (`stale_version`)."),
    (413, "BodyTooLarge", "The body is larger than the limit (`body_too_large`)."),
    (
        415,
        "UnsupportedMediaType",
        "The body is not of a content type that the operation reads (`unsupported_media_type`).",
    ),
    (
        422,
        "Unprocessable",
        "The body can be read, but fields are unknown, missing, of the wrong type or not valid (`validation_failed`), or nested \
         too deep (`nesting_too_deep`); or the Idempotency-Key was used with another body (`idempotency_key_reused`).",
    ),
    (428, "PreconditionRequired", "If-Match is missing (`if_match_required`)."),
    (
        429,
        "RateLimited",
        "The caller makes more requests than allowed (`rate_limited`); Retry-After tells when to go on.",
    ),
    (500, "InternalError", "Something is wrong on the service's side (`internal`)."),
    (503, "Unavailable", "The service cannot answer now (`unavailable`); try again later."),
];

/// Adds to every operation the refusals its form implies, unless it describes that status itself.
pub(super) fn describe(document: &mut OpenApi) {
    let mut used = BTreeSet::new();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let implied = implied(operation);
            if implied.contains(&428) {
                tell_by_428(operation);
            }
            for status in implied {
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

/// A request without If-Match is well-formed and refused by a rule of its own, 428; tools take the lack of a header that the
/// document calls required for a malformed request, 400.
fn tell_by_428(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        match parameter {
            RefOr::T(parameter) if parameter.name == "If-Match" => parameter.required = Required::False,
            _ => {}
        }
    }
}

/// The operations of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn implied(operation: &Operation) -> BTreeSet<u16> {
    // 400: unknown query parameters are refused by all, also by those that take none.
    let mut implied = BTreeSet::from([400, 500]);
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: &ParameterIn| {
        parameters
            .iter()
            .any(|parameter| matches!(parameter, RefOr::T(Parameter { parameter_in, .. }) if parameter_in == place))
    };
    let has_header = |name: &str| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    };
    let is_required = |name: &str| {
        parameters.iter().any(|parameter| {
            matches!(parameter, RefOr::T(parameter) if parameter.name == name && parameter.required == Required::True)
        })
    };
    let security = operation.security.as_deref().unwrap_or_default();
    if !security.is_empty() {
        implied.extend([401, 429, 503]);
    }
    if security.iter().any(names_a_scope) {
        // A resident's token sees no staff operation: 404.
        implied.extend([403, 404]);
    }
    if has(&ParameterIn::Path) {
        implied.insert(404);
    }
    if operation.request_body.is_some() {
        implied.extend([408, 413, 415, 422]);
    }
    if has_header("Idempotency-Key") {
        implied.extend([409, 422]);
    }
    if has_header("If-Match") {
        implied.insert(412);
        if is_required("If-Match") {
            implied.insert(428);
        }
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
            ["200", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "428", "429", "500", "503"]
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
        assert_eq!(headers, [(&"Idempotency-Key".into(), &true.into()), (&"If-Match".into(), &false.into())]);
    }
}
