//! `PATCH /api/v1/internetviestit/{internetviesti_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use chrono::{DateTime, Utc};
use domain::internetviesti::{Internetviesti, InternetviestiId, State};
use domain::invalid::FieldError;
use persistence::Reader;
use persistence::internetviestit::{Author, StoredInternetviesti, find, replace};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::muokkaus_dto::InternetviestiMuokkaus;
use super::pyynto_dto::{InternetviestiPyynto, InternetviestiVersio, LiitePyynto};
use super::saving::prepare;
use crate::auth::Require;
use crate::auth::perm::InternetviestitWrite;
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, WithFiles, from_json};
use crate::patch::{merge, not_null};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// What to change of a message (JSON Merge Patch, RFC 7396): fields that are left out stay, null takes a field's value away, lists
/// are replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tarkea": true, "voimassa_paattyen": null}))]
#[expect(dead_code, reason = "says which patches have the right form; they are applied to the message's JSON")]
pub struct InternetviestiMuutospyynto {
    /// Only of a draft: as in the request that adds it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = json!([]))]
    osapuoli_idt: Option<Vec<i64>>,
    /// Only of a draft: as in the request that adds it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = json!([1]))]
    kohde_idt: Option<Vec<i64>>,
    /// As in the request that adds it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    ulottuu_alas: Option<bool>,
    /// As in the request that adds it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = json!([]))]
    roolit: Option<Vec<String>>,
    /// All versions; replaced as a whole.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_items = 1)]
    versiot: Option<Vec<InternetviestiVersio>>,
    /// The files that go with every version; replaced as a whole.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = json!([]))]
    tiedosto_idt: Option<Vec<Uuid>>,
    /// Files to add to those that go with every version.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    liitteet: Option<Vec<LiitePyynto>>,
    /// As in the request that adds it.
    voimassa_alkaen: Option<DateTime<Utc>>,
    /// As in the request that adds it.
    voimassa_paattyen: Option<DateTime<Utc>>,
    /// As in the request that adds it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    tarkea: Option<bool>,
    /// Only of a draft: as in the request that adds it.
    #[schema(example = json!(null))]
    korjaa_id: Option<i64>,
    /// `julkaistu` publishes a draft. What has been published does not become a draft again.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "julkaistu", pattern = "^(luonnos|julkaistu)$")]
    tila: Option<String>,
}

/// Change a message, or publish a draft.
///
/// A JSON Merge Patch (RFC 7396). Every change is kept. The targets of a published message stay: withdraw it and add another one,
/// or follow it up with `korjaa_id`. Portals are served the new version at once.
#[utoipa::path(
    operation_id = "updateInternetviesti",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:write"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), IfMatchHeader),
    request_body(
        content(
            (InternetviestiMuutospyynto = "application/merge-patch+json"),
            (InternetviestiMuutospyynto = "application/json"),
        ),
        description = "The fields to change.",
    ),
    responses(
        (
            status = 200,
            description = "The changed message.",
            body = InternetviestiMuokkaus,
            headers(("ETag" = String, description = "Its version.")),
        ),
        (status = 409, description = "It has been withdrawn: `internetviesti_withdrawn`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[patch("/internetviestit/{internetviesti_id}")]
pub async fn update_internetviesti(
    caller: Require<InternetviestitWrite>,
    state: web::Data<AppState>,
    internetviesti_id: web::Path<i64>,
    seen: IfMatch,
    body: JsonBody<Map<String, Value>, WithFiles>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let patch = Value::Object(body.into_inner());
    let old = state.db.read(move |reader| changeable(reader, id)).await?;
    let asked = patched(old.message.clone(), old.state, &patch)?;
    let prepared = prepare(&state, &caller.subject, asked).await?;
    unchangeable(&old, &prepared.message, prepared.state)?;
    let author = Author { subject: caller.subject.clone(), at: state.clock.now(), mailing_id: None };
    let changed = state
        .db
        .write(move |writer| {
            let current = changeable(writer, id)?;
            let message = prepared.complete(writer, Some(&old))?;
            // Last, as RFC 9110, section 13.2.1, has it: a fault of the request is told whatever the version.
            seen.check_version(current.version)?;
            if current.version != old.version {
                return Err(Problem::unavailable("the message was changed at the same time"));
            }
            replace(writer, &current, &message, prepared.state, &author)?;
            find(writer, id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    let etag = ETag::of_version(changed.version);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag.header_value()))
        .json(InternetviestiMuokkaus::from(changed)))
}

/// A message that is not withdrawn.
pub(super) fn changeable(reader: &mut Reader<'_>, id: InternetviestiId) -> Result<StoredInternetviesti, Problem> {
    let stored = find(reader, id)?.ok_or_else(Problem::not_found)?;
    if stored.state == State::Withdrawn {
        return Err(Problem::new(Code::InternetviestiWithdrawn, "The message has been withdrawn. Add a new one."));
    }
    Ok(stored)
}

fn patched(message: Internetviesti, state: State, patch: &Value) -> Result<InternetviestiPyynto, Problem> {
    let mut json = serde_json::to_value(InternetviestiPyynto::of(message, state)).map_err(Problem::internal)?;
    from_json::<InternetviestiMuutospyynto>(patch)?;
    merge(&mut json, patch);
    from_json(&json)
}

/// What stays as it is once a message has been published.
fn unchangeable(old: &StoredInternetviesti, new: &Internetviesti, state: State) -> Result<(), Problem> {
    if old.state != State::Published {
        return Ok(());
    }
    let same = |one: &[i64], other: &[i64]| {
        let sorted = |ids: &[i64]| {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids
        };
        sorted(one) == sorted(other)
    };
    let (message, fixed) =
        (&old.message, "It stays once the message is published. Withdraw the message, and add another.");
    let changes = [
        ("/osapuoli_idt", !same(&message.party_ids, &new.party_ids)),
        ("/kohde_idt", !same(&message.property_ids, &new.property_ids)),
        ("/korjaa_id", message.corrects != new.corrects),
        ("/tila", state != State::Published),
    ];
    let errors: Vec<FieldError> = changes
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(pointer, _)| FieldError::new(pointer, "already_published", fixed))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}
