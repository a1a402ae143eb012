//! `GET /api/v1/attributes`.

use actix_web::{get, web};
use persistence::attributes;

use super::dto::{AttributeList, AttributeResponse};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::problem::Problem;
use crate::state::AppState;

/// List declared attributes.
///
/// The customer's own fields of parties and properties that have a type and can be searched by.
#[utoipa::path(
    operation_id = "listAttributes",
    tag = "attributes",
    security(("bearer" = ["register:read"])),
    responses((status = 200, description = "All of them.", body = AttributeList)),
)]
#[get("/attributes")]
pub async fn list_attributes(
    _caller: Require<RegisterRead>,
    state: web::Data<AppState>,
) -> Result<web::Json<AttributeList>, Problem> {
    let stored = state.db.read(attributes::list).await?;
    Ok(web::Json(AttributeList { attributes: stored.into_iter().map(AttributeResponse::from).collect() }))
}
