//! `GET /api/v1/contracts/{contract_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use persistence::contracts;

use super::dto::ContractResponse;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::may_see_protected;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::routes::register::found::Found;
use crate::routes::register::visibility::Visibility;
use crate::state::AppState;

/// Read a contract.
///
/// Of a protected party, the property is null without the scope `parties:protected`; with it it is shown, and it is audited
/// that it was.
#[utoipa::path(
    operation_id = "getContract",
    tag = "contracts",
    security(("bearer" = ["register:read"])),
    params(
        ("contract_id" = i64, Path, description = "The ERP's id of the contract.", example = 5001),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The contract.",
            body = ContractResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (status = 304, description = "The contract is as in the version named in If-None-Match."),
    ),
)]
#[get("/contracts/{contract_id}")]
pub async fn get_contract(
    caller: Require<RegisterRead>,
    contract_id: web::Path<i64>,
    if_none_match: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let contract_id = contract_id.into_inner();
    let stored = state.db.read(move |reader| Ok::<_, Problem>(contracts::find(reader, contract_id)?)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let visibility = Visibility::of(stored.party_protected, may_see_protected(&caller));
    let party_id = stored.contract.party_id;
    let body = ContractResponse::of(stored.contract, visibility);
    let found = Found { body, party_id, visibility, row_hash: stored.row_hash };
    found.answer(&state, &caller, &request, &if_none_match).await
}
