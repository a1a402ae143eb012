//! `PUT /api/v1/contracts/{contract_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use persistence::contracts::StoredContract;

use super::dto::ContractResponse;
use super::request::ContractRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a contract as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `contracts.csv` would. What it refers to must be there. A field that was set here
/// keeps its value until the ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putContract",
    tag = "contracts",
    security(("bearer" = ["register:write"])),
    params(
        (
            "contract_id" = i64,
            Path,
            description = "The ERP's id of the contract.",
            example = 5001,
            minimum = 1,
            maximum = 9_007_199_254_740_991_i64,
        ),
        PutConditionHeaders,
    ),
    request_body = ContractRequest,
    responses(
        (
            status = 200,
            description = "The contract was there already.",
            body = ContractResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The contract is new.",
            body = ContractResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/contracts/{contract_id}")]
pub async fn put_contract(
    caller: Require<RegisterWrite>,
    contract_id: web::Path<i64>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<ContractRequest>,
) -> Result<HttpResponse, Problem> {
    let contract_id = contract_id.into_inner();
    let row = requested::<StoredContract>(&body, ("contract_id", contract_id.into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let written = state.db.write(move |writer| writing.put::<StoredContract>(writer, row.clone(), &conditions)).await?;
    Ok(written.answer(&format!("{BASE}/contracts/{contract_id}")))
}
