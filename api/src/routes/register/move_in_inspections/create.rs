//! `POST /api/v1/move-in-inspections`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::due::MoveInInspection;
use persistence::due_items::StoredItem;
use serde_json::Value;

use super::dto::MoveInInspectionResponse;
use super::request::MoveInInspectionRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Add a move-in inspection that the ERP does not know of.
///
/// One that the ERP has is put under the ERP's id, or imported.
#[utoipa::path(
    operation_id = "createMoveInInspection",
    tag = "move-in-inspections",
    security(("bearer" = ["register:write"])),
    params(IdempotencyKeyHeader),
    request_body = MoveInInspectionRequest,
    responses((
        status = 201,
        description = "The move-in inspection.",
        body = MoveInInspectionResponse,
        headers(
            ("ETag" = String, description = "The version of what is shown."),
            ("Location" = String, description = "Where it is."),
        ),
    )),
)]
#[post("/move-in-inspections")]
pub async fn create_move_in_inspection(
    caller: Require<RegisterWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<MoveInInspectionRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let row = requested::<StoredItem<MoveInInspection>>(&body, ("inspection_id", Value::Null))?;
    let writing = Writing::of(&state, &caller, &request);
    once(&state, context, move |writer| {
        let written = writing.create::<StoredItem<MoveInInspection>>(writer, row.clone())?;
        written.reply(&format!("{BASE}/move-in-inspections/{}", written.body.inspection_id()))
    })
    .await
}
