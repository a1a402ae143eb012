//! Whom the demo looks for, and whom it names besides.

use std::error::Error;

use serde_json::{Value, json};

use super::answers::{
    FoundPeople, FoundPerson, LanguageCount, Page, Party, Property, ReasonCount, SearchAnswer, SearchCounts,
};
use super::client::Client;
use super::notice;

/// So many housing companies are looked at for one where several languages are spoken.
const COMPANIES: usize = 12;
/// So many people whom nobody can reach are named.
const NAMED: usize = 4;

/// A housing company and its residents today.
pub(super) struct Company {
    pub(super) property: Property,
    pub(super) residents: SearchCounts,
}

/// Someone who lives in a housing company.
pub(super) struct Resident {
    pub(super) party_id: i64,
    pub(super) name: String,
}

/// The housing company where the most languages are spoken, of those the one with the most residents.
pub(super) async fn multilingual_company(client: &Client) -> Result<Option<Company>, Box<dyn Error>> {
    let page: Page<Property> = client.page("/properties?kind=company&limit=50", None).await?;
    let mut best: Option<Company> = None;
    for property in page.items.into_iter().take(COMPANIES) {
        let residents = search(client, &notice::residents_of(property.property_id)).await?;
        let rank = |counts: &SearchCounts| (counts.by_language.len(), counts.matched);
        if best.as_ref().is_none_or(|best| rank(&residents) > rank(&best.residents)) {
            best = Some(Company { property, residents });
        }
    }
    Ok(best)
}

/// How many match the filter, and how many of them can get e-mail.
pub(super) async fn search(client: &Client, filter: &Value) -> Result<SearchCounts, Box<dyn Error>> {
    let body = json!({"channel": "email", "purpose": "service", "filter": filter, "count_only": true});
    let answer: SearchAnswer = client.post("/recipients/search", &body).await?;
    Ok(answer.counts)
}

/// One who lives there and is not protected.
pub(super) async fn resident_of(client: &Client, company: &Company) -> Result<Option<Resident>, Box<dyn Error>> {
    let filter = notice::residents_of(company.property.property_id);
    let body = json!({"channel": "email", "purpose": "service", "filter": filter, "limit": 50});
    let found: FoundPeople = client.post("/recipients/search", &body).await?;
    let mut shown = found.items.into_iter().filter_map(|FoundPerson { party_id, name }| party_id.zip(name));
    Ok(shown.next().map(|(party_id, name)| Resident { party_id, name }))
}

/// A few people as they stand in an old list of addresses: archived or dead. A search never finds them; named one by one they
/// are left out with the reason.
pub(super) async fn unreachable_people(client: &Client) -> Result<Vec<i64>, Box<dyn Error>> {
    let (mut archived, mut deceased) = (Vec::new(), Vec::new());
    let page: Page<Party> = client.page("/parties?archived=true&limit=200", None).await?;
    for party in page.items {
        if party.deceased {
            deceased.push(party.party_id);
        } else if party.archived {
            archived.push(party.party_id);
        }
    }
    archived.truncate(NAMED / 2);
    deceased.truncate(NAMED / 2);
    Ok(archived.into_iter().chain(deceased).collect())
}

/// Counts in words: two or three indented lines.
pub(super) fn describe(counts: &SearchCounts) -> String {
    let SearchCounts { matched, eligible, protected, excluded, by_language } = counts;
    let mut lines = format!("  {matched} match, {eligible} of them can get e-mail: {}", languages(by_language));
    if !excluded.is_empty() {
        lines.push_str(&format!("\n  left out: {}", reasons(excluded)));
    }
    if *protected > 0 {
        lines.push_str(&format!("\n  {protected} with a protected address: counted and written to, but not shown"));
    }
    lines
}

/// `fi 120, sv 20, en 10`: the most spoken first.
pub(super) fn languages(counts: &[LanguageCount]) -> String {
    list(counts.iter().map(|count| (count.language.as_str(), count.count)))
}

fn reasons(counts: &[ReasonCount]) -> String {
    list(counts.iter().map(|count| (count.reason.as_str(), count.count)))
}

fn list<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|(what, count)| (std::cmp::Reverse(*count), *what));
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}
