//! `DELETE /api/v1/key-loans/{loan_id}`.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use domain::due::KeyLoan;
use persistence::due_items;
use uuid::Uuid;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Delete a key loan.
///
/// One that is over is kept with the time of return in `returned_at` rather. When the ERP puts or imports it again, it is there again.
#[utoipa::path(
    operation_id = "deleteKeyLoan",
    tag = "key-loans",
    security(("bearer" = ["register:write"])),
    params(("loan_id" = Uuid, Path, description = "The key loan's id in this service.", example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), IfMatchHeader),
    responses(
        (status = 204, description = "The key loan is gone."),
    ),
)]
#[delete("/key-loans/{loan_id}")]
pub async fn delete_key_loan(
    caller: Require<RegisterWrite>,
    loan_id: web::Path<Uuid>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let loan_id = loan_id.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    state
        .db
        .write(move |writer| {
            let stored = due_items::find::<KeyLoan>(writer, loan_id)?.ok_or_else(Problem::not_found)?;
            seen.check(&writing.etag(&stored)?)?;
            Ok::<_, Problem>(due_items::delete(writer, &stored.row)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
