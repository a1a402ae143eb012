//! `POST /api/v1/move-in-inspection-mailing-drafts`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::due::MoveInInspection;
use domain::occasion::OccasionKind;

use crate::auth::Require;
use crate::auth::perm::MailingsWrite;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyKey, IdempotencyKeyHeader};
use crate::problem::Problem;
use crate::routes::mailings::mailing_dto::Mailing;
use crate::routes::register::due::{Kind, ReminderDraftRequest, draft_about};
use crate::state::AppState;

const KIND: Kind = Kind {
    occasion: OccasionKind::MoveInInspectionDue,
    origin: "move_in_inspections",
    name: "Move-in inspections due",
};

/// Draft a mailing about ticked move-in inspections.
///
/// To the parties of these rows, by one channel, with the contents of the template; its `origin` is `move_in_inspections` and the
/// day. One party gets one message, however many of the rows are its own. Inspections that are answered when it is previewed and sent are left
/// out; the preview names them. The draft is edited, previewed and sent as
/// others are.
#[utoipa::path(
    operation_id = "createMoveInInspectionMailingDraft",
    tag = "move-in-inspections",
    security(("bearer" = ["mailings:write"])),
    params(IdempotencyKeyHeader),
    request_body = ReminderDraftRequest,
    responses((
        status = 201,
        description = "The draft.",
        body = Mailing,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/move-in-inspection-mailing-drafts")]
pub async fn create_move_in_inspection_mailing_draft(
    caller: Require<MailingsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<ReminderDraftRequest>,
) -> Result<HttpResponse, Problem> {
    draft_about::<MoveInInspection>(KIND, &state, &caller, key, &request, body).await
}
