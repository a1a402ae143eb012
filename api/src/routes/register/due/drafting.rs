//! A draft of a mailing from rows that were ticked in a list of what is due.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse};
use domain::clock::today;
use domain::eligibility::{Channel, Purpose};
use domain::invalid::FieldError;
use domain::mailing::{About, Delivery, MailingDraft, Mode, Origin, Recipients};
use domain::occasion::OccasionKind;
use domain::template::TemplateRef;
use persistence::due_items::{self, DueItem};
use persistence::templates::{self, StoredTemplate};
use persistence::{Reader, Writer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Principal;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, StoredReply, once};
use crate::problem::Problem;
use crate::routes::mailings::create::create_draft;
use crate::state::AppState;

/// So many rows may be ticked.
const MAX_IDS: usize = 1000;

/// Which rows to write about, and how.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReminderDraftRequest {
    /// The ids of the rows, 1 to 1000, each once.
    #[schema(min_items = 1, max_items = 1000, example = json!(["0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"]))]
    ids: Vec<Uuid>,
    /// `email` or `sms`.
    #[schema(value_type = String, pattern = "^(email|sms)$", example = "email")]
    channel: Channel,
    /// The template to take; by default the one that the occasion has for the channel. Without any the draft has no contents
    /// yet.
    #[serde(default)]
    #[schema(example = json!(null))]
    template_id: Option<Uuid>,
}

/// What tells the two kinds apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::routes::register) struct Kind {
    pub occasion: OccasionKind,
    /// The `kind` of the draft's origin.
    pub origin: &'static str,
    /// What the draft is called when no template gives it a name.
    pub name: &'static str,
}

/// Makes the draft.
///
/// # Errors
/// 422 for rows, a channel or a template that do not fit.
pub(in crate::routes::register) async fn draft_about<T: DueItem>(
    kind: Kind,
    state: &AppState,
    caller: &Principal,
    key: IdempotencyKey,
    request: &HttpRequest,
    body: JsonBody<ReminderDraftRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, request, body.digest()));
    let asked = body.into_inner();
    check(&asked)?;
    let (now, zone, by) = (state.clock.now(), state.settings.time_zone, caller.subject.clone());
    let day = today(now, zone);
    once(state, context, move |writer: &mut Writer<'_>| -> Result<StoredReply, Problem> {
        let found = due_items::by_ids::<T>(writer, &asked.ids)?;
        let there = found.into_iter().map(|stored| stored.row.into_columns());
        let there: Vec<(Uuid, i64)> = there.map(|columns| (columns.item_id, columns.party_id)).collect();
        let ids: HashSet<Uuid> = there.iter().map(|(id, _)| *id).collect();
        let unknown: Vec<FieldError> =
            (0..).zip(&asked.ids).filter(|(_, id)| !ids.contains(id)).map(unknown_row).collect();
        if !unknown.is_empty() {
            return Err(Problem::invalid(unknown));
        }
        let template = template(writer, kind.occasion, &asked)?;
        let party_ids = there.into_iter().map(|(_, party_id)| party_id).collect();
        let draft = draft(kind, &asked, party_ids, template, day.to_string());
        create_draft(writer, draft.normalized(), &by, day, now)
    })
    .await
}

fn check(asked: &ReminderDraftRequest) -> Result<(), Problem> {
    let ReminderDraftRequest { ids, channel, template_id: _ } = asked;
    let mut errors = Vec::new();
    if !(1..=MAX_IDS).contains(&ids.len()) {
        errors.push(FieldError::new("/ids", "out_of_range", format!("Name 1 to {MAX_IDS} rows.")));
    }
    let mut seen = HashSet::new();
    let twice = (0..).zip(ids).filter(|(_, id)| !seen.insert(**id));
    errors.extend(twice.map(|(index, _): (usize, _)| {
        FieldError::new(format!("/ids/{index}"), "duplicate_value", "Name each row once.")
    }));
    if !matches!(channel, Channel::Email | Channel::Sms) {
        errors.push(FieldError::new("/channel", "channel_not_enabled", "Remind by email or by sms."));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

fn unknown_row((index, id): (usize, &Uuid)) -> FieldError {
    let message = format!("There is no row {id} in this list; take it out.");
    FieldError::new(format!("/ids/{index}"), "unknown_reference", message)
}

/// The template that is named, or the one that the occasion has.
fn template(
    reader: &mut Reader<'_>,
    occasion: OccasionKind,
    asked: &ReminderDraftRequest,
) -> Result<Option<StoredTemplate>, Problem> {
    let Some(template_id) = asked.template_id else {
        return Ok(templates::default_of_occasion(reader, occasion, None, asked.channel)?);
    };
    let refused = |code, message: String| Problem::from(FieldError::new("/template_id", code, message));
    let unknown = || refused("unknown_reference", format!("There is no template {template_id}."));
    let found = templates::find(reader, template_id)?.ok_or_else(unknown)?;
    if found.template.channel != asked.channel {
        let message = format!("This template is for the channel {}.", found.template.channel.as_str());
        return Err(refused("wrong_channel", message));
    }
    match found.template.occasion_kind() {
        None => Ok(Some(found)),
        Some(kind) if kind == occasion => Ok(Some(found)),
        Some(kind) => Err(refused("wrong_occasion", format!("This template is for the occasion {}.", kind.as_str()))),
    }
}

fn draft(
    kind: Kind,
    asked: &ReminderDraftRequest,
    party_ids: Vec<i64>,
    template: Option<StoredTemplate>,
    day: String,
) -> MailingDraft {
    let name = template.as_ref().map_or_else(|| kind.name.to_owned(), |stored| stored.template.name.clone());
    let template_ref = template.as_ref().map(|stored| {
        let StoredTemplate { template_id, version, .. } = stored;
        TemplateRef { template_id: *template_id, version: *version }
    });
    MailingDraft {
        name,
        delivery: Delivery { mode: Mode::Fallback, channels: vec![asked.channel] },
        recipients: Recipients { party_ids, ..Recipients::default() },
        contents: template.map(|stored| stored.template.contents()).unwrap_or_default(),
        template: template_ref,
        origin: Some(Origin { kind: kind.origin.to_owned(), reference: day }),
        about: Some(About { occasion: kind.occasion, ids: asked.ids.clone() }),
        ..MailingDraft::of(Purpose::Service)
    }
}
