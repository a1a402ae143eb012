//! `PATCH /api/v1/attributes/{register}/{name}`.

use actix_web::{HttpResponse, patch, web};
use domain::attribute::Attribute;

use super::dto::{AttributePatch, AttributeResponse};
use super::writing::{answer, before, declare, named};
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// Change an attribute.
///
/// Its label, or its type: the values that are there must be of the new type already, and are worked out anew.
#[utoipa::path(
    operation_id = "updateAttribute",
    tag = "attributes",
    security(("bearer" = ["register:write"])),
    params(
        ("register" = String, Path, description = "`party` or `property`.", example = "party", pattern = "^(party|property)$"),
        (
            "name" = String,
            Path,
            description = "The name: a lower-case snake word of at most 64 characters.",
            example = "customer_class",
            pattern = "^[a-z][a-z0-9_]{0,63}$",
        ),
        IfMatchHeader,
    ),
    request_body(
        content((AttributePatch = "application/merge-patch+json"), (AttributePatch = "application/json")),
        description = "What to change.",
    ),
    responses(
        (
            status = 200,
            description = "The attribute as it is now.",
            body = AttributeResponse,
            headers(("ETag" = String, description = "Its version.")),
        ),
        (
            status = 409,
            description = "Rows have values of another type: `attribute_misfits`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[patch("/attributes/{register}/{name}")]
pub async fn update_attribute(
    _caller: Require<RegisterWrite>,
    path: web::Path<(String, String)>,
    seen: IfMatch,
    state: web::Data<AppState>,
    body: JsonBody<AttributePatch>,
) -> Result<HttpResponse, Problem> {
    let (register, name) = named(path.into_inner())?;
    let AttributePatch { attribute_type, label } = body.into_inner();
    let stored = state
        .db
        .write(move |writer| {
            let before = before(writer, register, &name)?.ok_or_else(Problem::not_found)?;
            let type_word = attribute_type.as_deref().unwrap_or(before.attribute.attribute_type.as_str());
            let mut new_label = before.attribute.label.clone();
            label.clone().apply(&mut new_label);
            let changed = Attribute::declare(register, &name, type_word, new_label.as_deref())?;
            // Last, as RFC 9110, section 13.2.1, has it: a fault of the request is told whatever the version.
            seen.check(&ETag::of_version(before.version))?;
            declare(writer, &changed, Some(&before))
        })
        .await?;
    Ok(answer(HttpResponse::Ok(), stored))
}
