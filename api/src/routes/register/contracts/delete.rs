//! `DELETE /api/v1/contracts/{contract_id}`.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use persistence::contracts;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::{Code, Problem};
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Delete a contract.
///
/// Only one to which no role refers; one that has ended is kept with its last day in `valid_to` rather. When the ERP puts or
/// imports it again, it is there again.
#[utoipa::path(
    operation_id = "deleteContract",
    tag = "contracts",
    security(("bearer" = ["register:write"])),
    params(("contract_id" = i64, Path, description = "The ERP's id of the contract.", example = 5001), IfMatchHeader),
    responses(
        (status = 204, description = "The contract is gone."),
        (
            status = 409,
            description = "Something refers to it: `contract_in_use`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[delete("/contracts/{contract_id}")]
pub async fn delete_contract(
    caller: Require<RegisterWrite>,
    contract_id: web::Path<i64>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let contract_id = contract_id.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    state
        .db
        .write(move |writer| {
            let stored = contracts::find(writer, contract_id)?.ok_or_else(Problem::not_found)?;
            seen.check(&writing.etag(&stored)?)?;
            if contracts::is_in_use(writer, contract_id)? {
                let detail = "Roles refer to this contract. Take them away first.";
                return Err(Problem::new(Code::ContractInUse, detail));
            }
            Ok::<_, Problem>(contracts::delete(writer, contract_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
