//! The recipient query on the databases gives what the rules say: [`examples`] shows each rule by itself, and here random
//! filters over random registers are answered by the databases and by [`naive`].
//!
//! `POSTITUS_PROPERTY_CASES` is the number of registers per database, `POSTITUS_PROPERTY_SEED` the seed of the first.

mod examples;
mod limits;
mod naive;
pub(crate) mod random;
mod texts;

use std::collections::HashSet;

use domain::eligibility::PartyFacts;
use domain::recipient_query::{Condition, ExplainedNode, Known, RecipientFilter, check, explain};
use domain::register::{Party, PartyId};
use domain::text::sort_key;
use persistence::recipient_query::{
    RecipientSearch, Truth, count, details, explain as explain_counts, matching_ids, page_ids, truths,
};
use persistence::testing::execute;
use persistence::{Db, Reader, StoreError, saved_queries};

use self::naive::{Counts, Naive, facts};
use self::random::Dice;
use crate::support::{Register, setting, today};

const FILTERS_PER_REGISTER: usize = 8;
const DEFAULT_LANGUAGE: &str = "fi";

on_both!(random_filters_over_random_registers_match_whom_the_rules_say, |database| {
    let db = database.open();
    let first_seed = setting("POSTITUS_PROPERTY_SEED", 20_261_121);
    let mut found = 0;
    let mut asked = 0;
    for seed in (first_seed..).take(usize::try_from(setting("POSTITUS_PROPERTY_CASES", 150)).unwrap()) {
        let mut dice = Dice(seed);
        let register = random::register(&mut dice);
        clear(&db);
        // Values are the same whether an attribute is declared before its rows are written or after.
        let undeclared =
            Register { attributes: Vec::new(), queries: Vec::new(), lists: Vec::new(), ..register.clone() };
        if dice.chance(50) {
            undeclared.store(&db);
        }
        register.store(&db);
        for _ in 0..FILTERS_PER_REGISTER {
            let filter = random::filter(&mut dice, &register);
            for see_protected in [false, true] {
                let (difference, matched) = compare(&db, &register, &filter, see_protected, dice.below(1 << 30));
                asked += 1;
                found += usize::from(matched > 0);
                if let Some(difference) = difference {
                    report(&db, &register, filter, see_protected, seed, difference);
                }
            }
        }
    }
    // Filters that nobody matches would prove little.
    assert!(found * 3 > asked, "only {found} of {asked} filters match anyone");
});

/// What the database answers otherwise than the rules, and how many should match.
fn compare(
    db: &Db,
    register: &Register,
    filter: &RecipientFilter,
    see_protected: bool,
    luck: usize,
) -> (Option<String>, usize) {
    let naive = Naive { register, today: today(), default_language: DEFAULT_LANGUAGE, see_protected };
    let known = known(db, filter);
    let condition = check(filter, "/filter", &known).unwrap_or_else(|errors| panic!("{errors:?} in {}", json(filter)));
    let search =
        RecipientSearch { condition, today: today(), default_language: DEFAULT_LANGUAGE.to_owned(), see_protected };
    let expected = naive.matching(filter);
    let ids: Vec<PartyId> = expected.iter().map(|party| party.party_id).collect();
    let page = i64::try_from(2 + luck % 6).unwrap();
    // Some of the facts that there are, as `eligible` asks for.
    let some_facts: Vec<PartyFacts> = expected
        .iter()
        .map(|party| facts(party))
        .filter(|facts| facts.email_marketing == luck.is_multiple_of(2))
        .collect();
    let narrowed: Vec<PartyId> =
        expected.iter().filter(|party| some_facts.contains(&facts(party))).map(|party| party.party_id).collect();
    let rows: Vec<_> = expected
        .iter()
        .map(|party| {
            let (language, source) = naive.service_language(party);
            (party.party_id, facts(party), language, source, naive.merge_property(party, filter))
        })
        .collect();
    let counts = naive.counts(&expected);
    let names = register.parties.clone();
    let nodes = explain(filter, "/filter", &known).unwrap_or_default();
    let of_nodes = expected_of_nodes(&naive, filter, &nodes);
    let matched = ids.len();
    let difference = db.read_blocking(move |reader| {
        let answered = matching_ids(reader, &search)?;
        if answered != ids {
            return Ok::<_, StoreError>(Some(difference(&ids, &answered)));
        }
        let mut answered = Counts::new();
        for row in count(reader, &search)? {
            *answered.entry((row.facts, row.language.language, row.language.source)).or_default() += row.count;
        }
        if answered != counts {
            return Ok(Some(format!("counted {answered:?} instead of {counts:?}")));
        }
        for (facts, expected) in [(None, &ids), (Some(some_facts.as_slice()), &narrowed)] {
            let paged = all_pages(reader, &search, facts, page, &names)?;
            if paged != *expected {
                return Ok(Some(format!("in pages of {page} {paged:?} instead of {expected:?}")));
            }
        }
        if let Some(difference) = explained_otherwise(reader, &search, &nodes, &of_nodes)? {
            return Ok(Some(difference));
        }
        let assignment = search.condition.assignment_for_merge_fields();
        let answered: Vec<_> = details(reader, &ids, today(), DEFAULT_LANGUAGE, Some(assignment))?
            .into_iter()
            .map(|row| (row.party_id, row.facts, row.language.language, row.language.source, row.property_id))
            .collect();
        Ok((answered != rows).then(|| format!("details {answered:?} instead of {rows:?}")))
    });
    (difference.unwrap_or_else(|error| Some(error.to_string())), matched)
}

