//! `PATCH /api/v1/roles/{role_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use persistence::roles;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::dto::RoleResponse;
use super::request::RolePatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a role here.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Whose role it is, where, and by which contract is the ERP's alone: PUT it. Of a role without an `erp_role_id` only
/// `valid_to` can be set, for the rest tells which role it is.
#[utoipa::path(
    operation_id = "updateRole",
    tag = "roles",
    security(("bearer" = ["register:write"])),
    params(("role_id" = Uuid, Path, description = "The role's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    request_body(
        content((RolePatch = "application/merge-patch+json"), (RolePatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The role as it is now.",
        body = RoleResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/roles/{role_id}")]
pub async fn update_role(
    caller: Require<RegisterWrite>,
    role_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let role_id = role_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let written = state
        .db
        .write(move |writer| {
            let stored = roles::find(writer, role_id)?.ok_or_else(Problem::not_found)?;
            writing.patch(writer, &stored, &seen, &patch)
        })
        .await?;
    Ok(written.answer(""))
}
