//! `PUT /api/v1/roles/by-erp-id/{erp_role_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use persistence::roles::StoredRole;

use super::dto::RoleResponse;
use super::request::RoleRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a role as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `roles.csv` would. What it refers to must be there. A field that was set here
/// keeps its value until the ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putRole",
    tag = "roles",
    security(("bearer" = ["register:write"])),
    params(
        (
            "erp_role_id" = String,
            Path,
            description = "The ERP's id of the role.",
            example = "R-20931",
            min_length = 1,
            max_length = 128,
        ),
        PutConditionHeaders,
    ),
    request_body = RoleRequest,
    responses(
        (
            status = 200,
            description = "The role was there already.",
            body = RoleResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The role is new.",
            body = RoleResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/roles/by-erp-id/{erp_role_id}")]
pub async fn put_role(
    caller: Require<RegisterWrite>,
    erp_role_id: web::Path<String>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<RoleRequest>,
) -> Result<HttpResponse, Problem> {
    let erp_role_id = erp_role_id.into_inner();
    let row = requested::<StoredRole>(&body, ("role_id", erp_role_id.into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let written = state.db.write(move |writer| writing.put::<StoredRole>(writer, row.clone(), &conditions)).await?;
    Ok(written.answer(&format!("{BASE}/roles/{}", written.body.role_id())))
}
