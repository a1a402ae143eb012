//! `POST /api/v1/key-loans`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::due::KeyLoan;
use persistence::due_items::StoredItem;
use serde_json::Value;

use super::dto::KeyLoanResponse;
use super::request::KeyLoanRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Add a key loan that the ERP does not know of.
///
/// One that the ERP has is put under the ERP's id, or imported.
#[utoipa::path(
    operation_id = "createKeyLoan",
    tag = "key-loans",
    security(("bearer" = ["register:write"])),
    params(IdempotencyKeyHeader),
    request_body = KeyLoanRequest,
    responses((
        status = 201,
        description = "The key loan.",
        body = KeyLoanResponse,
        headers(
            ("ETag" = String, description = "The version of what is shown."),
            ("Location" = String, description = "Where it is."),
        ),
    )),
)]
#[post("/key-loans")]
pub async fn create_key_loan(
    caller: Require<RegisterWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<KeyLoanRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let row = requested::<StoredItem<KeyLoan>>(&body, ("loan_id", Value::Null))?;
    let writing = Writing::of(&state, &caller, &request);
    once(&state, context, move |writer| {
        let written = writing.create::<StoredItem<KeyLoan>>(writer, row.clone())?;
        written.reply(&format!("{BASE}/key-loans/{}", written.body.loan_id()))
    })
    .await
}
