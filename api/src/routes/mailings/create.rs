//! `POST /api/v1/mailings`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::new_id;
use domain::mailing::{MailingDraft, MailingStatus, Progress};
use persistence::mailings::{StoredMailing, insert};
use persistence::{Writer, saved_queries};

use super::attached;
use super::draft_dto::MailingRequest;
use super::mailing_dto::Mailing;
use super::template::take;
use crate::auth::{Require, perm};
use crate::etag::ETag;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::last_messages::remember;
use crate::state::AppState;

/// Create a draft of a mailing.
///
/// The draft may be unfinished, but what is there must mean something: templates with known merge fields, a filter that can
/// be understood, usable addresses. With a `template_id` it begins with what that template says. Nothing is sent before `send`.
#[utoipa::path(
    operation_id = "createMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:write"])),
    params(IdempotencyKeyHeader),
    request_body = MailingRequest,
    responses((
        status = 201,
        description = "The draft.",
        body = Mailing,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/mailings")]
pub async fn create_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<MailingRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let asked = body.into_inner();
    let template_id = asked.template_id;
    let draft = MailingDraft::from(asked);
    let (today, now, by) = (state.today(), state.clock.now(), caller.subject.clone());
    once(&state, context, move |writer| {
        let mut draft = draft.clone();
        if let Some(template_id) = template_id {
            let written = draft.contents.clone();
            take(writer, &mut draft, template_id, &written)?;
        }
        create_draft(writer, draft, &by, today, now)
    })
    .await
}

/// Keeps a new draft, and answers it.
///
/// # Errors
/// What the draft is refused for.
pub(in crate::routes) fn create_draft(
    writer: &mut Writer<'_>,
    draft: MailingDraft,
    by: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<StoredReply, Problem> {
    draft.check(&saved_queries::known(writer, today, draft.filters())?)?;
    let attachments = attached(writer, &draft)?;
    let stored = StoredMailing {
        mailing_id: new_id(),
        version: 1,
        status: MailingStatus::Draft,
        draft,
        content_hash: None,
        recipients_hash: None,
        created_at: now,
        created_by: by.to_owned(),
        updated_at: now,
        sent_at: None,
        sent_by: None,
        finished_at: None,
        pause_reason: None,
        attachments,
    };
    insert(writer, &stored)?;
    remember(writer, &stored.created_by, stored.mailing_id, None, &stored.draft, stored.created_at)?;
    let location = format!("{BASE}/mailings/{}", stored.mailing_id);
    let etag = ETag::of_version(stored.version);
    let reply = StoredReply::json(StatusCode::CREATED, &Mailing::new(stored, Progress::default()))?;
    Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, etag.as_str()))
}
