//! `GET /api/v1/recipients/roles`.

use actix_web::{get, web};
use persistence::recipient_query::roles_in_use;

use super::choices_dto::{RecipientRole, RecipientRoleList};
use crate::auth::{Require, perm};
use crate::problem::Problem;
use crate::state::AppState;

/// List the roles in use.
///
/// The role codes that somebody holds today, with how many do; at most 1000.
#[utoipa::path(
    operation_id = "getRecipientRoles",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    responses((status = 200, description = "All of them.", body = RecipientRoleList)),
)]
#[get("/recipients/roles")]
pub async fn get_recipient_roles(
    _caller: Require<perm::RecipientsSearch>,
    state: web::Data<AppState>,
) -> Result<web::Json<RecipientRoleList>, Problem> {
    let today = state.today();
    let roles = state.db.read(move |reader| roles_in_use(reader, today)).await?;
    Ok(web::Json(RecipientRoleList { roles: roles.into_iter().map(RecipientRole::from).collect() }))
}
