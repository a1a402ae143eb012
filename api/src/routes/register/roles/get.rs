//! `GET /api/v1/roles/{role_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use persistence::roles;
use uuid::Uuid;

use super::dto::RoleResponse;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::may_see_protected;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::routes::register::found::Found;
use crate::routes::register::visibility::Visibility;
use crate::state::AppState;

/// Read a role.
///
/// Of a protected party, property and contract are null without the scope `parties:protected`; with it they are shown, and it
/// is audited that they were.
#[utoipa::path(
    operation_id = "getRole",
    tag = "roles",
    security(("bearer" = ["register:read"])),
    params(
        (
            "role_id" = Uuid,
            Path,
            description = "The role's id in this service.",
            example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11",
        ),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The role.",
            body = RoleResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (status = 304, description = "The role is as in the version named in If-None-Match."),
    ),
)]
#[get("/roles/{role_id}")]
pub async fn get_role(
    caller: Require<RegisterRead>,
    role_id: web::Path<Uuid>,
    if_none_match: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let role_id = role_id.into_inner();
    let stored = state.db.read(move |reader| Ok::<_, Problem>(roles::find(reader, role_id)?)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let visibility = Visibility::of(stored.party_protected, may_see_protected(&caller));
    let party_id = stored.role.party_id;
    let body = RoleResponse::of(stored.role, visibility);
    let found = Found { body, party_id, visibility, row_hash: stored.row_hash };
    found.answer(&state, &caller, &request, &if_none_match).await
}
