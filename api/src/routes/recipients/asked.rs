//! A recipient search as asked for: checked, and what its answer is made of.

use domain::eligibility::{Channel, PartyFacts, Purpose, Reason, all_facts, exclusion};
use domain::invalid::FieldError;
use domain::recipient_query::{Condition, Known, RecipientFilter, check};
use persistence::recipient_query::{FactsCount, RecipientRow};

use super::counting::counts_for;
use super::explaining::Explaining;
use super::search_dto::{RecipientCounts, SearchRecipientsRequest};
use super::words::{enabled_channel, purpose};
use crate::paging::{Cursor, CursorFault, Cursors, DEFAULT_LIMIT, ListCursors, MAX_LIMIT};
use crate::problem::Problem;

/// The request, checked.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) channel: Channel,
    pub(super) purpose: Purpose,
    pub(super) condition: Condition,
    /// The filter, if it is to be explained.
    pub(super) explaining: Option<Explaining>,
    /// The facts that the items are narrowed to.
    pub(super) facts: Option<Vec<PartyFacts>>,
    pub(super) count_only: bool,
    pub(super) limit: usize,
    pub(super) after: Option<(Vec<u8>, i64)>,
    pub(super) cursors: ListCursors,
}

impl Asked {
    /// `filter` is that of the body.
    pub(super) fn read(
        body: SearchRecipientsRequest,
        filter: RecipientFilter,
        known: &Known,
        cursors: &Cursors,
    ) -> Result<Self, Problem> {
        let cursors = cursors.of(&(&body.channel, &body.purpose, &body.filter, body.eligible));
        let mut errors = Vec::new();
        let channel = enabled_channel("/channel", &body.channel).map_err(|error| errors.push(error));
        let purpose = purpose("/purpose", &body.purpose).map_err(|error| errors.push(error));
        let limit = match body.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => usize::try_from(limit).unwrap_or(1),
            _ => {
                errors.push(FieldError::new("/limit", "out_of_range", format!("A limit is 1 to {MAX_LIMIT}.")));
                1
            }
        };
        let after = body.cursor.as_deref().map(|text| {
            let cursor = cursors.open(text)?;
            Ok((cursor.sort.clone(), cursor.numeric_id()?))
        });
        let after = after.transpose().unwrap_or_else(|fault: CursorFault| {
            errors.push(fault.at("/cursor"));
            None
        });
        let condition = check(&filter, "/filter", known).map_err(|faults| errors.extend(faults));
        let (Ok(channel), Ok(purpose), Ok(condition)) = (channel, purpose, condition) else {
            return Err(Problem::invalid(errors));
        };
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let explaining = body.explain.then(|| Explaining::of(filter, known.clone())).transpose()?;
        let facts = body.eligible.map(|eligible| {
            all_facts().filter(|facts| exclusion(channel, purpose, facts).is_none() == eligible).collect()
        });
        Ok(Self { channel, purpose, condition, explaining, facts, count_only: body.count_only, limit, after, cursors })
    }

    pub(super) fn reason(&self, facts: &PartyFacts) -> Option<Reason> {
        exclusion(self.channel, self.purpose, facts)
    }

    /// Cuts the row that was read beyond the page, and answers the cursor of what follows.
    pub(super) fn cut_page(&self, rows: &mut Vec<RecipientRow>) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        let last = rows.last()?;
        Some(self.cursors.seal(&Cursor { sort: last.sort_key.clone(), id: last.party_id.to_string() }))
    }

    pub(super) fn counts(&self, counted: &[FactsCount]) -> RecipientCounts {
        counts_for(self.channel, self.purpose, counted)
    }
}
