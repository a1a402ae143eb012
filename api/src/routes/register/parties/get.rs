//! `GET /api/v1/parties/{party_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use persistence::parties;

use super::dto::PartyResponse;
use super::language::{Languages, tag};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::{self, may_see_protected};
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Read a party.
///
/// Of a protected party, phone, postal address and attributes are null without the scope `parties:protected`; with it they
/// are shown, and it is audited that they were. Archived and deceased parties are found too. `service_language` tells in which
/// language the party is written to, and why.
#[utoipa::path(
    operation_id = "getParty",
    tag = "parties",
    security(("bearer" = ["register:read"])),
    params(
        ("party_id" = i64, Path, description = "The ERP's id of the party.", example = 1042),
        IfNoneMatchHeader,
    ),
    responses(
        (
            status = 200,
            description = "The party.",
            body = PartyResponse,
            headers(("ETag" = String, description = "The version of what is shown.")),
        ),
        (status = 304, description = "The party is as in the version named in If-None-Match."),
    ),
)]
#[get("/parties/{party_id}")]
pub async fn get_party(
    caller: Require<RegisterRead>,
    party_id: web::Path<i64>,
    if_none_match: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let party_id = party_id.into_inner();
    let languages = Languages::of(&state);
    let (stored, reason) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let stored = parties::find(reader, party_id)?.ok_or_else(Problem::not_found)?;
                let reason = languages.served(reader, [&stored.party])?.remove(&party_id);
                Ok::<_, Problem>((stored, reason.ok_or_else(Problem::not_found)?))
            })
        })
        .await?;
    let visibility = Visibility::of(stored.party.address_protected, may_see_protected(&caller));
    let row_hash = stored.row_hash.clone();
    let body = PartyResponse::of(stored, visibility);
    let etag = tag(&visibility.etag(&row_hash, &body)?, &reason);
    if !if_none_match.matches(&etag) {
        disclosure::record(&state, &caller, &request, disclosed([(party_id, visibility)])).await?;
    }
    Ok(if_none_match.answer(&etag, &body.served(reason)))
}
