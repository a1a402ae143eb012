//! Each sentence of the rules about recipients by an example, all over one small register:
//!
//! ```text
//! 1 As Oy Koivu (company, Helsinki)          2 As Oy Mänty (company, Espoo)
//! ├─ 11 Talo A (building)                    └─ 21 B 1 (unit)
//! │  ├─ 111 A 1 (unit)
//! │  └─ 112 A 2 (unit, Vantaa)
//! └─ 12 Piha (yard)
//! ```
//!
//! | id | party | home | roles |
//! |---|---|---|---|
//! | 1 | Aalto Aino | Helsinki, 040 1234567, `aino@aalto.fi` | resident of 111 |
//! | 2 | Berg Bo | Espoo | resident of 21, owner of 111 |
//! | 3 | Cedervall Cecilia | not known | resident of 112 until yesterday, owner of Piha |
//! | 4 | Dahl Dan | Helsinki, 040 1234567, **protected** | resident of 112 |
//! | 5 | Eklund Eva | Helsinki, **archived** | resident of 111 |
//! | 6 | Frisk Frans | Helsinki, **deceased** | resident of 111 |
//! | 7 | Öhman Åke | Åbo | resident of 21 from tomorrow |

mod people;

use domain::recipient_query::{RecipientFilter, check};
use domain::register::{Contract, Party, PartyId, Property, Role};
use persistence::Db;
use persistence::recipient_query::{RecipientSearch, matching_ids};
use serde_json::{Value, json};

use crate::support::{Register, contract, day, person, property, role, today};

fn register() -> Register {
    let helsinki = || Some("Helsinki".to_owned());
    let phone = || Some("040 1234567".to_owned());
    let parties = vec![
        Party {
            city: helsinki(),
            phone: phone(),
            email: Some("aino@aalto.fi".to_owned()),
            first_name: Some("Aino".to_owned()),
            ..person(1, "Aalto Aino")
        },
        Party { city: Some("Espoo".to_owned()), ..person(2, "Berg Bo") },
        person(3, "Cedervall Cecilia"),
        Party { city: helsinki(), phone: phone(), address_protected: true, ..person(4, "Dahl Dan") },
        Party { city: helsinki(), archived: true, ..person(5, "Eklund Eva") },
        Party { city: helsinki(), deceased: true, ..person(6, "Frisk Frans") },
        Party { city: Some("Åbo".to_owned()), ..person(7, "Öhman Åke") },
    ];
    let city = |name: &str| Some(name.to_owned());
    let properties = vec![
        Property { city: city("Helsinki"), ..property(1, None, "company", "As Oy Koivu") },
        property(11, Some(1), "building", "Talo A"),
        Property { code: Some("A 1".to_owned()), ..property(111, Some(11), "unit", "A 1") },
        Property { city: city("Vantaa"), ..property(112, Some(11), "unit", "A 2") },
        property(12, Some(1), "yard", "Piha"),
        Property { city: city("Espoo"), ..property(2, None, "company", "As Oy Mänty") },
        property(21, Some(2), "unit", "B 1"),
    ];
    let roles = vec![
        role(1, 111, "resident"),
        role(2, 21, "resident"),
        role(2, 111, "owner"),
        Role { valid_to: Some(day("2026-06-14")), ..role(3, 112, "resident") },
        role(3, 12, "owner"),
        role(4, 112, "resident"),
        role(5, 111, "resident"),
        role(6, 111, "resident"),
        Role { valid_from: Some(day("2026-06-16")), ..role(7, 21, "resident") },
    ];
    Register { parties, properties, roles, ..Register::default() }
}

fn found(db: &Db, filter: &Value, see_protected: bool) -> Vec<PartyId> {
    let filter: RecipientFilter = serde_json::from_value(filter.clone()).unwrap();
    let condition = check(&filter, "/filter", &super::known(db, &filter)).unwrap();
    let search = RecipientSearch { condition, today: today(), default_language: "fi".to_owned(), see_protected };
    db.read_blocking(move |reader| matching_ids(reader, &search)).unwrap()
}

/// Each case: what it shows, the filter, and whom it finds, with the right to see protected parties and without.
fn holds(db: &Db, cases: &[(&str, Value, &[PartyId])]) {
    for (rule, filter, expected) in cases {
        for see_protected in [false, true] {
            assert_eq!(found(db, filter, see_protected), *expected, "{rule} ({filter}, see_protected {see_protected})");
        }
    }
}

fn filled(database: &persistence::testing::TestDatabase) -> Db {
    let db = database.open();
    register().store(&db);
    db
}

fn resident() -> Value {
    json!({"role": {"codes": ["resident"]}})
}

fn under(property_id: &str) -> Value {
    json!({"property": {"field": "property_id", "op": "eq", "value": property_id}})
}

