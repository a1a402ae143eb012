//! `GET /api/v1/contracts`.

use actix_web::{HttpRequest, get, web};
use domain::register::ContractId;
use persistence::contracts::{self, ContractFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{ContractPage, ContractResponse};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which contracts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListContractsQuery {
    /// Only the contracts of this party.
    #[param(required = false, nullable = false, example = 1042)]
    party_id: Option<i64>,
    /// Only the contracts about this very property, not about those below it.
    #[param(required = false, nullable = false, example = 310)]
    property_id: Option<i64>,
    /// How many contracts a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List contracts.
///
/// Past, present and coming ones. Of protected parties, the property is null without the scope `parties:protected`, and a list
/// by `property_id` leaves them out; with it they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listContracts",
    tag = "contracts",
    security(("bearer" = ["register:read"])),
    params(ListContractsQuery),
    responses((status = 200, description = "A page of contracts.", body = ContractPage)),
)]
#[get("/contracts")]
pub async fn list_contracts(
    caller: Require<RegisterRead>,
    query: QueryParams<ListContractsQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<ContractPage>, Problem> {
    let ListContractsQuery { party_id, property_id, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let see_protected = may_see_protected(&caller);
    let cursors = state.cursors.of(&("contracts", party_id, property_id, see_protected));
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let filter = ContractFilter { party_id, property_id, see_protected };
    let wanted = rows_for(limit);
    let rows = state.db.read(move |reader| Ok::<_, Problem>(contracts::list(reader, &filter, after, wanted)?)).await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.contract.contract_id.to_string() });
    let visibility = |party_protected| Visibility::of(party_protected, see_protected);
    let party_ids = disclosed(rows.iter().map(|row| (row.contract.party_id, visibility(row.party_protected))));
    disclosure::record(&state, &caller, &request, party_ids).await?;
    let items =
        rows.into_iter().map(|row| ContractResponse::of(row.contract, visibility(row.party_protected))).collect();
    Ok(web::Json(ContractPage { items, next_cursor }))
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<ContractId, Problem> {
    Ok(cursors.open(cursor)?.numeric_id()?)
}
