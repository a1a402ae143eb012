//! The largest filters that the check lets through run on both databases.

use domain::recipient_query::{MAX_DEPTH, MAX_NODES, MAX_VALUES, MAX_WORDS, RecipientFilter, check};
use domain::register::PartyId;
use persistence::Db;
use persistence::recipient_query::{RecipientSearch, count, matching_ids, page_ids};
use serde_json::{Value, json};

use crate::support::{Register, person, property, role, today};

fn found(db: &Db, filter: Value) -> Vec<PartyId> {
    let filter: RecipientFilter = serde_json::from_value(filter).unwrap();
    let condition = check(&filter, "/filter", today()).unwrap();
    let search = RecipientSearch { condition, today: today(), default_language: "fi".to_owned(), see_protected: false };
    db.read_blocking(move |reader| {
        let ids = matching_ids(reader, &search)?;
        let counted: i64 = count(reader, &search)?.iter().map(|row| row.count).sum();
        assert_eq!(usize::try_from(counted).unwrap(), ids.len());
        let facts: Vec<_> =
            domain::eligibility::all_facts().filter(|facts| !facts.deceased && !facts.archived).collect();
        assert_eq!(page_ids(reader, &search, Some(&facts), Some((Vec::new(), 0)), 100)?, ids);
        Ok::<_, persistence::StoreError>(ids)
    })
    .unwrap()
}

on_both!(the_largest_filters_run, |database| {
    let db = database.open();
    let parties = vec![person(1, "Aalto Aino"), person(2, "Berg Bo")];
    let properties = vec![property(1, None, "company", "As Oy Koivu")];
    Register { parties, properties, roles: vec![role(1, 1, "resident")], ..Register::default() }.store(&db);

    let many: Vec<usize> = (2..MAX_VALUES + 2).collect();
    assert_eq!(found(&db, json!({"party_ids": many})), [2], "party_ids");

    let values: Vec<String> =
        (0..MAX_VALUES).map(|number| format!("name {number}")).chain(["x".to_owned()]).skip(1).collect();
    let names = json!({"party": {"field": "name", "op": "in", "values": values}});
    assert_eq!(found(&db, json!({"not": names})), [1, 2], "values");

    let deep = (1..MAX_DEPTH - 1).fold(json!({"role": {"codes": ["resident"]}}), |inner, level| match level % 3 {
        0 => json!({"not": inner}),
        1 => json!({"all": [inner, {"text": "a"}]}),
        _ => json!({"any": [inner, {"text": "nobody"}]}),
    });
    found(&db, deep);

    let words = vec!["aalto"; MAX_WORDS].join(" ");
    let texts = vec![json!({"text": words}); MAX_NODES - 1];
    assert_eq!(found(&db, json!({"all": texts})), [1], "all of texts");
    let below = json!({"property": {"field": "name", "op": "contains", "value": "koivu"}});
    assert_eq!(
        found(&db, json!({"all": vec![below.clone(); MAX_NODES - 1]})),
        [1],
        "one assignment in many selections"
    );
    let alone = vec![json!({"all": [below]}); (MAX_NODES - 1) / 2];
    assert_eq!(found(&db, json!({"any": alone})), [1], "any of many assignments");
});
