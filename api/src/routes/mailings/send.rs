//! `POST /api/v1/mailings/{mailing_id}/send`.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, Utc};
use domain::invalid::FieldError;
use domain::mailing::recipients::NO_PARTY;
use domain::mailing::{RecipientChanges, RecipientSet};
use persistence::bulk::analyze;
use persistence::mailings::{self, StoredMailing};
use persistence::{Reader, Writer, saved_queries};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::freezing::Freezer;
use super::mailing_dto::Mailing;
use super::resolving::{Resolving, Terms};
use super::send_rules;
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, RequiredIdempotencyKeyHeader, StoredReply, once};
use crate::problem::{Code, Problem};
use crate::routes::BASE;
use crate::settings::Settings;
use crate::state::AppState;

/// How many added, removed and changed people are named one by one.
const NAMED: usize = 100;

/// What is approved.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMailingRequest {
    /// `content_hash` of the preview.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    content_hash: String,
    /// `recipients_hash` of the preview.
    #[schema(example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    recipients_hash: String,
    /// Send to the recipients as they are now, even if they have changed since the preview. By default false.
    #[serde(default)]
    accept_recipient_changes: bool,
}

/// Send a mailing.
///
/// Freezes the recipients and hands the mailing to delivery: from then on nothing of it can change. What was approved, by the
/// two hashes of a preview, is what is sent; if anything has changed since, nothing is sent and the answer tells what. Follow
/// the mailing by reading it and its deliveries.
#[utoipa::path(
    operation_id = "sendMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:send"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), RequiredIdempotencyKeyHeader),
    request_body = SendMailingRequest,
    responses(
        (
            status = 202,
            description = "The mailing is being sent.",
            body = Mailing,
            headers(("Location" = String, description = "Where to follow it.")),
        ),
        (
            status = 409,
            description = "`mailing_not_draft`, `content_changed`, `recipients_changed` (errors tell who was added, removed or \
                           changed), or `request_in_flight`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[post("/mailings/{mailing_id}/send")]
pub async fn send_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsSend>,
    mailing_id: web::Path<Uuid>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<SendMailingRequest>,
) -> Result<HttpResponse, Problem> {
    let context = IdempotencyContext::new(key.required()?, &caller.subject, &request, body.digest());
    let sending = Sending {
        mailing_id: mailing_id.into_inner(),
        approved: body.into_inner(),
        terms: Terms::of(&state, &caller),
        settings: Arc::clone(&state.settings),
        by: caller.subject.clone(),
        now: state.clock.now(),
    };
    let reply = once(&state, Some(context), move |writer| sending.run(writer)).await?;
    state.waker.wake();
    Ok(reply)
}

/// From so many rows on, the database looks at what it was given before it is asked for it.
const MANY: usize = 1000;

struct Sending {
    mailing_id: Uuid,
    approved: SendMailingRequest,
    terms: Terms,
    settings: Arc<Settings>,
    by: String,
    now: DateTime<Utc>,
}

impl Sending {
    fn run(&self, writer: &mut Writer<'_>) -> Result<StoredReply, Problem> {
        mailings::lock(writer, self.mailing_id)?;
        let mailing = super::draft(writer, self.mailing_id)?;
        let content_hash = self.check_content(writer, &mailing)?;
        let draft = Arc::new(mailing.draft);
        let mut resolving = Resolving::start(writer, &draft, &self.terms)?;
        let mut freezer = Freezer::new(self.mailing_id, self.now);
        loop {
            let chunk = resolving.next(writer)?;
            if chunk.is_empty() {
                break;
            }
            freezer.freeze(writer, chunk.into_iter().flat_map(|resolved| resolved.rows))?;
        }
        if freezer.count() >= MANY {
            analyze(writer, &["delivery", "mailing_row"])?;
        }
        let faults = send_rules::recipient_faults(&resolving);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let recipients_hash = self.check_recipients(writer, resolving.into_set())?;
        let version = mailing.version.saturating_add(1);
        let hashes = (content_hash.as_str(), recipients_hash.as_str());
        mailings::mark_sent(writer, self.mailing_id, version, hashes, &self.by, self.now)?;
        let sent = mailings::find(writer, self.mailing_id)?.ok_or_else(Problem::not_found)?;
        let reply = StoredReply::json(StatusCode::ACCEPTED, &Mailing::new(sent, freezer.progress()))?;
        Ok(reply.with_header(&header::LOCATION, format!("{BASE}/mailings/{}", self.mailing_id)))
    }

    fn check_content(&self, reader: &mut Reader<'_>, mailing: &StoredMailing) -> Result<String, Problem> {
        mailing.draft.check(&saved_queries::known(reader, self.terms.today, mailing.draft.filters())?)?;
        let faults = send_rules::faults(&mailing.draft, &self.settings);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let content_hash = mailing.draft.content_hash(&mailing.attachments);
        if content_hash != self.approved.content_hash {
            let detail = "The content is not the one that content_hash approves. Preview it again, and send that.";
            return Err(Problem::new(Code::ContentChanged, detail));
        }
        Ok(content_hash)
    }

    fn check_recipients(&self, reader: &mut Reader<'_>, mut now: RecipientSet) -> Result<String, Problem> {
        let recipients_hash = now.hash();
        if recipients_hash == self.approved.recipients_hash || self.approved.accept_recipient_changes {
            return Ok(recipients_hash);
        }
        let approved = mailings::previewed(reader, self.mailing_id, &self.approved.recipients_hash)?
            .and_then(|bytes| RecipientSet::from_bytes(&bytes));
        let Some(mut approved) = approved else {
            let detail = "recipients_hash is not that of the newest preview. Preview the mailing again, and send that.";
            return Err(Problem::new(Code::RecipientsChanged, detail));
        };
        let changes = approved.changes_to(&mut now);
        let hidden = if self.terms.see_protected { Vec::new() } else { protected_among(reader, &changes)? };
        Err(recipients_changed(&changes, &hidden))
    }
}

fn named(changes: &RecipientChanges) -> impl Iterator<Item = (&'static str, i64)> + '_ {
    let RecipientChanges { added, removed, changed } = changes;
    let all = [("recipient_added", added), ("recipient_removed", removed), ("recipient_changed", changed)];
    all.into_iter().flat_map(|(code, ids)| ids.iter().take(NAMED).map(move |id| (code, *id)))
}

fn protected_among(reader: &mut Reader<'_>, changes: &RecipientChanges) -> Result<Vec<i64>, Problem> {
    let ids: Vec<i64> = named(changes).map(|(_, id)| id).collect();
    Ok(persistence::parties::protected_among(reader, &ids)?)
}

fn recipients_changed(changes: &RecipientChanges, hidden: &[i64]) -> Problem {
    let RecipientChanges { added, removed, changed } = changes;
    let detail = format!(
        "Since the preview {} recipients were added, {} removed and {} changed. Preview the mailing again, or send with \
         accept_recipient_changes.",
        added.len(),
        removed.len(),
        changed.len()
    );
    let errors = named(changes).map(|(code, id)| {
        let who = match id {
            NO_PARTY => "an extra address".to_owned(),
            id if hidden.contains(&id) => "a protected party".to_owned(),
            id => format!("party {id}"),
        };
        FieldError::new("/recipients_hash", code, who)
    });
    Problem::new(Code::RecipientsChanged, detail).with_errors(errors.collect())
}
