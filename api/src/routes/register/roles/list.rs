//! `GET /api/v1/roles`.

use actix_web::{HttpRequest, get, web};
use persistence::roles::{self, RoleFilter};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::{RolePage, RoleResponse};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which roles to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRolesQuery {
    /// Only the roles of this party.
    #[param(required = false, nullable = false, example = 1042)]
    party_id: Option<i64>,
    /// Only the roles in this very property, not in those below it.
    #[param(required = false, nullable = false, example = 310)]
    property_id: Option<i64>,
    /// Only roles with this code.
    #[param(required = false, nullable = false, example = "resident")]
    role: Option<String>,
    /// How many roles a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List roles.
///
/// Past, present and coming ones. Of protected parties, property and contract are null without the scope `parties:protected`,
/// and a list by `property_id` leaves them out; with it they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listRoles",
    tag = "roles",
    security(("bearer" = ["register:read"])),
    params(ListRolesQuery),
    responses((status = 200, description = "A page of roles.", body = RolePage)),
)]
#[get("/roles")]
pub async fn list_roles(
    caller: Require<RegisterRead>,
    query: QueryParams<ListRolesQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<RolePage>, Problem> {
    let ListRolesQuery { party_id, property_id, role, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let see_protected = may_see_protected(&caller);
    let cursors = state.cursors.of(&("roles", party_id, property_id, &role, see_protected));
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let filter = RoleFilter { party_id, property_id, role, see_protected };
    let wanted = rows_for(limit);
    let rows = state.db.read(move |reader| Ok::<_, Problem>(roles::list(reader, &filter, after, wanted)?)).await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.role.role_id.to_string() });
    let visibility = |party_protected| Visibility::of(party_protected, see_protected);
    let party_ids = disclosed(rows.iter().map(|row| (row.role.party_id, visibility(row.party_protected))));
    disclosure::record(&state, &caller, &request, party_ids).await?;
    let items = rows.into_iter().map(|row| RoleResponse::of(row.role, visibility(row.party_protected))).collect();
    Ok(web::Json(RolePage { items, next_cursor }))
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<Uuid, Problem> {
    Ok(cursors.open(cursor)?.uuid()?)
}
