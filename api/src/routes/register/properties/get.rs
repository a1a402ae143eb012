//! `GET /api/v1/properties/{property_id}`.

use actix_web::{HttpResponse, get, web};
use persistence::properties;

use super::dto::PropertyResponse;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a property.
///
/// What the register says of it; those right below it are listed by `GET /api/v1/properties?parent_id=`.
#[utoipa::path(
    operation_id = "getProperty",
    tag = "properties",
    security(("bearer" = ["register:read"])),
    params(
        ("property_id" = i64, Path, description = "The ERP's id of the property.", example = 310),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The property.",
            body = PropertyResponse,
            headers(("ETag" = String, description = "The version of the property.")),
        ),
        (status = 304, description = "The property is as in the version named in If-None-Match."),
    ),
)]
#[get("/properties/{property_id}")]
pub async fn get_property(
    _caller: Require<RegisterRead>,
    property_id: web::Path<i64>,
    if_none_match: IfNoneMatch,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let property_id = property_id.into_inner();
    let stored = state.db.read(move |reader| Ok::<_, Problem>(properties::find(reader, property_id)?)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let etag = ETag::of_bytes(&stored.row_hash);
    Ok(if_none_match.answer(&etag, &PropertyResponse::from(stored.property)))
}
