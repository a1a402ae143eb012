//! `GET /api/v1/move-in-inspections/{inspection_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::due::MoveInInspection;
use persistence::due_items;
use uuid::Uuid;

use super::dto::MoveInInspectionResponse;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::may_see_protected;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::routes::register::found::Found;
use crate::routes::register::visibility::Visibility;
use crate::state::AppState;

/// Read a move-in inspection.
///
/// Of a protected party, property and link are null without the scope `parties:protected`; with it they are shown, and it is
/// audited that they were.
#[utoipa::path(
    operation_id = "getMoveInInspection",
    tag = "move-in-inspections",
    security(("bearer" = ["register:read"])),
    params(
        (
            "inspection_id" = Uuid,
            Path,
            description = "The move-in inspection's id in this service.",
            example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11",
        ),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The move-in inspection.",
            body = MoveInInspectionResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (status = 304, description = "The move-in inspection is as in the version named in If-None-Match."),
    ),
)]
#[get("/move-in-inspections/{inspection_id}")]
pub async fn get_move_in_inspection(
    caller: Require<RegisterRead>,
    inspection_id: web::Path<Uuid>,
    if_none_match: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let inspection_id = inspection_id.into_inner();
    let stored = state
        .db
        .read(move |reader| Ok::<_, Problem>(due_items::find::<MoveInInspection>(reader, inspection_id)?))
        .await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let visibility = Visibility::of(stored.party_protected, may_see_protected(&caller));
    let party_id = stored.row.party_id;
    let body = MoveInInspectionResponse::of(stored.row, visibility);
    let found = Found { body, party_id, visibility, row_hash: stored.row_hash };
    found.answer(&state, &caller, &request, &if_none_match).await
}
