//! `PUT /api/v1/key-loans/by-erp-id/{erp_loan_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use domain::due::KeyLoan;
use persistence::due_items::StoredItem;

use super::dto::KeyLoanResponse;
use super::request::KeyLoanRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a key loan as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `key_loans.csv` would. What it refers to must be there. A field that was set here
/// keeps its value until the ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putKeyLoan",
    tag = "key-loans",
    security(("bearer" = ["register:write"])),
    params(
        (
            "erp_loan_id" = String,
            Path,
            description = "The ERP's id of the key loan.",
            example = "L-20931",
            min_length = 1,
            max_length = 128,
        ),
        PutConditionHeaders,
    ),
    request_body = KeyLoanRequest,
    responses(
        (
            status = 200,
            description = "The key loan was there already.",
            body = KeyLoanResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The key loan is new.",
            body = KeyLoanResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/key-loans/by-erp-id/{erp_loan_id}")]
pub async fn put_key_loan(
    caller: Require<RegisterWrite>,
    erp_loan_id: web::Path<String>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<KeyLoanRequest>,
) -> Result<HttpResponse, Problem> {
    type Stored = StoredItem<KeyLoan>;
    let row = requested::<Stored>(&body, ("loan_id", erp_loan_id.into_inner().into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let written = state.db.write(move |writer| writing.put::<Stored>(writer, row.clone(), &conditions)).await?;
    Ok(written.answer(&format!("{BASE}/key-loans/{}", written.body.loan_id())))
}
