//! `POST /api/v1/mailings/{mailing_id}/preview`.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpRequest, post, web};
use domain::content::CompiledContent;
use domain::eligibility::{Channel, Reason};
use domain::invalid::FieldError;
use domain::mailing::resolve::ResolvedRow;
use domain::mailing::{AddressedAs, MailingDraft};
use domain::sms::segments;
use persistence::Reader;
use persistence::mailings::{StoredMailing, save_preview};
use uuid::Uuid;

use super::left_out::Told;
use super::preview_dto::{
    MailingPreview, MessageSample, MissingLanguageCount, MissingValueCount, PreviewCounts, PreviewLanguageCount,
    PreviewMailingRequest, SharedMessage,
};
use super::resolving::{Resolved, Resolving, Terms};
use super::{send_rules, unknown_parties};
use crate::auth::{Require, perm};
use crate::disclosure;
use crate::extract::JsonBody;
use crate::problem::{FieldProblem, Problem};
use crate::routes::attachments::dto::ContentAttachments;
use crate::routes::recipients::search_dto::ReasonCount;
use crate::settings::Settings;
use crate::state::AppState;

/// How many samples of each version are shown unless asked otherwise.
const SAMPLES: u32 = 2;
/// How many at the most.
const MOST_SAMPLES: u32 = 10;

/// Preview a draft.
///
/// Resolves and renders the message of every recipient, tells who would get what and who would not and why, and gives the two
/// hashes that a send must name: what was approved is then what is sent. Sends nothing.
#[utoipa::path(
    operation_id = "previewMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:write"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing.")),
    request_body = PreviewMailingRequest,
    responses(
        (status = 200, description = "What would be sent.", body = MailingPreview),
        (status = 409, description = "The mailing has been sent: `mailing_not_draft`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/mailings/{mailing_id}/preview")]
pub async fn preview_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    mailing_id: web::Path<Uuid>,
    request: HttpRequest,
    body: JsonBody<PreviewMailingRequest>,
) -> Result<web::Json<MailingPreview>, Problem> {
    let samples = body.samples.unwrap_or(SAMPLES);
    if samples > MOST_SAMPLES {
        let message = format!("A preview shows 0 to {MOST_SAMPLES} samples of each version.");
        return Err(FieldError::new("/samples", "out_of_range", message).into());
    }
    let mailing_id = mailing_id.into_inner();
    let terms = Terms::of(&state, &caller);
    let see_protected = terms.see_protected;
    let settings = Arc::clone(&state.settings);
    let (preview, kept) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let mailing = super::draft(reader, mailing_id)?;
                preview(reader, &mailing, &terms, &settings, samples)
            })
        })
        .await?;
    let hash = preview.recipients_hash.clone();
    state
        .db
        .write(move |writer| {
            // It may have been sent or deleted meanwhile.
            super::draft(writer, mailing_id)?;
            Ok::<_, Problem>(save_preview(writer, mailing_id, &hash, kept.clone())?)
        })
        .await?;
    if see_protected {
        let seen = preview.samples.iter().filter(|sample| sample.protected).filter_map(|sample| sample.party_id);
        disclosure::record(&state, &caller, &request, seen.collect()).await?;
    }
    Ok(web::Json(preview))
}

fn preview(
    reader: &mut Reader<'_>,
    mailing: &StoredMailing,
    terms: &Terms,
    settings: &Settings,
    samples: u32,
) -> Result<(MailingPreview, Vec<u8>), Problem> {
    let draft = &Arc::new(mailing.draft.clone());
    let mut resolving = Resolving::start(reader, draft, terms)?;
    let mut tally = Tally::default();
    let mut shared = BTreeMap::new();
    let mut told = Told::of(draft);
    let mut shown = Vec::new();
    let mut shown_of_version: BTreeMap<(usize, bool), u32> = BTreeMap::new();
    loop {
        let chunk = resolving.next(reader)?;
        if chunk.is_empty() {
            break;
        }
        for resolved in &chunk {
            tally.count(draft, resolved);
            told.see(&resolved.rows);
            for row in &resolved.rows {
                if let Some(version) = row.version.filter(|_| row.together) {
                    let message = shared.entry(version).or_insert_with(|| SharedMessage::new(draft, version));
                    message.add(row.addressed_as, row.address.as_deref().unwrap_or_default());
                }
                let Some(version) = row.version.filter(|_| row.reason.is_none()) else { continue };
                if row.channel == Channel::Sms && row.shared_with.is_none() {
                    tally.counts.sms_segments += sms_segments(resolving.content(), row, version)?;
                }
                // A rendered message names its recipient.
                if resolved.protected && !terms.see_protected {
                    continue;
                }
                let of_version = shown_of_version.entry((version, row.together)).or_default();
                // Those who share a message get the same.
                let most = if row.together { samples.min(1) } else { samples };
                if *of_version < most {
                    *of_version += 1;
                    shown.push(sample(&resolving, draft, resolved, row, version)?);
                }
            }
        }
    }
    let mut warnings = told.warnings(reader, draft, terms)?;
    warnings.extend(unknown_parties::warning(reader, draft)?);
    let mut problems = send_rules::faults(draft, settings);
    problems.extend(send_rules::recipient_faults(&resolving));
    let missing_languages = resolving
        .lacking_languages()
        .iter()
        .map(|(language, count)| MissingLanguageCount { language: language.clone(), count: *count })
        .collect();
    let rows_left_out = resolving.take_rows_left_out();
    let matched = i64::try_from(resolving.matched()).unwrap_or(i64::MAX);
    let mut set = resolving.into_set();
    let (counts, missing_values) = tally.finish(matched, shared.len());
    let preview = MailingPreview {
        content_hash: draft.content_hash(&mailing.attachments),
        recipients_hash: set.hash(),
        counts,
        missing_languages,
        missing_values,
        warnings,
        problems: problems.into_iter().map(FieldProblem::from).collect(),
        rows_left_out,
        attachments: draft
            .contents
            .iter()
            .map(|content| ContentAttachments::new(content, &mailing.attachments))
            .collect(),
        shared_messages: shared.into_values().collect(),
        samples: shown,
    };
    Ok((preview, set.to_bytes()))
}

