//! `GET /api/v1/projects`.

use actix_web::{get, web};
use persistence::projects::{self, Side};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{Project, ProjectPage};
use crate::auth::{Require, perm};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProjectsQuery {
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List projects.
///
/// In Finnish order of their names, each with the contact lists it is linked to.
#[utoipa::path(
    operation_id = "listProjects",
    tag = "projects",
    security(("bearer" = ["lists:read"])),
    params(ListProjectsQuery),
    responses((status = 200, description = "A page of projects.", body = ProjectPage)),
)]
#[get("/projects")]
pub async fn list_projects(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    query: QueryParams<ListProjectsQuery>,
) -> Result<web::Json<ProjectPage>, Problem> {
    let limit = paging::limit(query.limit)?;
    let cursors = state.cursors.of(&"projects");
    let after = query.cursor.as_deref().map(|text| cursors.open(text)?.named()).transpose()?;
    let (rows, mut linked) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let rows = projects::list(reader, after, rows_for(limit))?;
                let ids: Vec<_> = rows.iter().map(|row| row.project_id).collect();
                let linked = projects::linked(reader, Side::Project, &ids)?;
                Ok::<_, Problem>((rows, linked))
            })
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.project_id.to_string() });
    let items = rows
        .into_iter()
        .map(|row| {
            let linked = linked.remove(&row.project_id).unwrap_or_default();
            Project::new(row, linked)
        })
        .collect();
    Ok(web::Json(ProjectPage { items, next_cursor }))
}
