//! `POST /api/v1/key-loan-mailing-drafts`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::due::KeyLoan;
use domain::occasion::OccasionKind;

use crate::auth::Require;
use crate::auth::perm::MailingsWrite;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyKey, IdempotencyKeyHeader};
use crate::problem::Problem;
use crate::routes::mailings::mailing_dto::Mailing;
use crate::routes::register::due::{Kind, ReminderDraftRequest, draft_about};
use crate::state::AppState;

const KIND: Kind = Kind { occasion: OccasionKind::OverdueKeyLoan, origin: "key_loans", name: "Overdue key loans" };

/// Draft a mailing about ticked key loans.
///
/// To the parties of these rows, by one channel, with the contents of the template; its `origin` is `key_loans` and the
/// day. One party gets one message, however many of the rows are its own. Loans that are returned, or not overdue any more, when it is previewed
/// and sent are left out; the preview names them. The draft is edited, previewed and sent as
/// others are.
#[utoipa::path(
    operation_id = "createKeyLoanMailingDraft",
    tag = "key-loans",
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
#[post("/key-loan-mailing-drafts")]
pub async fn create_key_loan_mailing_draft(
    caller: Require<MailingsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<ReminderDraftRequest>,
) -> Result<HttpResponse, Problem> {
    draft_about::<KeyLoan>(KIND, &state, &caller, key, &request, body).await
}
