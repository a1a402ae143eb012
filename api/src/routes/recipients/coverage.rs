//! `POST /api/v1/recipients/coverage`.

use actix_web::{post, web};
use domain::eligibility::{Channel, PartyFacts, Purpose, exclusion};
use domain::invalid::FieldError;
use domain::mailing::{MailingDraft, MailingStatus};
use domain::recipient_query::{Condition, RecipientFilter, check};
use domain::text::fold;
use persistence::recipient_query::{Audience, Coverage, RecipientSearch, count, left_out, uncovered, unit_counts};
use persistence::{Reader, mailings, properties, saved_queries};
use uuid::Uuid;

use super::coverage_dto::{CoverageTotals, RecipientCoveragePage, SearchCoverageRequest, UncoveredUnitItem};
use super::words::{enabled_channel, purpose};
use crate::auth::perm::Permission as _;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::extract::JsonBody;
use crate::paging::{Cursor, CursorFault, Cursors, DEFAULT_LIMIT, ListCursors, MAX_LIMIT};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// The most properties one may begin with.
const MAX_PROPERTIES: usize = 1_000;
/// The most kinds of units.
const MAX_KINDS: usize = 20;
/// What counts as a unit unless asked otherwise.
const UNIT: &str = "unit";

/// Find units with nobody in an audience.
///
/// Among the properties named and everything below them: in which units nobody is who gets the message, and which roles were left
/// out there. Somebody is in a unit who has a role, valid today, in it or below it. A draft of a mailing is looked at by its
/// channels and its purpose; whom languages and empty merge fields leave out, its preview tells. Changes nothing.
#[utoipa::path(
    operation_id = "searchCoverage",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    request_body = SearchCoverageRequest,
    responses((status = 200, description = "The units with nobody, and the totals.", body = RecipientCoveragePage)),
)]
#[post("/recipients/coverage")]
pub async fn search_coverage(
    state: web::Data<AppState>,
    caller: Require<perm::RecipientsSearch>,
    body: JsonBody<SearchCoverageRequest>,
) -> Result<web::Json<RecipientCoveragePage>, Problem> {
    let asked = Asked::read(body.into_inner(), caller.may(perm::MailingsRead::SCOPE), &state.cursors)?;
    let search = RecipientSearch {
        // Replaced as soon as it is known who is meant.
        condition: Condition::Any(Vec::new()),
        today: state.today(),
        default_language: state.settings.default_language.clone(),
        see_protected: may_see_protected(&caller),
    };
    let answer = state.db.read(move |reader| reader.snapshot(|reader| asked.answer(reader, &search))).await?;
    Ok(web::Json(answer))
}

/// Who is meant.
enum Meant {
    Filter { filter: Box<RecipientFilter>, channel: Channel, purpose: Purpose },
    Mailing(Uuid),
}

/// The request, checked as far as that goes without the database.
struct Asked {
    property_ids: Vec<i64>,
    unit_kinds: Vec<String>,
    meant: Meant,
    limit: u32,
    after: Option<(Vec<u8>, i64)>,
    cursors: ListCursors,
}

