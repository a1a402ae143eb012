//! `DELETE /api/v1/move-in-inspections/{inspection_id}`.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use domain::due::MoveInInspection;
use persistence::due_items;
use uuid::Uuid;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Delete a move-in inspection.
///
/// One that is over is kept with the time of the answer in `answered_at` rather. When the ERP puts or imports it again, it is there again.
#[utoipa::path(
    operation_id = "deleteMoveInInspection",
    tag = "move-in-inspections",
    security(("bearer" = ["register:write"])),
    params(("inspection_id" = Uuid, Path, description = "The move-in inspection's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    responses(
        (status = 204, description = "The move-in inspection is gone."),
    ),
)]
#[delete("/move-in-inspections/{inspection_id}")]
pub async fn delete_move_in_inspection(
    caller: Require<RegisterWrite>,
    inspection_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let inspection_id = inspection_id.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    state
        .db
        .write(move |writer| {
            let stored = due_items::find::<MoveInInspection>(writer, inspection_id)?.ok_or_else(Problem::not_found)?;
            seen.check(&writing.etag(&stored)?)?;
            Ok::<_, Problem>(due_items::delete(writer, &stored.row)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