/// Explaining a filter counts each condition as the rules would, among the parties that the whole filter looks at; and of one
/// person says of each what the rules say.
fn explained_otherwise(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    nodes: &[ExplainedNode],
    expected: &Expected,
) -> Result<Option<String>, StoreError> {
    let counted = explain_counts(reader, search, nodes, expected.matched)?;
    let counted: Vec<_> = counted.into_iter().map(|row| (row.alone, row.remaining)).collect();
    if counted != expected.explained {
        return Ok(Some(format!("explains {counted:?} instead of {:?}", expected.explained)));
    }
    let conditions: Vec<&Condition> = nodes.iter().map(|node| &node.alone).collect();
    for (party_id, expected) in &expected.truths {
        let answered = truths(reader, search, *party_id, &conditions)?;
        let tells_more = answered.iter().zip(expected).any(|(answered, expected)| match (answered, expected) {
            // More is hidden than in a search, but never told otherwise.
            (Truth::Hidden, _) => search.see_protected,
            (Truth::True, expected) => *expected != Some(true),
            (Truth::False, expected) => *expected != Some(false),
        });
        if tells_more || answered.len() != expected.len() {
            return Ok(Some(format!("of {party_id} says {answered:?} instead of {expected:?}")));
        }
    }
    Ok(None)
}

/// What the rules say of the nodes of a filter.
struct Expected {
    matched: i64,
    explained: Vec<(i64, Option<i64>)>,
    truths: Vec<(PartyId, Vec<Option<bool>>)>,
}

fn expected_of_nodes(naive: &Naive<'_>, filter: &RecipientFilter, nodes: &[ExplainedNode]) -> Expected {
    let count = |node: &RecipientFilter| i64::try_from(naive.matching_within(node, filter).len()).unwrap();
    let together = filter.all.as_deref().unwrap_or_default();
    let mut children = 0;
    let explained = nodes.iter().map(|node| {
        let remaining = node.remaining.is_some().then(|| {
            children += 1;
            count(&RecipientFilter { all: Some(together[..children].to_vec()), ..Default::default() })
        });
        (count(&node.node), remaining)
    });
    let explained = explained.collect();
    let truths = naive
        .register
        .parties
        .iter()
        .take(3)
        .map(|party| (party.party_id, nodes.iter().map(|node| naive.truth(party, &node.node)).collect()));
    Expected { matched: count(filter), explained, truths: truths.collect() }
}