fn city(op: &str, value: &str) -> Value {
    json!({"party": {"field": "city", "op": op, "value": value}})
}

on_both!(role_and_property_directly_in_one_all_speak_of_the_same_assignment, |database| {
    let db = filled(database);
    let owner = json!({"role": {"codes": ["owner"]}});
    holds(
        &db,
        &[
            ("residents of Koivu", json!({"all": [resident(), under("1")]}), &[1, 4]),
            ("the order of the children says nothing", json!({"all": [under("1"), resident()]}), &[1, 4]),
            (
                "nested deeper each speaks for itself: Bo resides elsewhere and owns here",
                json!({"all": [resident(), {"all": [under("1")]}]}),
                &[1, 2, 4],
            ),
            (
                "two roles are two `all`s: resident somewhere and owner in Koivu",
                json!({"all": [{"all": [resident()]}, {"all": [owner, under("1")]}]}),
                &[2],
            ),
            (
                "several properties directly in one `all` are one property that passes them all",
                json!({"all": [
                    under("1"),
                    {"property": {"field": "kind", "op": "eq", "value": "yard"}},
                ]}),
                &[3],
            ),
            ("in an `any` each speaks for itself", json!({"any": [resident(), under("12")]}), &[1, 2, 3, 4]),
            ("a role alone is held in any property", resident(), &[1, 2, 4]),
            ("a property alone is of any role valid today", under("112"), &[4]),
            ("several codes: any of them", json!({"role": {"codes": ["resident", "owner"]}}), &[1, 2, 3, 4]),
            ("codes are data and compare as they are", json!({"role": {"codes": ["Resident"]}}), &[]),
        ],
    );
});

on_both!(a_role_counts_on_the_day_asked_for_with_both_ends_included, |database| {
    let db = filled(database);
    let on = |on: &str| json!({"role": {"codes": ["resident"], "on": on}});
    holds(
        &db,
        &[
            ("today is the default", on("today"), &[1, 2, 4]),
            ("the last day counts", on("today-1d"), &[1, 2, 3, 4]),
            ("the last day counts, written out", on("2026-06-14"), &[1, 2, 3, 4]),
            ("the first day counts", on("today+1d"), &[1, 2, 4, 7]),
            ("an open end is open", on("2099-12-31"), &[1, 2, 4, 7]),
            ("an open start is open", on("1900-01-01"), &[1, 2, 3, 4]),
            ("the day goes for the property too", json!({"all": [on("today-1d"), under("112")]}), &[3, 4]),
            (
                "but not for one nested deeper, which speaks of today",
                json!({"all": [on("today-1d"), {"all": [under("112")]}]}),
                &[4],
            ),
        ],
    );
});

on_both!(a_missing_value_matches_nothing_but_exists_false, |database| {
    let db = filled(database);
    let first_name = |op: &str, value: &str| json!({"party": {"field": "first_name", "op": op, "value": value}});
    holds(
        &db,
        &[
            ("eq", first_name("eq", "Aino"), &[1]),
            ("ne is not true of a missing value", first_name("ne", "Aino"), &[]),
            ("not is: the party as a whole does not match", json!({"not": first_name("eq", "Aino")}), &[2, 3, 4, 7]),
            (
                "not ne is everyone whose value is that or missing",
                json!({"not": first_name("ne", "Eva")}),
                &[2, 3, 4, 7],
            ),
            ("lt", first_name("lt", "z"), &[1]),
            ("exists true", first_name("exists", "true"), &[1]),
            ("exists false", first_name("exists", "false"), &[2, 3, 4, 7]),
            (
                "of a property as well",
                json!({"property": {"field": "city", "op": "ne", "value": "Helsinki", "include_descendants": false}}),
                &[4],
            ),
        ],
    );
});

on_both!(not_says_that_the_party_as_a_whole_does_not_match, |database| {
    let db = filled(database);
    let not_koivu =
        json!({"property": {"field": "property_id", "op": "ne", "value": "111", "include_descendants": false}});
    holds(
        &db,
        &[
            ("not a resident of Koivu, whatever else", json!({"not": {"all": [resident(), under("1")]}}), &[2, 3, 7]),
            ("has a role in a property other than 111", not_koivu, &[2, 3, 4]),
            ("has no role in 111", json!({"not": under("111")}), &[3, 4, 7]),
            ("not not", json!({"not": {"not": under("111")}}), &[1, 2]),
        ],
    );
});

