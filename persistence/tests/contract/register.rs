//! The register: rows are written once, changed rows replaced, and read back in Finnish order.

use domain::attribute::Attributes;
use domain::ids::new_id;
use domain::register::{Contract, Party, PartyId, PartyKind, Property, Role};
use domain::text::words;
use persistence::contracts::{self, ContractFilter};
use persistence::parties::{self, PartyFilter};
use persistence::properties::{self, PropertyFilter};
use persistence::register::Upserted;
use persistence::roles::{self, RoleFilter};
use persistence::staging::{Stage, add_staged};
use persistence::{Db, StoreError, Writer};
use serde_json::json;

use crate::support::{Register, contract, day, person, property, role, today};

fn upsert(db: &Db, parties: &[Party]) -> Upserted {
    let parties = parties.to_vec();
    db.write_blocking(move |writer| parties::upsert(writer, parties.clone())).unwrap()
}

/// The ids found by a text.
fn search(db: &Db, text: &str, filter: PartyFilter) -> Vec<PartyId> {
    let filter = PartyFilter { words: words(text), ..filter };
    let found = db.read_blocking(move |reader| parties::list(reader, &filter, today(), None, 100)).unwrap();
    found.into_iter().map(|stored| stored.party.party_id).collect()
}

fn full_party() -> Party {
    Party {
        party_id: 9_007_199_254_740_991,
        kind: PartyKind::Company,
        name: "Kiinteistö Oy Ääkkönen".to_owned(),
        first_name: Some("Åke".to_owned()),
        last_name: Some("Öhman".to_owned()),
        business_id: Some("1234567-1".to_owned()),
        language: Some("sv-FI".to_owned()),
        email: Some("Posti@Öljy.fi".to_owned()),
        email_marketing: true,
        phone: Some("040 1234567".to_owned()),
        phone_marketing: true,
        street: Some("Öljytie 5".to_owned()),
        postal_code: Some("00100".to_owned()),
        city: Some("Helsinki".to_owned()),
        country: Some("FI".to_owned()),
        address_protected: true,
        deceased: true,
        archived: true,
        attributes: json!({"vuokra": 12.5, "lista": ["ä", null]}).as_object().unwrap().clone(),
    }
}

/// A row of each kind with every field filled in, and the property above.
fn full_register() -> Register {
    let party = full_party();
    let home = Property {
        code: Some("A 1".to_owned()),
        street: Some("Öljytie 5".to_owned()),
        postal_code: Some("00100".to_owned()),
        city: Some("Helsinki".to_owned()),
        country: Some("FI".to_owned()),
        attributes: json!({"m2": 54}).as_object().unwrap().clone(),
        ..property(7, Some(8), "unit", "As Oy Ääkkönen A 1")
    };
    let tenancy = Contract {
        language: Some("sv".to_owned()),
        valid_from: Some(day("1917-12-06")),
        valid_to: Some(day("9999-12-31")),
        points_enrolled: true,
        points_enrolled_on: Some(day("2026-01-01")),
        ..contract(11, party.party_id, 7)
    };
    let resident = Role {
        erp_role_id: Some("R/1 ä".to_owned()),
        valid_from: Some(day("1917-12-06")),
        valid_to: Some(day("9999-12-31")),
        contract_id: Some(11),
        ..role(party.party_id, 7, "resident")
    };
    // The unit comes before the property it belongs to.
    let properties = vec![home, property(8, None, "company", "As Oy Ääkkönen")];
    Register {
        parties: vec![party],
        properties,
        contracts: vec![tenancy],
        roles: vec![resident],
        ..Register::default()
    }
}

fn assert_reads_back(db: &Db, register: &Register) {
    let Register { parties, properties, contracts, roles, .. } = register;
    let (party, home, tenancy) = (parties[0].clone(), properties[0].clone(), contracts[0].clone());
    let resident = roles[0].clone();
    let (id, role_id) = (party.party_id, resident.role_id);
    db.read_blocking(move |reader| {
        assert_eq!(parties::find(reader, id)?.unwrap().party, party);
        assert_eq!(properties::find(reader, 7)?.unwrap().property, home);
        let stored = contracts::find(reader, 11)?.unwrap();
        assert_eq!((stored.contract, stored.party_protected), (tenancy, true));
        let stored = roles::find(reader, role_id)?.unwrap();
        assert_eq!((stored.role, stored.party_protected), (resident, true));
        assert!(parties::find(reader, 1)?.is_none());
        assert!(properties::find(reader, 1)?.is_none());
        assert!(contracts::find(reader, 1)?.is_none());
        assert!(roles::find(reader, new_id())?.is_none());
        Ok::<_, StoreError>(())
    })
    .unwrap();
}

