//! `GET /api/v1/operations/{operation_id}`.

use actix_web::{get, web};
use persistence::operations;
use uuid::Uuid;

use super::dto::Operation;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::problem::Problem;
use crate::state::AppState;

/// Follow an operation.
///
/// An operation whose process ended before it was done becomes `failed` with the code `interrupted`, some time after.
#[utoipa::path(
    operation_id = "getOperation",
    tag = "operations",
    security(("bearer" = ["register:write"])),
    params(("operation_id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "How far the operation is, and what came of it.", body = Operation)),
)]
#[get("/operations/{operation_id}")]
pub async fn get_operation(
    _caller: Require<RegisterWrite>,
    operation_id: web::Path<Uuid>,
    state: web::Data<AppState>,
) -> Result<web::Json<Operation>, Problem> {
    let operation_id = operation_id.into_inner();
    let stored = state.db.read(move |reader| Ok::<_, Problem>(operations::find(reader, operation_id)?)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok(web::Json(Operation::new(stored, state.imports.progress(operation_id))?))
}
