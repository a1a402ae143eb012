//! `GET /api/v1/templates/{template_id}/versions/{version}`.

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use persistence::templates::{SavedVersion, find_version};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::TemplateRequest;
use crate::auth::{Require, perm};
use crate::problem::Problem;
use crate::state::AppState;

/// A template as it was from one save on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedTemplate {
    /// The template.
    template_id: Uuid,
    /// The version.
    #[schema(example = 2)]
    version: i64,
    content: TemplateRequest,
    /// When it was saved.
    saved_at: DateTime<Utc>,
    /// The subject of the token.
    #[schema(example = "portal")]
    saved_by: String,
    /// The version whose text was taken again.
    #[schema(required = true, example = json!(null))]
    restored_from: Option<i64>,
}

/// Read a version of a template.
///
/// The template as it was from that save on.
#[utoipa::path(
    operation_id = "getTemplateVersion",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(
        ("template_id" = Uuid, Path, description = "The template."),
        ("version" = i64, Path, description = "The version.", minimum = 1, example = 2),
    ),
    responses((status = 200, description = "The version.", body = SavedTemplate)),
)]
#[get("/templates/{template_id}/versions/{version}")]
pub async fn get_template_version(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    path: web::Path<(Uuid, i64)>,
) -> Result<web::Json<SavedTemplate>, Problem> {
    let (template_id, version) = path.into_inner();
    let found = state.db.read(move |reader| find_version(reader, template_id, version)).await?;
    let SavedVersion { version, template, saved_at, saved_by, restored_from } = found.ok_or_else(Problem::not_found)?;
    Ok(web::Json(SavedTemplate { template_id, version, content: template.into(), saved_at, saved_by, restored_from }))
}