on_both!(every_field_of_the_register_reads_back, |database| {
    let db = database.open();
    let register = full_register();
    register.store(&db);
    assert_reads_back(&db, &register);
});

on_both!(what_fills_an_empty_register_is_what_an_upsert_writes, |database| {
    fn fill<T: Stage + Clone>(writer: &mut Writer<'_>, rows: &[T]) -> Result<(), StoreError> {
        let rows = rows.iter().map(|row| row.clone().stage(&Attributes::default())).collect::<Result<Vec<_>, _>>()?;
        add_staged::<T>(writer, rows)?;
        Ok(())
    }
    let db = database.open();
    let register = full_register();
    let filled = || {
        let (parties, properties) = (register.parties.clone(), register.properties.clone());
        let (contracts, roles) = (register.contracts.clone(), register.roles.clone());
        db.write_blocking(move |writer| {
            fill(writer, &properties)?;
            fill(writer, &parties)?;
            fill(writer, &contracts)?;
            fill(writer, &roles)
        })
    };
    filled().unwrap();
    assert_reads_back(&db, &register);
    assert!(matches!(filled(), Err(StoreError::Contended)), "somebody was faster");
    assert_eq!(upsert(&db, &register.parties), Upserted { added: 0, changed: 0, unchanged: 1 });
});

on_both!(a_row_written_twice_is_unchanged_and_a_changed_one_is_counted, |database| {
    let db = database.open();
    // More than one statement carries.
    let mut people: Vec<Party> = (1..=501).map(|id| person(id, &format!("Person {id}"))).collect();
    assert_eq!(upsert(&db, &people), Upserted { added: 501, changed: 0, unchanged: 0 });
    assert_eq!(upsert(&db, &people), Upserted { added: 0, changed: 0, unchanged: 501 });
    people[3].email = Some("new@example.fi".to_owned());
    people[400].archived = true;
    people.push(person(502, "Person 502"));
    assert_eq!(upsert(&db, &people), Upserted { added: 1, changed: 2, unchanged: 499 });
    let hash = |id| db.read_blocking(move |reader| parties::find(reader, id)).unwrap().unwrap().row_hash;
    let before = hash(4);
    people[3].email = None;
    upsert(&db, &people);
    assert_ne!(hash(4), before, "the ETag changes with the row");

    let properties = vec![property(1, None, "company", "As Oy Koivu"), property(2, Some(1), "unit", "A 1")];
    let upserted = |properties: Vec<Property>| {
        db.write_blocking(move |writer| properties::upsert(writer, properties.clone())).unwrap()
    };
    assert_eq!(upserted(properties.clone()), Upserted { added: 2, changed: 0, unchanged: 0 });
    let moved = vec![properties[0].clone(), Property { parent_id: None, ..properties[1].clone() }];
    assert_eq!(upserted(moved), Upserted { added: 0, changed: 1, unchanged: 1 });

    let upserted =
        |tenancy: Contract| db.write_blocking(move |writer| contracts::upsert(writer, vec![tenancy.clone()])).unwrap();
    assert_eq!(upserted(contract(1, 1, 2)).added, 1);
    assert_eq!(upserted(contract(1, 1, 2)).unchanged, 1);
    assert_eq!(upserted(Contract { valid_to: Some(today()), ..contract(1, 1, 2) }).changed, 1);
});

on_both!(a_renamed_party_is_found_by_its_new_words_only, |database| {
    let db = database.open();
    upsert(&db, &[person(1, "Virtanen Aino"), person(2, "Virtanen Bo")]);
    assert_eq!(search(&db, "virt", PartyFilter::default()), [1, 2]);
    upsert(&db, &[person(1, "Korhonen Aino")]);
    assert_eq!(search(&db, "virt", PartyFilter::default()), [2]);
    assert_eq!(search(&db, "korh aino", PartyFilter::default()), [1]);
    let renamed = |name: &str| {
        let renamed = property(1, None, "company", name);
        db.write_blocking(move |writer| properties::upsert(writer, vec![renamed.clone()])).unwrap();
    };
    let found = |text: &str| {
        let filter = PropertyFilter { words: words(text), ..PropertyFilter::default() };
        db.read_blocking(move |reader| properties::list(reader, &filter, None, 10)).unwrap().len()
    };
    renamed("As Oy Koivu");
    renamed("As Oy Mänty");
    assert_eq!((found("koivu"), found("mänty"), found("OY mä")), (0, 1, 1));
});