fn all_pages(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    facts: Option<&[PartyFacts]>,
    limit: i64,
    parties: &[Party],
) -> Result<Vec<PartyId>, StoreError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = page_ids(reader, search, facts, after, limit)?;
        all.extend(&page);
        if page.len() < usize::try_from(limit).unwrap() || all.len() > parties.len() {
            return Ok(all);
        }
        let last = parties.iter().find(|party| Some(&party.party_id) == page.last()).unwrap();
        after = Some((sort_key(&last.name), last.party_id));
    }
}

fn difference(expected: &[PartyId], answered: &[PartyId]) -> String {
    let (by_rules, by_database): (HashSet<_>, HashSet<_>) = (expected.iter().collect(), answered.iter().collect());
    if by_rules == by_database {
        return format!("order {answered:?} instead of {expected:?}");
    }
    let lacking: Vec<_> = by_rules.difference(&by_database).collect();
    let surplus: Vec<_> = by_database.difference(&by_rules).collect();
    format!("the database lacks {lacking:?} and has {surplus:?} too much")
}

/// Fails with the smallest filter found that still differs.
fn report(
    db: &Db,
    register: &Register,
    mut filter: RecipientFilter,
    see_protected: bool,
    seed: u64,
    mut difference: String,
) -> ! {
    let whole = json(&filter);
    while let Some((smaller, its)) = smaller(&filter)
        .into_iter()
        .filter(|smaller| check(smaller, "", &known(db, smaller)).is_ok())
        .find_map(|smaller| Some((smaller.clone(), compare(db, register, &smaller, see_protected, 0).0?)))
    {
        (filter, difference) = (smaller, its);
    }
    panic!(
        "seed {seed} (POSTITUS_PROPERTY_SEED={seed} POSTITUS_PROPERTY_CASES=1), see_protected {see_protected}\n\
         filter {whole}\nshrunk {}\n{difference}\nregister {register:#?}",
        json(&filter)
    );
}

/// Filters with one node less.
fn smaller(filter: &RecipientFilter) -> Vec<RecipientFilter> {
    let mut found = Vec::new();
    type Wrap = fn(Vec<RecipientFilter>) -> RecipientFilter;
    let lists: [(&Option<Vec<RecipientFilter>>, Wrap); 2] = [
        (&filter.all, |children| RecipientFilter { all: Some(children), ..Default::default() }),
        (&filter.any, |children| RecipientFilter { any: Some(children), ..Default::default() }),
    ];
    for (children, wrap) in lists {
        for (at, child) in children.iter().flatten().enumerate() {
            found.push(child.clone());
            let mut others = children.clone().unwrap();
            others.remove(at);
            found.push(wrap(others.clone()));
            for smaller in smaller(child) {
                let mut changed = others.clone();
                changed.insert(at, smaller);
                found.push(wrap(changed));
            }
        }
    }
    if let Some(child) = &filter.not {
        found.push((**child).clone());
        for smaller in smaller(child) {
            found.push(RecipientFilter { not: Some(Box::new(smaller)), ..Default::default() });
        }
    }
    found
}

/// What the filter is checked against, as it is stored.
fn known(db: &Db, filter: &RecipientFilter) -> Known {
    let filter = filter.clone();
    db.read_blocking(move |reader| saved_queries::known(reader, today(), [&filter])).unwrap()
}

fn json(filter: &RecipientFilter) -> String {
    serde_json::to_string(filter).unwrap()
}

fn clear(db: &Db) {
    db.write_blocking(|writer| {
        let saved = ["filter_use", "contact_list_member", "contact_list", "recipient_query_version", "recipient_query"];
        for table in saved {
            execute(writer, &format!("DELETE FROM {table}"))?;
        }
        let words = ["party_word", "property_word", "party_attribute", "property_attribute"];
        let tables = ["role", "contract"].into_iter().chain(words).chain(["party", "property", "attribute"]);
        for table in tables {
            execute(writer, &format!("DELETE FROM {table}"))?;
        }
        Ok::<_, StoreError>(())
    })
    .unwrap();
}
