//! `PATCH /api/v1/move-in-inspections/{inspection_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use domain::due::MoveInInspection;
use persistence::due_items;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::dto::MoveInInspectionResponse;
use super::request::MoveInInspectionPatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a move-in inspection here, for instance that it was answered.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Whose it is, and of which
/// property, is the ERP's alone: PUT it.
#[utoipa::path(
    operation_id = "updateMoveInInspection",
    tag = "move-in-inspections",
    security(("bearer" = ["register:write"])),
    params(("inspection_id" = Uuid, Path, description = "The move-in inspection's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    request_body(
        content((MoveInInspectionPatch = "application/merge-patch+json"), (MoveInInspectionPatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The move-in inspection as it is now.",
        body = MoveInInspectionResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/move-in-inspections/{inspection_id}")]
pub async fn update_move_in_inspection(
    caller: Require<RegisterWrite>,
    inspection_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let inspection_id = inspection_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let written = state
        .db
        .write(move |writer| {
            let stored = due_items::find::<MoveInInspection>(writer, inspection_id)?.ok_or_else(Problem::not_found)?;
            writing.patch(writer, &stored, &seen, &patch)
        })
        .await?;
    Ok(written.answer(""))
}
