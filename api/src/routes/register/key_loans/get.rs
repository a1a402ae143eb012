//! `GET /api/v1/key-loans/{loan_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::due::KeyLoan;
use persistence::due_items;
use uuid::Uuid;

use super::dto::KeyLoanResponse;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::may_see_protected;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::routes::register::found::Found;
use crate::routes::register::visibility::Visibility;
use crate::state::AppState;

/// Read a key loan.
///
/// Of a protected party, property, key and description are null without the scope `parties:protected`; with it they are
/// shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "getKeyLoan",
    tag = "key-loans",
    security(("bearer" = ["register:read"])),
    params(
        (
            "loan_id" = Uuid,
            Path,
            description = "The key loan's id in this service.",
            example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11",
        ),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The key loan.",
            body = KeyLoanResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (status = 304, description = "The key loan is as in the version named in If-None-Match."),
    ),
)]
#[get("/key-loans/{loan_id}")]
pub async fn get_key_loan(
    caller: Require<RegisterRead>,
    loan_id: web::Path<Uuid>,
    if_none_match: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let loan_id = loan_id.into_inner();
    let stored = state.db.read(move |reader| Ok::<_, Problem>(due_items::find::<KeyLoan>(reader, loan_id)?)).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let visibility = Visibility::of(stored.party_protected, may_see_protected(&caller));
    let party_id = stored.row.party_id;
    let body = KeyLoanResponse::of(stored.row, visibility);
    let found = Found { body, party_id, visibility, row_hash: stored.row_hash };
    found.answer(&state, &caller, &request, &if_none_match).await
}
