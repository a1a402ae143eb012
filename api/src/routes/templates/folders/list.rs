//! `GET /api/v1/template-folders`.

use actix_web::{get, web};
use persistence::templates::list_folders;
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::TemplateFolderPage;
use crate::auth::{Require, perm};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::templates::list::{channel_of, position};
use crate::state::AppState;

/// Which folders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTemplateFoldersQuery {
    /// Only those of this channel: `email`, `sms`, `letter` or `internetviesti`.
    #[param(required = false, nullable = false, pattern = "^(email|sms|letter|internetviesti)$", example = "email")]
    channel: Option<String>,
    /// How many folders a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List the folders of templates.
///
/// In Finnish order of their names.
#[utoipa::path(
    operation_id = "listTemplateFolders",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(ListTemplateFoldersQuery),
    responses((status = 200, description = "A page of folders.", body = TemplateFolderPage)),
)]
#[get("/template-folders")]
pub async fn list_template_folders(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    query: QueryParams<ListTemplateFoldersQuery>,
) -> Result<web::Json<TemplateFolderPage>, Problem> {
    let ListTemplateFoldersQuery { channel, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let cursors = state.cursors.of(&("template folders", &channel));
    let channel = channel.as_deref().map(channel_of).transpose()?;
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let wanted = rows_for(limit);
    let rows = state.db.read(move |reader| list_folders(reader, channel, after, wanted)).await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.folder_id.to_string() });
    Ok(web::Json(TemplateFolderPage { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}