on_both!(a_role_keeps_its_own_id_when_it_is_written_again, |database| {
    let db = database.open();
    let people = vec![person(1, "Aalto Aino")];
    Register { parties: people, properties: vec![property(1, None, "unit", "A 1")], ..Register::default() }.store(&db);
    let upserted = |role: Role| db.write_blocking(move |writer| roles::upsert(writer, vec![role.clone()])).unwrap();
    let stored = || {
        let mut found = db.read_blocking(|reader| roles::list(reader, &RoleFilter::default(), None, 10)).unwrap();
        found.sort_by(|a, b| a.role.erp_role_id.cmp(&b.role.erp_role_id));
        found.into_iter().map(|stored| stored.role).collect::<Vec<_>>()
    };
    for erp_role_id in [None, Some("R1".to_owned())] {
        // Without the ERP's id, party, property, code and first day say which role it is.
        let first = Role { erp_role_id, valid_from: Some(day("2020-01-01")), ..role(1, 1, "resident") };
        assert_eq!(upserted(first.clone()).added, 1);
        let again = Role { role_id: new_id(), ..first.clone() };
        assert_eq!(upserted(again.clone()).unchanged, 1, "another id of ours is no change");
        assert_eq!(stored().last(), Some(&first));
        let ended = Role { valid_to: Some(today()), ..again };
        assert_eq!(upserted(ended.clone()).changed, 1);
        assert_eq!(stored().last(), Some(&Role { role_id: first.role_id, ..ended }));
    }
    assert_eq!(stored().len(), 2);
    let moved = Role { valid_from: Some(day("2021-01-01")), ..role(1, 1, "resident") };
    assert_eq!(upserted(moved).added, 1, "another first day is another role");
    let open_start = role(1, 1, "resident");
    assert_eq!(upserted(open_start).added, 1, "so is an open one");
});

on_both!(parties_are_listed_in_finnish_order_page_by_page, |database| {
    let db = database.open();
    let names = ["Öhman", "aho", "Zetterberg", "Åberg", "Äijälä", "Aho", "Virtanen", "Wirtanen", "Aalto", "Åberg"];
    let people: Vec<Party> = (1..).zip(names).map(|(id, name)| person(id, name)).collect();
    upsert(&db, &people);
    upsert(&db, &[Party { archived: true, ..person(11, "Berg") }]);
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page =
            db.read_blocking(move |reader| parties::list(reader, &PartyFilter::default(), today(), after, 3)).unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.sort_key.clone(), last.party.party_id));
        listed.extend(page.into_iter().map(|stored| (stored.party.name, stored.party.party_id)));
    }
    let listed: Vec<(&str, PartyId)> = listed.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    assert_eq!(
        listed,
        [
            ("Aalto", 9),
            ("aho", 2),
            ("Aho", 6),
            ("Virtanen", 7),
            ("Wirtanen", 8),
            ("Zetterberg", 3),
            ("Åberg", 4),
            ("Åberg", 10),
            ("Äijälä", 5),
            ("Öhman", 1),
        ]
    );
    let archived = PartyFilter { archived: true, ..PartyFilter::default() };
    assert_eq!(search(&db, "be", archived), [11]);
    assert!(search(&db, "be", PartyFilter::default()).is_empty());
});

on_both!(parties_are_searched_by_the_beginnings_of_their_words_and_their_homes, |database| {
    let db = database.open();
    let people = vec![
        Party {
            email: Some("aino.aalto@example.fi".to_owned()),
            phone: Some("040 1234567".to_owned()),
            street: Some("Öljytie 5".to_owned()),
            ..person(1, "Aalto-Virtanen Aino")
        },
        Party { street: Some("Öljytie 7".to_owned()), address_protected: true, ..person(2, "Öhman Åke") },
        person(3, "Korhonen Eeva"),
    ];
    let koivu = Property { code: Some("K12".to_owned()), ..property(1, None, "company", "As Oy Koivu") };
    let roles = vec![role(2, 1, "resident"), Role { valid_to: Some(day("2026-06-14")), ..role(3, 1, "resident") }];
    Register { parties: people, properties: vec![koivu], roles, ..Register::default() }.store(&db);
    let everyone = |text: &str| search(&db, text, PartyFilter::default());
    for (text, expected) in [
        ("virt aa", vec![1]),
        ("AINO", vec![1]),
        ("example", vec![1]),
        ("040", vec![1]),
        ("+358401234567", vec![1]),
        ("tanen", vec![]),
        ("åke", vec![2]),
        ("ake", vec![]),
        ("koivu", vec![2]),
        ("k12 öhm", vec![2]),
        ("öljytie", vec![1]),
        ("", vec![1, 3, 2]),
    ] {
        assert_eq!(everyone(text), expected, "{text:?}");
    }
    let privileged = PartyFilter { see_protected: true, ..PartyFilter::default() };
    assert_eq!(search(&db, "öljytie", privileged), [1, 2], "the protected address, for those who may see it");
});

