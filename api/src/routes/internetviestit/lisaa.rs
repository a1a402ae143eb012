//! `POST /api/v1/internetviestit`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::internetviesti::State;
use persistence::internetviestit::{Author, find, insert};

use super::muokkaus_dto::InternetviestiMuokkaus;
use super::pyynto_dto::InternetviestiPyynto;
use super::saving::prepare;
use crate::auth::Require;
use crate::auth::perm::InternetviestitWrite;
use crate::etag::ETag;
use crate::extract::{JsonBody, WithFiles};
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// Add a message, a bulletin, or both.
///
/// One message with all its language versions, whatever its targets. Addressed to parties it is a contact of each. HTML is made
/// safe: elements and attributes that are not allowed are left out. Files may be uploaded before, or given here in base64.
#[utoipa::path(
    operation_id = "createInternetviesti",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:write"])),
    params(IdempotencyKeyHeader),
    request_body = InternetviestiPyynto,
    responses((
        status = 201,
        description = "The message as it is kept.",
        body = InternetviestiMuokkaus,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/internetviestit")]
pub async fn create_internetviesti(
    caller: Require<InternetviestitWrite>,
    state: web::Data<AppState>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<InternetviestiPyynto, WithFiles>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let prepared = prepare(&state, &caller.subject, body.into_inner()).await?;
    let author = Author { subject: caller.subject.clone(), at: state.clock.now(), mailing_id: None };
    once(&state, context, move |writer| {
        let message = prepared.complete(writer, None)?;
        let id = insert(writer, &message, prepared.state == State::Draft, &author)?;
        let stored = find(writer, id)?.ok_or_else(|| Problem::internal("a new message is not there"))?;
        let reply = StoredReply::json(StatusCode::CREATED, &InternetviestiMuokkaus::from(stored))?;
        let location = format!("{BASE}/internetviestit/{id}");
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, ETag::of_version(1).as_str()))
    })
    .await
}
