//! `GET /api/v1/register-conflicts`.

use actix_web::{HttpRequest, get, web};
use domain::register::local::RegisterKind;
use persistence::local_values::{self, StoredConflict};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{RegisterConflict, RegisterConflictPage};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which conflicts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRegisterConflictsQuery {
    /// Only those of this kind.
    #[param(required = false, nullable = false, pattern = "^(party|property|contract|role)$", example = "party")]
    kind: Option<String>,
    /// How many conflicts a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List values set here that the ERP has overruled.
///
/// Newest first. Of protected parties, values that tell where they are are null without the scope `parties:protected`; with it
/// they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listRegisterConflicts",
    tag = "register",
    security(("bearer" = ["register:read"])),
    params(ListRegisterConflictsQuery),
    responses((status = 200, description = "A page of conflicts.", body = RegisterConflictPage)),
)]
#[get("/register-conflicts")]
pub async fn list_register_conflicts(
    caller: Require<RegisterRead>,
    query: QueryParams<ListRegisterConflictsQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<RegisterConflictPage>, Problem> {
    let ListRegisterConflictsQuery { kind, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let kind = kind.as_deref().map(kind_of).transpose()?;
    let cursors = state.cursors.of(&("register-conflicts", kind.map(RegisterKind::as_str)));
    let after = cursor.map(|cursor| Ok::<_, Problem>(cursors.open(&cursor)?.uuid()?)).transpose()?;
    let wanted = rows_for(limit);
    let rows = state
        .db
        .read(move |reader| Ok::<_, Problem>(local_values::list_conflicts(reader, kind, after, wanted)?))
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.conflict_id.to_string() });
    let sees_protected = may_see_protected(&caller);
    let visibility = |row: &StoredConflict| Visibility::of(row.party_protected, sees_protected);
    let party_ids = disclosed(rows.iter().filter_map(|row| Some((row.party_id?, visibility(row)))));
    disclosure::record(&state, &caller, &request, party_ids).await?;
    let items = rows
        .into_iter()
        .map(|row| {
            let visibility = visibility(&row);
            RegisterConflict::of(row, visibility)
        })
        .collect();
    Ok(web::Json(RegisterConflictPage { items, next_cursor }))
}

fn kind_of(word: &str) -> Result<RegisterKind, Problem> {
    RegisterKind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = RegisterKind::ALL.into_iter().map(RegisterKind::as_str).collect();
        refused_parameter("kind", "unknown_value", format!("A kind is one of {}.", words.join(", ")))
    })
}
