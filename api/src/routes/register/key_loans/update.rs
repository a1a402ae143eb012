//! `PATCH /api/v1/key-loans/{loan_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use domain::due::KeyLoan;
use persistence::due_items;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::dto::KeyLoanResponse;
use super::request::KeyLoanPatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a key loan here, for instance that the key is back.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Whose it is, and of which
/// property, is the ERP's alone: PUT it.
#[utoipa::path(
    operation_id = "updateKeyLoan",
    tag = "key-loans",
    security(("bearer" = ["register:write"])),
    params(("loan_id" = Uuid, Path, description = "The key loan's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    request_body(
        content((KeyLoanPatch = "application/merge-patch+json"), (KeyLoanPatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The key loan as it is now.",
        body = KeyLoanResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/key-loans/{loan_id}")]
pub async fn update_key_loan(
    caller: Require<RegisterWrite>,
    loan_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let loan_id = loan_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let written = state
        .db
        .write(move |writer| {
            let stored = due_items::find::<KeyLoan>(writer, loan_id)?.ok_or_else(Problem::not_found)?;
            writing.patch(writer, &stored, &seen, &patch)
        })
        .await?;
    Ok(written.answer(""))
}
