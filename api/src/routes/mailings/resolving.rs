//! From a draft to the rows it would have: the recipients found, a thousand at a time, each resolved by the domain's rules.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::content::CompiledContent;
use domain::mailing::resolve::{Recipient, ResolvedRow, Resolver};
use domain::mailing::{MailingDraft, RecipientSet};
use domain::recipient_query::{AssignmentTest, Condition, check};
use domain::register::PartyId;
use persistence::recipient_query::{RecipientRow, RecipientSearch, details, matching_ids};
use persistence::{Reader, saved_queries};

use super::about::{RowLeftOut, rows_about};
use crate::auth::Principal;
use crate::disclosure::may_see_protected;
use crate::problem::Problem;
use crate::state::AppState;

/// How many recipients are in memory at once.
const TOGETHER: usize = 1000;

/// What resolving depends on beside the draft.
#[derive(Debug, Clone)]
pub(in crate::routes) struct Terms {
    pub today: NaiveDate,
    pub default_language: String,
    pub see_protected: bool,
    pub now: DateTime<Utc>,
    pub zone: Tz,
}

impl Terms {
    /// Those of this request.
    pub(in crate::routes) fn of(state: &AppState, caller: &Principal) -> Self {
        Self {
            today: state.today(),
            default_language: state.settings.default_language.clone(),
            see_protected: may_see_protected(caller),
            now: state.clock.now(),
            zone: state.settings.time_zone,
        }
    }
}

/// Resolves the recipients of a draft, in Finnish order of their names.
pub(super) struct Resolving<'a> {
    resolver: Resolver<'a>,
    terms: &'a Terms,
    ids: std::vec::IntoIter<i64>,
    matched: usize,
    /// Of the property fields: by which assignment people were found.
    found_by: Option<AssignmentTest>,
    set: RecipientSet,
    /// The rows that it reminds of no more.
    rows_left_out: Vec<RowLeftOut>,
}

/// A recipient and its rows.
pub(super) struct Resolved {
    pub recipient: Recipient,
    pub rows: Vec<ResolvedRow>,
}

impl<'a> Resolving<'a> {
    /// Finds everyone who is meant.
    pub(super) fn start(reader: &mut Reader<'_>, draft: &'a MailingDraft, terms: &'a Terms) -> Result<Self, Problem> {
        let (reminders, rows_left_out) = rows_about(reader, draft.about.as_ref(), terms)?;
        let resolver = Resolver::new(draft).map_err(Problem::internal)?.reminding(reminders);
        let mut meant = Vec::new();
        let mut found_by = None;
        if let Some(filter) = &draft.recipients.filter {
            let known = saved_queries::known(reader, terms.today, [filter])?;
            let condition = check(filter, "/recipients/filter", &known)?;
            found_by = condition.assignment_for_merge_fields().cloned();
            meant.push(condition);
        }
        if !draft.recipients.party_ids.is_empty() {
            meant.push(Condition::PartyIds(draft.recipients.party_ids.clone()));
        }
        let search = RecipientSearch {
            condition: Condition::Any(meant),
            today: terms.today,
            default_language: terms.default_language.clone(),
            see_protected: terms.see_protected,
        };
        let nobody = draft.recipients.filter.is_none() && draft.recipients.party_ids.is_empty();
        let ids = if nobody { Vec::new() } else { matching_ids(reader, &search)? };
        let (matched, ids, set) = (ids.len(), ids.into_iter(), RecipientSet::new());
        Ok(Self { resolver, terms, matched, ids, found_by, set, rows_left_out })
    }

    /// How many people match.
    pub(super) fn matched(&self) -> usize {
        self.matched
    }

    /// The next recipients; none when all have been resolved.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>) -> Result<Vec<Resolved>, Problem> {
        let ids: Vec<i64> = self.ids.by_ref().take(TOGETHER).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let property_of = self.resolver.content().uses_property().then_some(self.found_by.as_ref());
        let found = details(reader, &ids, self.terms.today, &self.terms.default_language, property_of)?;
        let property_ids: Vec<i64> = found.iter().filter_map(|row| row.property_id).collect();
        let properties = match property_ids.is_empty() {
            true => Default::default(),
            false => persistence::properties::by_ids(reader, &property_ids)?,
        };
        let resolved = found.into_iter().map(|row| {
            let property = row.property_id.and_then(|id| properties.get(&id)).map(|stored| stored.property.clone());
            let recipient = Recipient { property, ..recipient(row) };
            let rows = self.resolver.resolve(&recipient);
            for row in &rows {
                self.set.add(row);
            }
            Resolved { recipient, rows }
        });
        Ok(resolved.collect())
    }

    /// The compiled contents.
    pub(super) fn content(&self) -> &CompiledContent {
        self.resolver.content()
    }

    /// The languages that reachable people lack, with how many they are.
    pub(super) fn lacking_languages(&self) -> &BTreeMap<String, i64> {
        self.resolver.lacking_languages()
    }

    /// The rows that the mailing was made for and reminds of no more.
    pub(super) fn take_rows_left_out(&mut self) -> Vec<RowLeftOut> {
        std::mem::take(&mut self.rows_left_out)
    }

    /// All that was resolved.
    pub(super) fn into_set(self) -> RecipientSet {
        self.set
    }
}

/// One party as a recipient, with a property of an assignment of its that is valid today.
pub(in crate::routes) fn one_recipient(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    terms: &Terms,
) -> Result<Option<Recipient>, Problem> {
    let mut found = details(reader, &[party_id], terms.today, &terms.default_language, Some(None))?;
    let Some(row) = found.pop() else { return Ok(None) };
    let property = match row.property_id {
        Some(id) => persistence::properties::by_ids(reader, &[id])?.remove(&id).map(|stored| stored.property),
        None => None,
    };
    Ok(Some(Recipient { property, ..recipient(row) }))
}

fn recipient(row: RecipientRow) -> Recipient {
    let RecipientRow {
        party_id,
        kind: _,
        name,
        sort_key: _,
        first_name,
        last_name,
        email_address,
        mobile_number,
        street,
        postal_code,
        city,
        facts,
        language,
        property_id: _,
    } = row;
    Recipient {
        party_id,
        name,
        first_name,
        last_name,
        email_address,
        mobile_number,
        street,
        postal_code,
        city,
        facts,
        language,
        property: None,
    }
}
