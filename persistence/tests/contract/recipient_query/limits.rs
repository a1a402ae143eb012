//! The largest filters that the check lets through run on both databases.

use std::time::{Duration, Instant};

use domain::eligibility::all_facts;
use domain::recipient_query::{
    Known, MAX_ALL_WORDS, MAX_COST, MAX_DEPTH, MAX_NODES, MAX_VALUES, MAX_WORDS, RecipientFilter, check,
};
use domain::register::PartyId;
use persistence::recipient_query::{RecipientSearch, count, matching_ids, page_ids};
use persistence::{Db, StoreError};
use serde_json::{Value, json};

use crate::support::{Register, contract, person, property, role, today};

fn found(db: &Db, filter: Value) -> Result<Vec<PartyId>, StoreError> {
    let filter: RecipientFilter = serde_json::from_value(filter).unwrap();
    let condition = check(&filter, "/filter", &Known::on(today())).unwrap();
    let search = RecipientSearch { condition, today: today(), default_language: "fi".to_owned(), see_protected: false };
    db.read_blocking(move |reader| {
        let ids = matching_ids(reader, &search)?;
        let counted: i64 = count(reader, &search)?.iter().map(|row| row.count).sum();
        assert_eq!(usize::try_from(counted).unwrap(), ids.len());
        let facts: Vec<_> = all_facts().filter(|facts| !facts.deceased && !facts.archived).collect();
        assert_eq!(page_ids(reader, &search, Some(&facts), Some((Vec::new(), 0)), 100)?, ids);
        Ok(ids)
    })
}

/// A filter as deep as may be, of these kinds by turns.
fn deep(inner: Value, kinds: &[fn(Value) -> Value]) -> Value {
    kinds.iter().cycle().take(MAX_DEPTH - 1).fold(inner, |inner, wrap| wrap(inner))
}

on_both!(the_largest_filters_run, |database| {
    let db = database.open();
    let parties = vec![person(1, "Aalto Aino"), person(2, "Berg Bo")];
    let properties = vec![property(1, None, "company", "As Oy Koivu")];
    let (roles, contracts) = (vec![role(1, 1, "resident")], vec![contract(1, 1, 1)]);
    Register { parties, properties, roles, contracts, ..Register::default() }.store(&db);

    let ids: Vec<usize> = (2..MAX_VALUES + 2).collect();
    let texts: Vec<String> = (0..MAX_VALUES).map(|number| format!("name {number}")).collect();
    let names = json!({"party": {"field": "name", "op": "in", "values": texts}});
    let streets = json!({"party": {"field": "street", "op": "in", "values": texts}});
    let koivu = json!({"property": {"field": "name", "op": "starts_with", "value": "as oy"}});
    let contains = json!({"property": {"field": "name", "op": "contains", "value": "koivu"}});
    let tenancy = json!({"contract": {"field": "kind", "op": "eq", "value": "tenancy"}});
    // As many as the limit of their work lets through.
    let costly = |node: &Value, cost: usize| vec![node.clone(); (MAX_COST - 1) / (cost + 2)];
    let resident = json!({"role": {"codes": ["resident"]}});
    let words = json!({"text": vec!["aalto"; MAX_WORDS].join(" ")});
    let language = json!({"party": {"field": "service_language", "op": "eq", "value": "fi"}});
    let many = |node: &Value| vec![node.clone(); MAX_NODES - 1];
    let half = |node: Value| vec![node; (MAX_NODES - 1) / 2];
    let cases: Vec<(&str, Value, &[PartyId])> = vec![
        ("ids", json!({"party_ids": ids}), &[2]),
        ("values", json!({"not": names}), &[1, 2]),
        ("protected values", json!({"not": streets}), &[1, 2]),
        ("nots in nots", deep(resident.clone(), &[|inner| json!({"not": inner})]), &[2]),
        (
            "mixed depth",
            deep(
                resident.clone(),
                &[|inner| json!({"all": [inner, {"text": "a"}]}), |inner| json!({"any": [inner, {"text": "nobody"}]})],
            ),
            &[1],
        ),
        ("all of roles", json!({"all": half(json!({"all": [resident]}))}), &[1]),
        ("any of roles", json!({"any": many(&resident)}), &[1]),
        ("one assignment in many selections", json!({"all": many(&koivu)}), &[1]),
        ("any of selections", json!({"any": many(&koivu)}), &[1]),
        ("all of texts", json!({"all": vec![words.clone(); MAX_ALL_WORDS / MAX_WORDS]}), &[1]),
        ("any of words", json!({"any": many(&json!({"text": "aalto"}))}), &[1]),
        ("none of texts", json!({"all": vec![json!({"not": words}); MAX_ALL_WORDS / MAX_WORDS]}), &[2]),
        ("any of languages", json!({"any": costly(&language, 50)}), &[1, 2]),
        ("any of scans", json!({"any": costly(&contains, 50)}), &[1]),
        ("one assignment in many scans", json!({"all": costly(&contains, 50)}), &[1]),
        ("any of contracts", json!({"any": costly(&tenancy, 20)}), &[1]),
        ("one contract by many tests", json!({"all": costly(&tenancy, 20)}), &[1]),
        ("one assignment with a contract", json!({"all": [{"all": costly(&tenancy, 21)}, resident]}), &[1]),
    ];
    let mut failures = Vec::new();
    for (case, filter, expected) in cases {
        let begun = Instant::now();
        match found(&db, filter) {
            Ok(ids) if ids == expected => {}
            other => failures.push(format!("{case}: {other:?}")),
        }
        // Three statements over two parties: whatever takes longer goes into planning.
        if begun.elapsed() > Duration::from_secs(20) {
            failures.push(format!("{case}: takes {:?}", begun.elapsed()));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
});
