//! `GET /healthz`.

use actix_web::{get, web};

use super::Health;

/// Tell whether the process runs.
///
/// Asks nothing else: restart the process when this does not answer. Needs no token.
#[utoipa::path(
    operation_id = "getHealth",
    tag = "system",
    security(),
    responses((status = 200, description = "The process runs.", body = Health)),
)]
#[get("/healthz")]
pub async fn get_health() -> web::Json<Health> {
    web::Json(Health::ok())
}
