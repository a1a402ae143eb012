//! `DELETE /api/v1/roles/{role_id}`.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use persistence::roles;
use uuid::Uuid;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Delete a role.
///
/// One that has ended is kept with its last day in `valid_to` rather. When the ERP puts or imports it again, it is there again.
#[utoipa::path(
    operation_id = "deleteRole",
    tag = "roles",
    security(("bearer" = ["register:write"])),
    params(("role_id" = Uuid, Path, description = "The role's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    responses(
        (status = 204, description = "The role is gone."),
    ),
)]
#[delete("/roles/{role_id}")]
pub async fn delete_role(
    caller: Require<RegisterWrite>,
    role_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let role_id = role_id.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    state
        .db
        .write(move |writer| {
            let stored = roles::find(writer, role_id)?.ok_or_else(Problem::not_found)?;
            seen.check(&writing.etag(&stored)?)?;
            Ok::<_, Problem>(roles::delete(writer, &stored.role)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
