//! `GET /api/v1/register-imports/{operation_id}/bad-rows`.

use actix_web::{get, web};
use persistence::operations::{self, ImportBadRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::extract::QueryParams;
use crate::imports::jobs::KIND;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBadRowsQuery {
    /// How many rows a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// A row that an import could not take.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadRow {
    /// The file.
    #[schema(example = "parties.csv")]
    file: String,
    /// The line on which the row begins; the header is line 1.
    #[schema(example = 17)]
    line: i64,
    /// The column at fault; null when it is the row as a whole.
    #[schema(required = true, example = "language")]
    column: Option<String>,
    /// One English sentence that names the remedy.
    #[schema(example = "“suomi” is no language tag; write BCP 47, for instance fi, sv or en-GB")]
    reason: String,
}

/// A page of bad rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadRowPage {
    /// The rows, by file and line.
    items: Vec<BadRow>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    next_cursor: Option<String>,
}

/// List the bad rows of an import.
///
/// The first 1000 of them; the operation's result tells how many there are.
#[utoipa::path(
    operation_id = "listRegisterImportBadRows",
    tag = "register",
    security(("bearer" = ["register:write"])),
    params(("operation_id" = Uuid, Path, description = "The import's operation."), ListBadRowsQuery),
    responses((status = 200, description = "A page of bad rows.", body = BadRowPage)),
)]
#[get("/register-imports/{operation_id}/bad-rows")]
pub async fn list_register_import_bad_rows(
    _caller: Require<RegisterWrite>,
    operation_id: web::Path<Uuid>,
    query: QueryParams<ListBadRowsQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<BadRowPage>, Problem> {
    let operation_id = operation_id.into_inner();
    let ListBadRowsQuery { limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let cursors = state.cursors.of(&("bad-rows", operation_id));
    let after = cursor.map(|cursor| Ok::<_, Problem>(cursors.open(&cursor)?.numeric_id()?)).transpose()?;
    let wanted = rows_for(limit);
    let rows = state
        .db
        .read(move |reader| {
            let operation = operations::find(reader, operation_id)?.filter(|operation| operation.kind == KIND);
            operation.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>(operations::list_bad_rows(reader, operation_id, after.unwrap_or_default(), wanted)?)
        })
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.row_no.to_string() });
    let items = rows
        .into_iter()
        .map(|ImportBadRow { file, line, column, reason, .. }| BadRow { file, line, column, reason })
        .collect();
    Ok(web::Json(BadRowPage { items, next_cursor }))
}
