//! `PATCH /api/v1/parties/{party_id}`.

use actix_web::{HttpRequest, HttpResponse, patch, web};
use persistence::parties;
use serde_json::{Map, Value};

use super::dto::PartyResponse;
use super::language::Languages;
use super::request::PartyPatch;
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Set fields of a party here.
///
/// A value set here holds over the ERP's until the ERP's own value of that field changes; then the ERP's holds again, and the
/// two are listed as a conflict. To set a field to what the ERP says gives it back to the ERP. Parties are never deleted, for
/// their messages stay: set `archived` instead.
#[utoipa::path(
    operation_id = "updateParty",
    tag = "parties",
    security(("bearer" = ["register:write"])),
    params(("party_id" = i64, Path, description = "The ERP's id of the party.", example = 1042), IfMatchHeader),
    request_body(
        content((PartyPatch = "application/merge-patch+json"), (PartyPatch = "application/json")),
        description = "The fields to set.",
    ),
    responses((
        status = 200,
        description = "The party as it is now.",
        body = PartyResponse,
        headers(("ETag" = String, description = "The version of what is shown.")),
    )),
)]
#[patch("/parties/{party_id}")]
pub async fn update_party(
    caller: Require<RegisterWrite>,
    party_id: web::Path<i64>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let party_id = party_id.into_inner();
    let patch = body.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    let languages = Languages::of(&state);
    let written = state
        .db
        .write(move |writer| {
            let stored = parties::find(writer, party_id)?.ok_or_else(Problem::not_found)?;
            let written = writing.patch(writer, &stored, &seen, &patch)?;
            languages.written(writer, party_id, written)
        })
        .await?;
    Ok(written.answer(""))
}
