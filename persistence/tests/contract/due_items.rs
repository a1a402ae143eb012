//! Key loans and move-in inspections: what is late and what is due soon, in order and page by page; what a full import closes.

use chrono::{DateTime, TimeDelta, Utc};
use domain::due::{KeyLoan, MoveInInspection};
use domain::ids::new_id;
use domain::register::{Party, PartyId};
use persistence::absent::close_items;
use persistence::due_items::{self, DueFilter, DueState, StoredItem};
use persistence::local_values::Origin;
use persistence::staging::{Stage, add_staged};
use persistence::{Db, StoreError, properties};
use uuid::Uuid;

use crate::support::{Register, now, person, property};

fn loan(erp_id: &str, party_id: PartyId, due_in: TimeDelta) -> KeyLoan {
    KeyLoan {
        loan_id: new_id(),
        erp_loan_id: Some(erp_id.to_owned()),
        party_id,
        property_id: Some(1),
        key_code: format!("Key {erp_id}"),
        description: None,
        lent_at: Some(now() - TimeDelta::days(100)),
        due_at: now() + due_in,
        returned_at: None,
    }
}

fn register() -> Register {
    let protected = Party { address_protected: true, ..person(2, "Berg Bo") };
    let homes = vec![property(1, None, "unit", "A 1"), property(2, None, "unit", "A 2")];
    Register { parties: vec![person(1, "Aalto Aino"), protected], properties: homes, ..Register::default() }
}

fn store<T: due_items::DueItem>(db: &Db, rows: &[T]) -> persistence::register::Upserted {
    let rows = rows.to_vec();
    db.write_blocking(move |writer| due_items::upsert(writer, rows.clone())).unwrap()
}

fn listed(db: &Db, filter: &DueFilter) -> Vec<String> {
    let filter = filter.clone();
    let rows = db.read_blocking(move |reader| due_items::list::<KeyLoan>(reader, &filter, None, 100)).unwrap();
    rows.into_iter().map(|stored| stored.row.erp_loan_id.unwrap()).collect()
}

fn of(state: DueState) -> DueFilter {
    DueFilter { state: Some(state), ..DueFilter::default() }
}

on_both!(what_is_late_and_what_is_due_soon_is_told_to_the_microsecond, |database| {
    let db = database.open();
    register().store(&db);
    let micro = TimeDelta::microseconds(1);
    let until = now() + TimeDelta::days(7);
    let returned = KeyLoan { returned_at: Some(now()), ..loan("back", 1, -TimeDelta::days(9)) };
    let rows = [
        loan("soon", 1, TimeDelta::zero()),
        loan("just late", 1, -micro),
        loan("long late", 2, -TimeDelta::days(30)),
        loan("later", 1, TimeDelta::days(7)),
        loan("last", 1, TimeDelta::days(7) - micro),
        returned,
    ];
    assert_eq!(store(&db, &rows).added, 6);
    for (state, expected) in [
        (DueState::Overdue { now: now() }, &["long late", "just late"][..]),
        (DueState::DueSoon { now: now(), until }, &["soon", "last"]),
        (DueState::Open, &["long late", "just late", "soon", "last", "later"]),
        (DueState::Done, &["back"]),
    ] {
        assert_eq!(listed(&db, &of(state)), expected, "{state:?}");
    }
    assert_eq!(listed(&db, &DueFilter::default()).len(), 6);
    let of_party = DueFilter { party_id: Some(2), ..of(DueState::Open) };
    assert_eq!(listed(&db, &of_party), ["long late"]);
    let of_home = DueFilter { property_id: Some(1), ..of(DueState::Overdue { now: now() }) };
    assert_eq!(listed(&db, &of_home), ["just late"], "where a protected party lives is not told");
    assert_eq!(listed(&db, &DueFilter { see_protected: true, ..of_home }), ["long late", "just late"]);
});

on_both!(pages_go_on_where_the_last_one_ended_even_among_equal_times, |database| {
    let db = database.open();
    register().store(&db);
    let rows: Vec<KeyLoan> = (0..7).map(|number| loan(&number.to_string(), 1, TimeDelta::days(number / 3))).collect();
    store(&db, &rows);
    let (mut seen, mut after) = (Vec::new(), None::<(DateTime<Utc>, Uuid)>);
    loop {
        let page = db
            .read_blocking(move |reader| due_items::list::<KeyLoan>(reader, &DueFilter::default(), after, 2))
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.row.due_at, last.row.loan_id));
        seen.extend(page.into_iter().map(|stored| stored.row));
    }
    let mut expected = rows;
    expected.sort_by_key(|row| (row.due_at, row.loan_id));
    assert_eq!(seen, expected);
});

