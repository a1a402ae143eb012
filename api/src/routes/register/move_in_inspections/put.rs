//! `PUT /api/v1/move-in-inspections/by-erp-id/{erp_inspection_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use domain::due::MoveInInspection;
use persistence::due_items::StoredItem;

use super::dto::MoveInInspectionResponse;
use super::request::MoveInInspectionRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a move-in inspection as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `move_in_inspections.csv` would. What it refers to must be there. A field that was set here
/// keeps its value until the ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putMoveInInspection",
    tag = "move-in-inspections",
    security(("bearer" = ["register:write"])),
    params(
        (
            "erp_inspection_id" = String,
            Path,
            description = "The ERP's id of the move-in inspection.",
            example = "T-4711",
            min_length = 1,
            max_length = 128,
        ),
        PutConditionHeaders,
    ),
    request_body = MoveInInspectionRequest,
    responses(
        (
            status = 200,
            description = "The move-in inspection was there already.",
            body = MoveInInspectionResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The move-in inspection is new.",
            body = MoveInInspectionResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/move-in-inspections/by-erp-id/{erp_inspection_id}")]
pub async fn put_move_in_inspection(
    caller: Require<RegisterWrite>,
    erp_inspection_id: web::Path<String>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<MoveInInspectionRequest>,
) -> Result<HttpResponse, Problem> {
    type Stored = StoredItem<MoveInInspection>;
    let row = requested::<Stored>(&body, ("inspection_id", erp_inspection_id.into_inner().into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let written = state.db.write(move |writer| writing.put::<Stored>(writer, row.clone(), &conditions)).await?;
    Ok(written.answer(&format!("{BASE}/move-in-inspections/{}", written.body.inspection_id())))
}
