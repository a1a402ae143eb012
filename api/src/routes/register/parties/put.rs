//! `PUT /api/v1/parties/{party_id}`.

use actix_web::{HttpRequest, HttpResponse, put, web};
use persistence::parties::StoredParty;

use super::dto::PartyResponse;
use super::language::Languages;
use super::request::PartyRequest;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::register::writing::{Writing, requested};
use crate::state::AppState;

/// Put a party as the ERP has it.
///
/// Creates it or replaces all of it, as a row of `parties.csv` would. A field that was set here keeps its value until the
/// ERP's own value of it changes; what is answered is what holds.
#[utoipa::path(
    operation_id = "putParty",
    tag = "parties",
    security(("bearer" = ["register:write"])),
    params(
        (
            "party_id" = i64,
            Path,
            description = "The ERP's id of the party.",
            example = 1042,
            minimum = 1,
            maximum = 9_007_199_254_740_991_i64,
        ),
        PutConditionHeaders,
    ),
    request_body = PartyRequest,
    responses(
        (
            status = 200,
            description = "The party was there already.",
            body = PartyResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (
            status = 201,
            description = "The party is new.",
            body = PartyResponse,
            headers(
                ("ETag" = String, description = "The version of what is shown."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
    ),
)]
#[put("/parties/{party_id}")]
pub async fn put_party(
    caller: Require<RegisterWrite>,
    party_id: web::Path<i64>,
    conditions: PutConditions,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<PartyRequest>,
) -> Result<HttpResponse, Problem> {
    let party_id = party_id.into_inner();
    let row = requested::<StoredParty>(&body, ("party_id", party_id.into()))?;
    let writing = Writing::of(&state, &caller, &request);
    let languages = Languages::of(&state);
    let written = state
        .db
        .write(move |writer| {
            let written = writing.put::<StoredParty>(writer, row.clone(), &conditions)?;
            languages.written(writer, party_id, written)
        })
        .await?;
    Ok(written.answer(&format!("{BASE}/parties/{party_id}")))
}
