//! Declared attributes: their values follow their rows, and a change of a type leaves no value of another.

use domain::attribute::{Attribute, AttributeRegister};
use domain::recipient_query::{RecipientFilter, check};
use domain::register::{Party, PartyId};
use persistence::attributes::{self, Misfits, StoredAttribute};
use persistence::recipient_query::{RecipientSearch, matching_ids};
use persistence::{Db, StoreError, parties};
use serde_json::{Value, json};

use crate::support::{person, today};

fn party(party_id: PartyId, attributes: Value) -> Party {
    Party { attributes: attributes.as_object().unwrap().clone(), ..person(party_id, &format!("Person {party_id}")) }
}

/// Declares in a transaction of its own, which is undone when there are misfits.
fn declare(db: &Db, name: &str, type_word: &str) -> Misfits {
    let attribute = Attribute::declare(AttributeRegister::Party, name, type_word, None).unwrap();
    enum Undone {
        Misfits(Misfits),
        Store(StoreError),
    }
    impl From<StoreError> for Undone {
        fn from(error: StoreError) -> Self {
            Self::Store(error)
        }
    }
    impl persistence::DoorError for Undone {
        fn store_error(&self) -> Option<&StoreError> {
            match self {
                Self::Store(error) => Some(error),
                Self::Misfits(_) => None,
            }
        }
    }
    let done = db.write_blocking(move |writer| {
        attributes::lock(writer, AttributeRegister::Party)?;
        let before = attributes::find(writer, AttributeRegister::Party, &attribute.name)?;
        match attributes::declare(writer, &attribute, before.as_ref())? {
            misfits if misfits == Misfits::default() => Ok(()),
            misfits => Err(Undone::Misfits(misfits)),
        }
    });
    match done {
        Ok(()) => Misfits::default(),
        Err(Undone::Misfits(misfits)) => misfits,
        Err(Undone::Store(error)) => panic!("{error}"),
    }
}

fn found(db: &Db, op: &str, value: &str) -> Vec<PartyId> {
    let filter = json!({"party": {"field": "attributes.class", "op": op, "value": value}});
    let filter: RecipientFilter = serde_json::from_value(filter).unwrap();
    db.read_blocking(move |reader| {
        let known = attributes::known(reader, today())?;
        let condition = check(&filter, "", &known).unwrap_or_else(|errors| panic!("{errors:?}"));
        let search =
            RecipientSearch { condition, today: today(), default_language: "fi".to_owned(), see_protected: false };
        matching_ids(reader, &search)
    })
    .unwrap()
}

fn store(db: &Db, rows: Vec<Party>) {
    db.write_blocking(move |writer| parties::upsert(writer, rows.clone())).unwrap();
}

on_both!(the_values_of_an_attribute_follow_its_rows, |database| {
    let db = database.open();
    store(&db, vec![party(1, json!({"class": "Å"})), party(2, json!({"class": "B", "x": 1})), party(3, json!({}))]);
    assert_eq!(declare(&db, "class", "string"), Misfits::default());
    assert_eq!(found(&db, "eq", "å"), [1]);
    assert_eq!(found(&db, "exists", "false"), [3]);
    // Changed, taken away, added; and one whose other fields change.
    store(&db, vec![party(1, json!({"class": "C"})), party(2, json!({"x": 1})), party(3, json!({"class": "å"}))]);
    assert_eq!(
        (found(&db, "exists", "true"), found(&db, "eq", "Å"), found(&db, "gte", "c")),
        (vec![1, 3], vec![3], vec![1, 3])
    );
    store(&db, vec![Party { archived: true, ..party(1, json!({"class": "C"})) }]);
    assert_eq!(found(&db, "exists", "true"), [3]);
    db.write_blocking(|writer| {
        attributes::lock(writer, AttributeRegister::Party)?;
        attributes::delete(writer, AttributeRegister::Party, "class")
    })
    .unwrap();
    let left = db.read_blocking(attributes::list).unwrap();
    assert_eq!(left, Vec::<StoredAttribute>::new());
    // Its values are there as before, for when it is declared again.
    assert_eq!(declare(&db, "class", "string"), Misfits::default());
    assert_eq!(found(&db, "exists", "true"), [3]);
});

on_both!(a_type_that_values_are_not_of_is_refused_and_leaves_everything_as_it_was, |database| {
    let db = database.open();
    let rows: Vec<Party> = (1..=7).map(|id| party(id, json!({"class": format!("2026-01-0{id}")}))).collect();
    store(&db, rows);
    assert_eq!(declare(&db, "class", "number"), Misfits { count: 7, ids: vec![1, 2, 3, 4, 5] });
    assert!(db.read_blocking(attributes::list).unwrap().is_empty());
    assert_eq!(declare(&db, "class", "string"), Misfits::default());
    assert_eq!(found(&db, "contains", "01-03"), [3]);
    // Every value is a day: the type may change, and the operators with it.
    assert_eq!(declare(&db, "class", "date"), Misfits::default());
    assert_eq!(found(&db, "lte", "2026-01-02"), [1, 2]);
    store(&db, vec![party(1, json!({"class": null})), party(2, json!({"class": "2026-02-01"}))]);
    assert_eq!(declare(&db, "class", "bool"), Misfits { count: 6, ids: vec![2, 3, 4, 5, 6] });
    let stored =
        db.read_blocking(|reader| attributes::find(reader, AttributeRegister::Party, "class")).unwrap().unwrap();
    assert_eq!((stored.attribute.attribute_type.as_str(), stored.version), ("date", 2));
    assert_eq!(found(&db, "gt", "2026-01-31"), [2]);
});

on_both!(whoever_writes_rows_while_an_attribute_is_declared_writes_by_the_new_declaration, |database| {
    let db = database.open();
    let (writing, declaring) = (database.open(), database.open());
    store(&db, (1..=50).map(|id| party(id, json!({"class": "A"}))).collect());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..20 {
                store(&writing, (1..=50).map(|id| party(id, json!({"class": format!("B{round}")}))).collect());
            }
        });
        scope.spawn(|| assert_eq!(declare(&declaring, "class", "string"), Misfits::default()));
    });
    assert_eq!(found(&db, "eq", "b19").len(), 50);
    assert_eq!(found(&db, "ne", "b19"), Vec::<PartyId>::new());
});