impl Asked {
    fn read(mut body: SearchCoverageRequest, may_read_mailings: bool, cursors: &Cursors) -> Result<Self, Problem> {
        let (limit, cursor) = (body.limit.take(), body.cursor.take());
        let cursors = cursors.of(&body);
        let mut errors = Vec::new();
        let limit = match limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => limit,
            _ => {
                errors.push(FieldError::new("/limit", "out_of_range", format!("A limit is 1 to {MAX_LIMIT}.")));
                DEFAULT_LIMIT
            }
        };
        let after = cursor.map(|text| position(&text, &cursors)).transpose().unwrap_or_else(|fault| {
            errors.push(fault.at("/cursor"));
            None
        });
        let SearchCoverageRequest { property_ids, unit_kinds, filter, channel, purpose, mailing_id, .. } = body;
        let unit_kinds = unit_kinds.unwrap_or_else(|| vec![UNIT.to_owned()]);
        check_length("/property_ids", property_ids.len(), MAX_PROPERTIES, &mut errors);
        check_length("/unit_kinds", unit_kinds.len(), MAX_KINDS, &mut errors);
        let meant = match (filter, mailing_id) {
            (Some(filter), None) => of_filter(filter.into(), channel.as_deref(), purpose.as_deref(), &mut errors),
            (None, Some(_)) if channel.is_some() || purpose.is_some() => {
                let message = "A mailing has its own channels and purpose: leave channel and purpose out.";
                errors.push(FieldError::new("/mailing_id", "value_not_allowed", message));
                None
            }
            (None, Some(mailing_id)) if may_read_mailings => Some(Meant::Mailing(mailing_id)),
            (None, Some(_)) => {
                errors.push(unknown_mailing());
                None
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = "Say who is meant by exactly one of filter and mailing_id.";
                errors.push(FieldError::new("", "exactly_one_audience", message));
                None
            }
        };
        match meant {
            Some(meant) if errors.is_empty() => {
                let unit_kinds = unit_kinds.iter().map(|kind| fold(kind)).collect();
                Ok(Self { property_ids, unit_kinds, meant, limit, after, cursors })
            }
            _ => Err(Problem::invalid(errors)),
        }
    }

    fn answer(&self, reader: &mut Reader<'_>, search: &RecipientSearch) -> Result<RecipientCoveragePage, Problem> {
        self.check_properties(reader)?;
        let (condition, audience) = self.audience(reader, search)?;
        let search = RecipientSearch { condition, ..search.clone() };
        let (properties, unit_kinds) = (self.property_ids.clone(), self.unit_kinds.clone());
        let coverage = Coverage { properties, unit_kinds, search, audience };
        let counts = unit_counts(reader, &coverage)?;
        let in_all = left_out(reader, &coverage, None)?;
        let rows = uncovered(reader, &coverage, self.after.clone(), rows_for(self.limit))?;
        let (rows, next_cursor) = cut(rows, self.limit, &self.cursors, |row| Cursor {
            sort: row.sort_key.clone(),
            id: row.property_id.to_string(),
        });
        let ids: Vec<i64> = rows.iter().map(|row| row.property_id).collect();
        let of_units = if ids.is_empty() { Vec::new() } else { left_out(reader, &coverage, Some(&ids))? };
        let totals = CoverageTotals {
            units: counts.units,
            covered: counts.covered,
            uncovered: counts.units - counts.covered,
            vacant: counts.vacant,
            left_out: in_all.into_iter().map(Into::into).collect(),
        };
        let items = rows.into_iter().map(|row| UncoveredUnitItem::new(row, &of_units)).collect();
        Ok(RecipientCoveragePage { items, next_cursor, totals })
    }

    fn check_properties(&self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let known = properties::by_ids(reader, &self.property_ids)?;
        let unknown = self.property_ids.iter().enumerate().filter(|(_, id)| !known.contains_key(id));
        let faults: Vec<FieldError> = unknown
            .take(20)
            .map(|(at, _)| {
                FieldError::new(format!("/property_ids/{at}"), "unknown_property", "There is no property with this id.")
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    /// Who is meant, and who of them gets the message.
    fn audience(&self, reader: &mut Reader<'_>, search: &RecipientSearch) -> Result<(Condition, Audience), Problem> {
        let (condition, channels, purpose) = match &self.meant {
            Meant::Filter { filter, channel, purpose } => {
                let known = saved_queries::known(reader, search.today, [filter.as_ref()])?;
                (check(filter, "/filter", &known)?, vec![*channel], *purpose)
            }
            Meant::Mailing(mailing_id) => {
                let mailing = mailings::find(reader, *mailing_id)?.ok_or_else(unknown_mailing)?;
                if mailing.status != MailingStatus::Draft {
                    return Ok((Condition::Any(Vec::new()), Audience::Frozen(*mailing_id)));
                }
                let condition = meant_by(reader, &mailing.draft, search)?;
                (condition, mailing.draft.delivery.channels, mailing.draft.purpose)
            }
        };
        let search = RecipientSearch { condition, ..search.clone() };
        let mut facts: Vec<PartyFacts> = Vec::new();
        for row in count(reader, &search)? {
            let reached = channels.iter().any(|channel| exclusion(*channel, purpose, &row.facts).is_none());
            if reached && !facts.contains(&row.facts) {
                facts.push(row.facts);
            }
        }
        Ok((search.condition, Audience::Found(facts)))
    }
}

/// Whom a draft is for: those who match a filter of it, and those named, in cc and bcc too.
fn meant_by(reader: &mut Reader<'_>, draft: &MailingDraft, search: &RecipientSearch) -> Result<Condition, Problem> {
    let mut meant = Vec::new();
    for (_, _, recipients) in draft.addressed() {
        if let Some(filter) = &recipients.filter {
            let known = saved_queries::known(reader, search.today, [filter])?;
            let unusable = |errors: Vec<FieldError>| {
                let first = errors.into_iter().next().map(|error| error.message).unwrap_or_default();
                FieldError::new("/mailing_id", "unusable_recipients", format!("A filter of the mailing: {first}"))
            };
            meant.push(check(filter, "", &known).map_err(unusable)?);
        }
        if !recipients.party_ids.is_empty() {
            meant.push(Condition::PartyIds(recipients.party_ids.clone()));
        }
    }
    Ok(Condition::Any(meant))
}

fn of_filter(
    filter: RecipientFilter,
    channel: Option<&str>,
    purpose_word: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Option<Meant> {
    let mut required = |pointer: &str| {
        errors.push(FieldError::new(pointer, "required", "Say for which channel and purpose the filter is."));
    };
    let (Some(channel), Some(purpose_word)) = (channel, purpose_word) else {
        if channel.is_none() {
            required("/channel");
        }
        if purpose_word.is_none() {
            required("/purpose");
        }
        return None;
    };
    let channel = enabled_channel("/channel", channel).map_err(|error| errors.push(error));
    let purpose = purpose("/purpose", purpose_word).map_err(|error| errors.push(error));
    let (Ok(channel), Ok(purpose)) = (channel, purpose) else { return None };
    Some(Meant::Filter { filter: Box::new(filter), channel, purpose })
}

fn check_length(pointer: &str, length: usize, most: usize, errors: &mut Vec<FieldError>) {
    if length == 0 {
        errors.push(FieldError::new(pointer, "empty_list", "Name at least one."));
    }
    if length > most {
        errors.push(FieldError::new(pointer, "too_many_values", format!("Name at most {most}.")));
    }
}

fn unknown_mailing() -> FieldError {
    FieldError::new("/mailing_id", "unknown_mailing", "There is no mailing with this id, or none that you may read.")
}

fn position(text: &str, cursors: &ListCursors) -> Result<(Vec<u8>, i64), CursorFault> {
    let cursor = cursors.open(text)?;
    Ok((cursor.sort.clone(), cursor.numeric_id()?))
}
