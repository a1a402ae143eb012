//! `GET /readyz`.

use actix_web::{get, web};

use super::Health;
use crate::problem::{Problem, ProblemBody};
use crate::state::AppState;

/// Tell whether the service can work.
///
/// Asks the database: send no requests here while this is a 503. Needs no token.
#[utoipa::path(
    operation_id = "getReadiness",
    tag = "system",
    security(),
    responses(
        (status = 200, description = "The database answers.", body = Health),
        (status = 503, description = "The database does not answer: `unavailable`.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/readyz")]
pub async fn get_readiness(state: web::Data<AppState>) -> Result<web::Json<Health>, Problem> {
    state.db.ping().await?;
    Ok(web::Json(Health::ok()))
}
