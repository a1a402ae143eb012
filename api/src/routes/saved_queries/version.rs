//! `GET /api/v1/recipient-queries/{query_id}/versions/{version}`.

use actix_web::{get, web};
use persistence::saved_queries;
use uuid::Uuid;

use super::dto::RecipientQueryVersion;
use crate::auth::{Require, perm};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a version of a saved query.
///
/// The name and the filter as they were. To bring them back, write them with PATCH.
#[utoipa::path(
    operation_id = "getRecipientQueryVersion",
    tag = "recipient-queries",
    security(("bearer" = ["lists:read"])),
    params(
        ("query_id" = Uuid, Path, description = "The saved query."),
        ("version" = i64, Path, description = "The version, from 1.", example = 1),
    ),
    responses((status = 200, description = "The version.", body = RecipientQueryVersion)),
)]
#[get("/recipient-queries/{query_id}/versions/{version}")]
pub async fn get_recipient_query_version(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    path: web::Path<(Uuid, i64)>,
) -> Result<web::Json<RecipientQueryVersion>, Problem> {
    let (query_id, version) = path.into_inner();
    let found =
        state.db.read(move |reader| Ok::<_, Problem>(saved_queries::version(reader, query_id, version)?)).await?;
    Ok(web::Json(found.ok_or_else(Problem::not_found)?.into()))
}
