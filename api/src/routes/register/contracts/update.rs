//! `PATCH /api/v1/contracts/{contract_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use persistence::contracts;
use serde_json::{Map, Value};

use super::dto::ContractResponse;
use super::request::ContractPatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a contract here.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Whose contract it is and what it is about is the ERP's alone: PUT it.
#[utoipa::path(
    operation_id = "updateContract",
    tag = "contracts",
    security(("bearer" = ["register:write"])),
    params(("contract_id" = i64, Path, description = "The ERP's id of the contract.", example = 5001), IfMatchHeader),
    request_body(
        content((ContractPatch = "application/merge-patch+json"), (ContractPatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The contract as it is now.",
        body = ContractResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/contracts/{contract_id}")]
pub async fn update_contract(
    caller: Require<RegisterWrite>,
    contract_id: web::Path<i64>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let contract_id = contract_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let written = state
        .db
        .write(move |writer| {
            let stored = contracts::find(writer, contract_id)?.ok_or_else(Problem::not_found)?;
            writing.patch(writer, &stored, &seen, &patch)
        })
        .await?;
    Ok(written.answer(""))
}
