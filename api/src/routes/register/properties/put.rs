//! `PUT /api/v1/properties/{property_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use persistence::properties::StoredProperty;

use super::dto::PropertyResponse;
use super::request::PropertyRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a property as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `properties.csv` would. What it refers to must be there. A field that was set here
/// keeps its value until the ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putProperty",
    tag = "properties",
    security(("bearer" = ["register:write"])),
    params(
        (
            "property_id" = i64,
            Path,
            description = "The ERP's id of the property.",
            example = 310,
            minimum = 1,
            maximum = 9_007_199_254_740_991_i64,
        ),
        PutConditionHeaders,
    ),
    request_body = PropertyRequest,
    responses(
        (
            status = 200,
            description = "The property was there already.",
            body = PropertyResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The property is new.",
            body = PropertyResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/properties/{property_id}")]
pub async fn put_property(
    caller: Require<RegisterWrite>,
    property_id: web::Path<i64>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<PropertyRequest>,
) -> Result<HttpResponse, Problem> {
    let property_id = property_id.into_inner();
    let row = requested::<StoredProperty>(&body, ("property_id", property_id.into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let written = state.db.write(move |writer| writing.put::<StoredProperty>(writer, row.clone(), &conditions)).await?;
    Ok(written.answer(&format!("{BASE}/properties/{property_id}")))
}