on_both!(a_row_keeps_its_id_and_the_kinds_keep_apart, |database| {
    let db = database.open();
    register().store(&db);
    let first = loan("1", 1, TimeDelta::zero());
    let inspection = MoveInInspection {
        inspection_id: new_id(),
        erp_inspection_id: Some("1".to_owned()),
        party_id: 1,
        property_id: 2,
        deadline: now(),
        answered_at: None,
        link: Some("https://asukas.example.fi/1".to_owned()),
    };
    store(&db, std::slice::from_ref(&first));
    store(&db, std::slice::from_ref(&inspection));
    let again = KeyLoan { loan_id: new_id(), ..first.clone() };
    assert_eq!(store(&db, std::slice::from_ref(&again)).unchanged, 1);
    let changed = KeyLoan { key_code: "B".to_owned(), ..again };
    assert_eq!(store(&db, &[changed]).changed, 1);
    let find = |id| db.read_blocking(move |reader| due_items::find::<KeyLoan>(reader, id)).unwrap();
    let stored: StoredItem<KeyLoan> = find(first.loan_id).unwrap();
    assert_eq!(stored.row, KeyLoan { key_code: "B".to_owned(), ..first });
    assert!(find(inspection.inspection_id).is_none(), "an inspection is no loan");
    let id = inspection.inspection_id;
    let read = db.read_blocking(move |reader| due_items::find::<MoveInInspection>(reader, id)).unwrap();
    assert_eq!(read.unwrap().row, inspection);
    let in_use = |id| db.read_blocking(move |reader| properties::is_in_use(reader, id)).unwrap();
    assert!(in_use(1) && in_use(2));
});

on_both!(what_fills_an_empty_register_is_what_an_upsert_writes, |database| {
    let db = database.open();
    register().store(&db);
    let filled = KeyLoan { returned_at: Some(now()), ..loan("a", 1, TimeDelta::hours(1)) };
    let row = filled.clone();
    db.write_blocking(move |writer| {
        add_staged::<KeyLoan>(writer, vec![row.clone().stage(&domain::attribute::Attributes::default())?])
    })
    .unwrap();
    let id = filled.loan_id;
    let stored = db.read_blocking(move |reader| due_items::find::<KeyLoan>(reader, id)).unwrap().unwrap();
    assert_eq!(stored.row, filled);
    store(&db, &[filled]);
    let again = db.read_blocking(move |reader| due_items::find::<KeyLoan>(reader, id)).unwrap().unwrap();
    assert_eq!(again.row_hash, stored.row_hash);
});

on_both!(what_a_full_import_lacks_is_closed_and_what_was_made_here_is_not, |database| {
    let db = database.open();
    register().store(&db);
    let own = KeyLoan { erp_loan_id: None, ..loan("", 1, TimeDelta::zero()) };
    let back = KeyLoan { returned_at: Some(now()), ..loan("back", 1, TimeDelta::zero()) };
    store(&db, &[loan("a", 1, TimeDelta::zero()), loan("b", 2, TimeDelta::zero()), own.clone(), back]);
    let open = |after: &str| {
        let after = after.to_owned();
        db.read_blocking(move |reader| due_items::open_of_erp::<KeyLoan>(reader, &after, 10)).unwrap()
    };
    assert_eq!(open(""), ["erp:a", "erp:b"]);
    assert_eq!(open("erp:a"), ["erp:b"]);
    let origin = Origin { at: now() + TimeDelta::days(1), operation_id: None };
    let closed = db
        .write_blocking(move |writer| {
            Ok::<_, StoreError>(close_items::<KeyLoan>(writer, &["erp:a".to_owned()], &origin)?.rows)
        })
        .unwrap();
    assert_eq!((closed, open("")), (1, vec!["erp:b".to_owned()]));
    assert_eq!(KeyLoan::TABLES, ["due_item"]);
    let own = db.read_blocking(move |reader| due_items::find::<KeyLoan>(reader, own.loan_id)).unwrap().unwrap();
    assert_eq!(own.row.returned_at, None);
});