on_both!(a_property_selects_everything_below_it_unless_told_otherwise, |database| {
    let db = filled(database);
    let with = |field: &str, value: &str, descendants: bool| json!({"property": {"field": field, "op": "eq", "value": value, "include_descendants": descendants}});
    holds(
        &db,
        &[
            ("by default all below", under("1"), &[1, 2, 3, 4]),
            ("the same, said", with("property_id", "1", true), &[1, 2, 3, 4]),
            ("only the property itself", with("property_id", "1", false), &[]),
            ("only the unit itself", with("property_id", "112", false), &[4]),
            ("below what passes the test, though it does not itself", with("city", "helsinki", true), &[1, 2, 3, 4]),
            ("what passes the test itself", with("city", "vantaa", false), &[4]),
            ("children of a property", with("parent_id", "11", false), &[1, 2, 4]),
            (
                "tops of trees",
                json!({"property": {"field": "parent_id", "op": "exists", "value": "false", "include_descendants": false}}),
                &[],
            ),
        ],
    );
});

on_both!(text_compares_case_folded_with_the_finnish_letters_distinct, |database| {
    let db = filled(database);
    let name = |op: &str, value: &str| json!({"party": {"field": "name", "op": op, "value": value}});
    holds(
        &db,
        &[
            ("case folded", name("eq", "AALTO AINO"), &[1]),
            ("å is not a", name("contains", "Ake"), &[]),
            ("å is å", name("contains", "ÅKE"), &[7]),
            ("ö is not o", name("starts_with", "oh"), &[]),
            ("contains takes no wildcards", name("contains", "A%o"), &[]),
            ("nor does starts_with", name("starts_with", "_alto"), &[]),
            ("in", json!({"party": {"field": "name", "op": "in", "values": ["berg bo", "DAHL DAN"]}}), &[2, 4]),
            ("words begin so, in any order", json!({"text": "ain AALT"}), &[1]),
            ("not in the middle of a word", json!({"text": "alto"}), &[]),
            ("words of different texts: name and e-mail", json!({"text": "aalto fi"}), &[1]),
            ("words of a property of today", json!({"text": "b 1"}), &[2]),
        ],
    );
});

on_both!(a_contract_is_that_of_the_role_beside_it_or_any_of_the_party, |database| {
    let db = database.open();
    let of = |id, party_id, property_id, kind: &str, from: &str, to: &str| {
        let end = |text: &str| (!text.is_empty()).then(|| day(text));
        Contract {
            kind: kind.to_owned(),
            valid_from: end(from),
            valid_to: end(to),
            ..contract(id, party_id, property_id)
        }
    };
    let mut register = register();
    register.contracts = vec![
        of(10, 1, 111, "tenancy", "2024-01-01", ""),
        of(11, 1, 12, "parking", "", ""),
        of(20, 2, 21, "tenancy", "2020-01-01", "2026-05-31"),
        of(21, 2, 111, "parking", "2020-01-01", ""),
        of(30, 3, 112, "tenancy", "2020-01-01", "2026-06-14"),
        of(70, 7, 21, "tenancy", "2026-06-16", ""),
    ];
    // Dan lives in what Cecilia had rented.
    for held in register.roles.iter_mut().filter(|held| held.party_id == 4) {
        held.contract_id = Some(11);
    }
    register.store(&db);
    let contract = |field: &str, op: &str, value: &str| json!({"contract": {"field": field, "op": op, "value": value}});
    let (tenancy, parking) = (contract("kind", "eq", "tenancy"), contract("kind", "eq", "parking"));
    let resident_on = |on: &str| json!({"role": {"codes": ["resident"], "on": on}});
    holds(
        &db,
        &[
            ("alone: one valid today, with or without a role", tenancy.clone(), &[1]),
            ("of any property", parking.clone(), &[1, 2]),
            ("beside a role: that of the same assignment", json!({"all": [resident(), parking]}), &[4]),
            (
                "which the role names, whoever has signed it",
                json!({"all": [resident(), contract("contract_id", "eq", "11")]}),
                &[4],
            ),
            ("else one of the same party and property", json!({"all": [resident(), tenancy]}), &[1]),
            (
                "beside a property too",
                json!({"all": [under("111"), contract("contract_id", "exists", "true")]}),
                &[1, 2],
            ),
            ("nested deeper it speaks for itself", json!({"all": [resident(), {"all": [parking]}]}), &[1, 2]),
            ("on the day of the role", json!({"all": [resident_on("2026-05-31"), tenancy]}), &[1, 2, 3]),
            ("who asks when it is valid chooses the time", contract("valid_to", "lt", "today"), &[2, 3]),
            ("to come", contract("valid_from", "gt", "today"), &[7]),
            ("an open end is missing", contract("valid_to", "exists", "false"), &[1, 2, 7]),
            (
                "several speak of one contract",
                json!({"all": [tenancy, contract("valid_to", "gte", "2026-06-01")]}),
                &[3],
            ),
            (
                "in an `any` each of its own",
                json!({"any": [tenancy, contract("valid_to", "eq", "2026-05-31")]}),
                &[1, 2],
            ),
            ("the very property", contract("property_id", "eq", "12"), &[1]),
            ("none at all", json!({"not": contract("contract_id", "exists", "true")}), &[3, 4, 7]),
        ],
    );
});
