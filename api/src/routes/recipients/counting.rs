//! How many were found, and who of them can be reached.

use std::collections::BTreeMap;

use domain::eligibility::{Channel, Purpose, exclusion};
use persistence::recipient_query::FactsCount;

use super::search_dto::{LanguageCount, ReasonCount, RecipientCounts};

/// The counts of those found, for messages of a purpose by a channel.
pub(in crate::routes) fn counts_for(channel: Channel, purpose: Purpose, counted: &[FactsCount]) -> RecipientCounts {
    let mut counts =
        RecipientCounts { matched: 0, eligible: 0, protected: 0, excluded: Vec::new(), by_language: Vec::new() };
    let mut excluded: BTreeMap<String, i64> = BTreeMap::new();
    let mut languages: BTreeMap<String, i64> = BTreeMap::new();
    for FactsCount { facts, language, count } in counted {
        counts.matched += count;
        counts.protected += if facts.address_protected { *count } else { 0 };
        match exclusion(channel, purpose, facts) {
            Some(reason) => *excluded.entry(reason.code().into_owned()).or_default() += count,
            None => {
                counts.eligible += count;
                *languages.entry(language.language.clone()).or_default() += count;
            }
        }
    }
    counts.excluded = excluded.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect();
    counts.by_language = languages.into_iter().map(|(language, count)| LanguageCount { language, count }).collect();
    counts
}
