//! `PATCH /api/v1/properties/{property_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use persistence::properties;
use serde_json::{Map, Value};

use super::dto::PropertyResponse;
use super::request::PropertyPatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a property here.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Where a property is in the tree (`parent_id`) is the ERP's alone: PUT it.
#[utoipa::path(
    operation_id = "updateProperty",
    tag = "properties",
    security(("bearer" = ["register:write"])),
    params(("property_id" = i64, Path, description = "The ERP's id of the property.", example = 310), IfMatchHeader),
    request_body(
        content((PropertyPatch = "application/merge-patch+json"), (PropertyPatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The property as it is now.",
        body = PropertyResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/properties/{property_id}")]
pub async fn update_property(
    caller: Require<RegisterWrite>,
    property_id: web::Path<i64>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let property_id = property_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let written = state
        .db
        .write(move |writer| {
            let stored = properties::find(writer, property_id)?.ok_or_else(Problem::not_found)?;
            writing.patch(writer, &stored, &seen, &patch)
        })
        .await?;
    Ok(written.answer(""))
}
