//! `GET /api/v1/mailings/{mailing_id}`.

use actix_web::{HttpResponse, get, web};
use domain::mailing::MailingStatus;
use uuid::Uuid;

use super::mailing_dto::Mailing;
use super::with_progress;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a mailing and how far it is.
///
/// The ETag of a draft is what If-Match takes; that of a sent mailing changes with its progress, too.
#[utoipa::path(
    operation_id = "getMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:read"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The mailing.", body = Mailing, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have this version of the draft."),
    ),
)]
#[get("/mailings/{mailing_id}")]
pub async fn get_mailing(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    mailing_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    let (mailing, progress) =
        state.db.read(move |reader| reader.snapshot(|reader| with_progress(reader, mailing_id))).await?;
    let drafted = (mailing.status == MailingStatus::Draft).then_some(mailing.version);
    let body = Mailing::new(mailing, progress);
    let etag = match drafted {
        Some(version) => ETag::of_version(version),
        None => ETag::of_bytes(&serde_json::to_vec(&body).map_err(Problem::internal)?),
    };
    Ok(seen.answer(&etag, &body))
}
