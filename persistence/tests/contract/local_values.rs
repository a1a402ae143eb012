//! Values set here: they hold through what the ERP sends again, and yield to what it sends anew.

use domain::register::Party;
use domain::register::local::{LocalValue, RegisterKind};
use persistence::local_values::{self, Origin};
use persistence::{Db, StoreError, contracts, parties, properties, roles};
use serde_json::{Value, json};

use crate::support::{Register, contract, now, person, property, role};

fn set(db: &Db, key: &str, field: &str, erp: Value, local: Value) {
    let (key, value) = (key.to_owned(), LocalValue { field: field.to_owned(), erp, local });
    db.write_blocking(move |writer| {
        local_values::replace(writer, RegisterKind::Party, &key, std::slice::from_ref(&value), "tester", now())
    })
    .unwrap();
}

fn settle(db: &Db, parties: &[Party]) -> (Vec<Party>, u64) {
    let parties = parties.to_vec();
    let origin = Origin { at: now(), operation_id: None };
    db.write_blocking(move |writer| local_values::settle(writer, parties.clone(), &origin)).unwrap()
}

on_both!(a_local_value_holds_until_the_erp_says_something_new_and_is_then_a_conflict, |database| {
    let db = database.open();
    let erp = |email: &str| Party { email: Some(email.to_owned()), ..person(1, "Aalto Aino") };
    let untouched = person(2, "Berg Bo");
    Register { parties: vec![erp("erp@x.fi"), untouched.clone()], ..Register::default() }.store(&db);
    set(&db, "1", "email", json!("erp@x.fi"), json!("here@x.fi"));

    let again = settle(&db, &[untouched.clone(), erp("erp@x.fi")]);
    assert_eq!(again, (vec![untouched.clone(), erp("here@x.fi")], 0));
    let anew = settle(&db, &[erp("new@x.fi"), untouched.clone()]);
    assert_eq!(anew, (vec![erp("new@x.fi"), untouched.clone()], 1));
    // It is forgotten: the ERP's first value does not bring it back.
    assert_eq!(settle(&db, &[erp("erp@x.fi")]), (vec![erp("erp@x.fi")], 0));

    let listed = db.read_blocking(|reader| local_values::list_conflicts(reader, None, None, 10)).unwrap();
    let [conflict] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((conflict.kind, conflict.id, conflict.party_id), (RegisterKind::Party, Some(1), Some(1)));
    assert_eq!(
        (conflict.conflict.local.local.clone(), conflict.conflict.erp_now.clone()),
        (json!("here@x.fi"), json!("new@x.fi"))
    );
    assert_eq!((conflict.detected_at, conflict.party_protected), (now(), false));
    let roles = Some(RegisterKind::Role);
    assert!(db.read_blocking(move |reader| local_values::list_conflicts(reader, roles, None, 10)).unwrap().is_empty());
});

on_both!(conflicts_are_listed_newest_first_page_by_page, |database| {
    let db = database.open();
    for id in 1..=5 {
        set(&db, &id.to_string(), "name", json!("erp"), json!("here"));
        settle(&db, &[person(id, "new")]);
    }
    let page = |after| db.read_blocking(move |reader| local_values::list_conflicts(reader, None, after, 2)).unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let rows = page(after);
        let Some(last) = rows.last() else { break };
        after = Some(last.conflict_id);
        seen.extend(rows.iter().map(|row| row.id.unwrap()));
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
});

on_both!(what_is_referred_to_is_in_use_and_what_is_not_can_be_deleted, |database| {
    let db = database.open();
    let home = role(1, 3, "resident");
    Register {
        parties: vec![person(1, "Aalto Aino")],
        properties: vec![
            property(1, None, "company", "A"),
            property(2, Some(1), "unit", "B"),
            property(3, None, "unit", "C"),
        ],
        contracts: vec![contract(10, 1, 2)],
        roles: vec![domain::register::Role { contract_id: Some(10), ..home.clone() }],
        ..Register::default()
    }
    .store(&db);
    let in_use = || {
        db.read_blocking(|reader| {
            let used = [1, 2, 3].map(|id| properties::is_in_use(reader, id).unwrap());
            Ok::<_, StoreError>((used, contracts::is_in_use(reader, 10)?))
        })
        .unwrap()
    };
    assert_eq!(in_use(), ([true, true, true], true));
    let key = home.key();
    let stored = db.read_blocking(move |reader| roles::find_by_key(reader, &key)).unwrap().unwrap();
    assert_eq!(stored.role.role_id, home.role_id);
    db.write_blocking(move |writer| roles::delete(writer, &stored.role)).unwrap();
    assert_eq!(in_use(), ([true, true, false], false));
    db.write_blocking(|writer| contracts::delete(writer, 10)).unwrap();
    db.write_blocking(|writer| properties::delete(writer, 2)).unwrap();
    assert_eq!(in_use(), ([false, false, false], false));
    db.read_blocking(|reader| {
        assert!(properties::find(reader, 2)?.is_none() && contracts::find(reader, 10)?.is_none());
        assert!(parties::find(reader, 1)?.is_some());
        Ok::<_, StoreError>(())
    })
    .unwrap();
});
