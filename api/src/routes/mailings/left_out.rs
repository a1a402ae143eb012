//! What a preview warns of: residents of the chosen properties who would not be told.

use std::collections::HashSet;

use domain::eligibility::Purpose;
use domain::mailing::MailingDraft;
use domain::mailing::resolve::ResolvedRow;
use domain::recipient_query::check;
use domain::register::PartyId;
use persistence::recipient_query::{RecipientSearch, matching_ids};
use persistence::{Reader, saved_queries};

use super::preview_dto::PreviewWarning;
use super::resolving::Terms;
use crate::problem::Problem;

/// Who is among the recipients, and who of them gets a message.
pub(super) struct Told {
    /// Whether it matters who is left out: emergencies and service concern whoever lives there.
    concerns_residents: bool,
    meant: HashSet<PartyId>,
    reached: HashSet<PartyId>,
}

impl Told {
    pub(super) fn of(draft: &MailingDraft) -> Self {
        let concerns_residents = matches!(draft.purpose, Purpose::Emergency | Purpose::Service);
        Self { concerns_residents, meant: HashSet::new(), reached: HashSet::new() }
    }

    pub(super) fn see(&mut self, rows: &[ResolvedRow]) {
        if !self.concerns_residents {
            return;
        }
        for row in rows {
            self.meant.insert(row.party_id);
            if row.reason.is_none() {
                self.reached.insert(row.party_id);
            }
        }
    }

    /// What there is to warn of, when the draft is for properties.
    pub(super) fn warnings(
        &self,
        reader: &mut Reader<'_>,
        draft: &MailingDraft,
        terms: &Terms,
    ) -> Result<Vec<PreviewWarning>, Problem> {
        let Some(filter) = draft.recipients.filter.as_ref().filter(|_| self.concerns_residents) else {
            return Ok(Vec::new());
        };
        let known = saved_queries::known(reader, terms.today, [filter])?;
        let condition = check(filter, "/recipients/filter", &known)?;
        let Some(residents) = condition.residents_there(terms.today) else { return Ok(Vec::new()) };
        let search = RecipientSearch {
            condition: residents,
            today: terms.today,
            default_language: terms.default_language.clone(),
            see_protected: terms.see_protected,
        };
        let residents = matching_ids(reader, &search)?;
        let among = |people: &HashSet<PartyId>| residents.iter().filter(|id| people.contains(id)).count();
        let (meant, reached) = (among(&self.meant), among(&self.reached));
        let warnings = [
            (
                "residents_left_out",
                residents.len().saturating_sub(meant),
                "residents of the chosen properties are not among the recipients; POST /api/v1/recipients/coverage tells where.",
            ),
            (
                "residents_unreachable",
                meant.saturating_sub(reached),
                "residents of the chosen properties are among the recipients and cannot be reached; counts.excluded tells why.",
            ),
        ];
        let told =
            warnings.into_iter().filter(|(_, people, _)| *people > 0).map(|(code, people, sentence)| PreviewWarning {
                code: code.to_owned(),
                people: i64::try_from(people).unwrap_or(i64::MAX),
                message: format!("{people} {sentence}"),
            });
        Ok(told.collect())
    }
}
