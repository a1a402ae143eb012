//! `GET /api/v1/attributes/{register}/{name}`.

use actix_web::{HttpResponse, get, web};
use persistence::attributes;

use super::dto::AttributeResponse;
use super::writing::named;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a declared attribute.
///
/// Its type and label.
#[utoipa::path(
    operation_id = "getAttribute",
    tag = "attributes",
    security(("bearer" = ["register:read"])),
    params(
        ("register" = String, Path, description = "`party` or `property`.", example = "party", pattern = "^(party|property)$"),
        (
            "name" = String,
            Path,
            description = "The name: a lower-case snake word of at most 64 characters.",
            example = "customer_class",
            pattern = "^[a-z][a-z0-9_]{0,63}$",
        ),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The attribute.",
            body = AttributeResponse,
            headers(("ETag" = String, description = "Its version.")),
        ),
        (status = 304, description = "The attribute is as in the version named in If-None-Match."),
    ),
)]
#[get("/attributes/{register}/{name}")]
pub async fn get_attribute(
    _caller: Require<RegisterRead>,
    path: web::Path<(String, String)>,
    if_none_match: IfNoneMatch,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (register, name) = named(path.into_inner())?;
    let stored = state.db.read(move |reader| attributes::find(reader, register, &name)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok(if_none_match.answer(&ETag::of_version(stored.version), &AttributeResponse::from(stored)))
}