fn sample(
    resolving: &Resolving,
    draft: &MailingDraft,
    resolved: &Resolved,
    row: &ResolvedRow,
    version: usize,
) -> Result<MessageSample, Problem> {
    let rendered = resolving.content().render(version, &row.merge_values).map_err(Problem::internal)?;
    let sms = (row.channel == Channel::Sms).then(|| segments(&rendered.text).into());
    Ok(MessageSample {
        party_id: row.party_id,
        protected: resolved.protected,
        name: resolved.name.clone(),
        addressed_as: row.addressed_as,
        shared: row.together,
        address: row.address.clone(),
        language: row.language.clone(),
        content_language: draft.contents.get(version).map(|content| content.language.clone()).unwrap_or_default(),
        subject: rendered.subject.unwrap_or_default(),
        text: rendered.text,
        html: rendered.html,
        sms,
    })
}

/// How many parts a text message has.
fn sms_segments(content: &CompiledContent, row: &ResolvedRow, version: usize) -> Result<i64, Problem> {
    let rendered = content.render(version, &row.merge_values).map_err(Problem::internal)?;
    Ok(i64::try_from(segments(&rendered.text).count).unwrap_or(i64::MAX))
}

/// What is counted while recipients are resolved.
#[derive(Default)]
struct Tally {
    counts: PreviewCounts,
    excluded: BTreeMap<String, i64>,
    languages: BTreeMap<(String, String), i64>,
    missing_values: BTreeMap<String, i64>,
}

impl Tally {
    fn count(&mut self, draft: &MailingDraft, resolved: &Resolved) {
        self.counts.protected += i64::from(resolved.protected);
        for row in &resolved.rows {
            let Some(reason) = &row.reason else {
                self.counts.eligible += 1;
                match row.addressed_as {
                    AddressedAs::To => self.counts.to += 1,
                    AddressedAs::Cc => self.counts.cc += 1,
                    AddressedAs::Bcc => self.counts.bcc += 1,
                }
                self.counts.extra_addresses += i64::from(row.party_id.is_none());
                match row.shared_with {
                    Some(_) => self.counts.shared += 1,
                    None if row.together => self.counts.together += 1,
                    None => self.counts.messages += 1,
                }
                let content = row.version.and_then(|index| draft.contents.get(index));
                let content_language = content.map(|content| content.language.clone()).unwrap_or_default();
                *self.languages.entry((row.language.clone(), content_language)).or_default() += 1;
                continue;
            };
            self.counts.skipped += 1;
            *self.excluded.entry(reason.code().into_owned()).or_default() += 1;
            if let Reason::MissingValue(field) = reason {
                *self.missing_values.entry(field.clone()).or_default() += 1;
            }
        }
    }

    fn finish(self, matched: i64, shared_messages: usize) -> (PreviewCounts, Vec<MissingValueCount>) {
        let counts = PreviewCounts {
            matched,
            messages: self.counts.messages.saturating_add(i64::try_from(shared_messages).unwrap_or(i64::MAX)),
            excluded: self.excluded.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect(),
            by_language: self
                .languages
                .into_iter()
                .map(|((language, content_language), count)| PreviewLanguageCount { language, content_language, count })
                .collect(),
            ..self.counts
        };
        let missing =
            self.missing_values.into_iter().map(|(field, count)| MissingValueCount { field, count }).collect();
        (counts, missing)
    }
}
