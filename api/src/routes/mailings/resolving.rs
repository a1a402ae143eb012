//! From a draft to the rows it would have: the recipients found, a thousand at a time, each resolved by the domain's rules.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::content::CompiledContent;
use domain::mailing::resolve::{Recipient, ResolvedRow, Resolver};
use domain::mailing::{AddressedAs, ExtraAddress, MailingDraft, RecipientSet, Recipients};
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

/// Resolves the recipients of a draft: those of to, of cc and of bcc, each in Finnish order of their names, and behind them the
/// extra addresses.
pub(super) struct Resolving {
    resolver: Resolver,
    terms: Terms,
    draft: Arc<MailingDraft>,
    parts: std::vec::IntoIter<Part>,
    current: Option<Part>,
    matched: usize,
    set: RecipientSet,
    /// The rows that it reminds of no more.
    rows_left_out: Vec<RowLeftOut>,
}

/// Those who are addressed in one way.
struct Part {
    addressed_as: AddressedAs,
    ids: std::vec::IntoIter<i64>,
    addresses: Vec<(String, ExtraAddress)>,
    /// Of the property fields: by which assignment people were found.
    found_by: Option<AssignmentTest>,
}

/// A recipient and its rows.
pub(super) struct Resolved {
    /// The party's, or whose the extra address is, where that was written.
    pub name: Option<String>,
    pub protected: bool,
    pub rows: Vec<ResolvedRow>,
}

impl Resolving {
    /// Finds everyone who is meant.
    pub(super) fn start(reader: &mut Reader<'_>, draft: &Arc<MailingDraft>, terms: &Terms) -> Result<Self, Problem> {
        let (reminders, rows_left_out) = rows_about(reader, draft.about.as_ref(), terms)?;
        let resolver = Resolver::new(Arc::clone(draft)).map_err(Problem::internal)?.reminding(reminders);
        let mut seen = HashSet::new();
        let mut parts = Vec::new();
        let mut matched = 0;
        for (addressed_as, pointer, recipients) in draft.addressed() {
            let (mut ids, found_by) = meant(reader, pointer, recipients, terms)?;
            ids.retain(|id| seen.insert(*id));
            let own = draft.extra_addresses().filter(|(of, _, _)| *of == addressed_as);
            let addresses: Vec<_> = own.map(|(_, address, extra)| (address, extra.clone())).collect();
            matched += ids.len() + addresses.len();
            parts.push(Part { addressed_as, ids: ids.into_iter(), addresses, found_by });
        }
        let (draft, terms) = (Arc::clone(draft), terms.clone());
        let (parts, set) = (parts.into_iter(), RecipientSet::new());
        Ok(Self { resolver, terms, draft, parts, current: None, matched, set, rows_left_out })
    }

    /// How many people match, extra addresses included.
    pub(super) fn matched(&self) -> usize {
        self.matched
    }

    /// The draft that is resolved.
    pub(super) fn draft(&self) -> &MailingDraft {
        &self.draft
    }

    /// The next recipients; none when all have been resolved.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>) -> Result<Vec<Resolved>, Problem> {
        loop {
            if self.current.is_none() {
                self.current = self.parts.next();
            }
            let Some(part) = &mut self.current else { return Ok(Vec::new()) };
            let ids: Vec<i64> = part.ids.by_ref().take(TOGETHER).collect();
            if !ids.is_empty() {
                let (addressed_as, found_by) = (part.addressed_as, part.found_by.clone());
                return self.parties(reader, &ids, addressed_as, found_by.as_ref());
            }
            let (addressed_as, addresses) = (part.addressed_as, std::mem::take(&mut part.addresses));
            self.current = None;
            if !addresses.is_empty() {
                return Ok(self.addresses(&addresses, addressed_as));
            }
        }
    }

    fn parties(
        &mut self,
        reader: &mut Reader<'_>,
        ids: &[i64],
        addressed_as: AddressedAs,
        found_by: Option<&AssignmentTest>,
    ) -> Result<Vec<Resolved>, Problem> {
        let property_of = self.resolver.content().uses_property().then_some(found_by);
        let found = details(reader, ids, self.terms.today, &self.terms.default_language, property_of)?;
        let property_ids: Vec<i64> = found.iter().filter_map(|row| row.property_id).collect();
        let properties = match property_ids.is_empty() {
            true => Default::default(),
            false => persistence::properties::by_ids(reader, &property_ids)?,
        };
        let resolved = found.into_iter().map(|row| {
            let property = row.property_id.and_then(|id| properties.get(&id)).map(|stored| stored.property.clone());
            let recipient = Recipient { property, ..recipient(row) };
            let rows = self.resolver.resolve(&recipient, addressed_as);
            for row in &rows {
                self.set.add(row);
            }
            let protected = recipient.facts.address_protected;
            Resolved { name: Some(recipient.name), protected, rows }
        });
        Ok(resolved.collect())
    }

    fn addresses(&mut self, addresses: &[(String, ExtraAddress)], addressed_as: AddressedAs) -> Vec<Resolved> {
        let resolved = addresses.iter().map(|(address, extra)| {
            let row = self.resolver.resolve_address(extra, address, addressed_as);
            self.set.add(&row);
            Resolved { name: row.name.clone(), protected: false, rows: vec![row] }
        });
        resolved.collect()
    }

    /// The compiled contents.
    pub(super) fn content(&self) -> &CompiledContent {
        self.resolver.content()
    }

    /// The languages that reachable people lack, with how many they are.
    pub(super) fn lacking_languages(&self) -> &BTreeMap<String, i64> {
        self.resolver.lacking_languages()
    }

    /// How many addresses the header of each version's shared message shows.
    pub(super) fn visible(&self) -> &BTreeMap<usize, i64> {
        self.resolver.visible()
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

/// The parties that are meant in one way, and the assignment by which a filter finds them.
fn meant(
    reader: &mut Reader<'_>,
    pointer: &str,
    recipients: &Recipients,
    terms: &Terms,
) -> Result<(Vec<i64>, Option<AssignmentTest>), Problem> {
    let Recipients { filter, party_ids, addresses: _ } = recipients;
    let mut meant = Vec::new();
    let mut found_by = None;
    if let Some(filter) = filter {
        let known = saved_queries::known(reader, terms.today, [filter])?;
        let condition = check(filter, &format!("{pointer}/filter"), &known)?;
        found_by = condition.assignment_for_merge_fields().cloned();
        meant.push(condition);
    }
    if !party_ids.is_empty() {
        meant.push(Condition::PartyIds(party_ids.clone()));
    }
    if meant.is_empty() {
        return Ok((Vec::new(), None));
    }
    let search = RecipientSearch {
        condition: Condition::Any(meant),
        today: terms.today,
        default_language: terms.default_language.clone(),
        see_protected: terms.see_protected,
    };
    Ok((matching_ids(reader, &search)?, found_by))
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