on_both!(where_a_protected_party_lives_is_listed_only_for_those_who_may_see_it, |database| {
    let db = database.open();
    let people = vec![person(1, "Aalto Aino"), Party { address_protected: true, ..person(2, "Berg Bo") }];
    let properties = vec![property(1, None, "unit", "A 1"), property(2, None, "unit", "A 2")];
    let contracts = vec![contract(1, 1, 1), contract(2, 2, 1), contract(3, 2, 2)];
    let roles = vec![role(1, 1, "resident"), role(2, 1, "resident"), role(2, 2, "owner")];
    Register { parties: people, properties, contracts, roles, ..Register::default() }.store(&db);
    let roles = |filter: RoleFilter| {
        let found = db.read_blocking(move |reader| roles::list(reader, &filter, None, 10)).unwrap();
        found.iter().map(|stored| (stored.role.party_id, stored.party_protected)).collect::<Vec<_>>()
    };
    let contracts = |filter: ContractFilter| {
        let found = db.read_blocking(move |reader| contracts::list(reader, &filter, None, 10)).unwrap();
        found.iter().map(|stored| (stored.contract.party_id, stored.party_protected)).collect::<Vec<_>>()
    };
    let everyone = vec![(1, false), (2, true)];
    for (see_protected, at_home) in [(false, everyone[..1].to_vec()), (true, everyone)] {
        let filter = RoleFilter { property_id: Some(1), see_protected, ..RoleFilter::default() };
        assert_eq!(roles(filter), at_home, "roles by property");
        let filter = ContractFilter { property_id: Some(1), see_protected, ..ContractFilter::default() };
        assert_eq!(contracts(filter), at_home, "contracts by property");
        // Whose they are is no secret; the marking tells the caller what not to show.
        let filter = RoleFilter { party_id: Some(2), see_protected, ..RoleFilter::default() };
        assert_eq!(roles(filter), [(2, true), (2, true)], "roles by party");
        let filter = ContractFilter { party_id: Some(2), see_protected, ..ContractFilter::default() };
        assert_eq!(contracts(filter), [(2, true), (2, true)], "contracts by party");
    }
    let owners = RoleFilter { role: Some("owner".to_owned()), ..RoleFilter::default() };
    assert_eq!(roles(owners), [(2, true)]);
});

on_both!(contracts_and_roles_are_listed_page_by_page, |database| {
    let db = database.open();
    let contracts = (1..=5).map(|id| contract(id * 10, 1, 1)).collect();
    let roles: Vec<Role> = (1..=5).map(|number| role(1, 1, &format!("role{number}"))).collect();
    let ids: Vec<_> = roles.iter().map(|role| role.role_id).collect();
    let properties = vec![property(1, None, "unit", "A 1")];
    Register { parties: vec![person(1, "Aalto Aino")], properties, contracts, roles, ..Register::default() }.store(&db);
    let page = db.read_blocking(|reader| contracts::list(reader, &ContractFilter::default(), Some(20), 2)).unwrap();
    assert_eq!(page.iter().map(|stored| stored.contract.contract_id).collect::<Vec<_>>(), [30, 40]);
    let after = ids[1];
    let page = db.read_blocking(move |reader| roles::list(reader, &RoleFilter::default(), Some(after), 2)).unwrap();
    assert_eq!(page.iter().map(|stored| stored.role.role_id).collect::<Vec<_>>(), ids[2..4]);
});

on_both!(properties_are_listed_as_a_tree, |database| {
    let db = database.open();
    let properties = vec![
        property(1, None, "company", "Öljy Oy"),
        property(2, None, "company", "As Oy Koivu"),
        property(3, Some(1), "building", "Talo B"),
        property(4, Some(1), "building", "Talo A"),
        property(5, Some(4), "unit", "A 1"),
    ];
    Register { properties, ..Register::default() }.store(&db);
    let listed = |filter: PropertyFilter| {
        let found = db.read_blocking(move |reader| properties::list(reader, &filter, None, 10)).unwrap();
        found.iter().map(|stored| stored.property.property_id).collect::<Vec<_>>()
    };
    assert_eq!(listed(PropertyFilter { roots: true, ..PropertyFilter::default() }), [2, 1]);
    assert_eq!(listed(PropertyFilter { parent_id: Some(1), ..PropertyFilter::default() }), [4, 3]);
    assert_eq!(listed(PropertyFilter { kind: Some("unit".to_owned()), ..PropertyFilter::default() }), [5]);
    assert_eq!(listed(PropertyFilter::default()), [5, 2, 4, 3, 1]);
    let known = db.read_blocking(|reader| persistence::register::known_properties(reader, &[1, 5, 6])).unwrap();
    assert_eq!(known, [1, 5].into());
});
