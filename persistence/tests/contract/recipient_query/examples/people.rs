//! What is found of people: archived and deceased ones, protected ones, by language, and on lists.

use domain::recipient_query::RecipientFilter;
use domain::register::{Contract, Party, PartyId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{city, filled, found, holds, resident, under};
use crate::support::{ListOf, Register, contract, day, person, property};

on_both!(archived_and_deceased_parties_are_found_only_when_named, |database| {
    let db = filled(database);
    let named = json!({"party_ids": [6, 5, 1]});
    holds(
        &db,
        &[
            ("not by a role", json!({"all": [resident(), under("111")]}), &[1]),
            ("not by a negation", json!({"not": {"party_ids": [1, 2, 3, 4, 7]}}), &[]),
            ("not by their id as a field", json!({"party": {"field": "party_id", "op": "eq", "value": "5"}}), &[]),
            ("named, they are", named.clone(), &[1, 5, 6]),
            ("named, they must still match the rest", json!({"all": [named, {"text": "eklund"}]}), &[5]),
            (
                "one that is named matches by what else is asked, too",
                json!({"any": [{"all": [{"party_ids": [5]}, {"text": "nobody"}]}, under("111")]}),
                &[1, 2, 5],
            ),
            (
                "to be named in a `not` is not to be named",
                json!({"any": [{"not": {"party_ids": [5]}}, under("111")]}),
                &[1, 2, 3, 4, 7],
            ),
        ],
    );
});

on_both!(where_a_protected_party_lives_is_not_told_by_what_a_filter_finds, |database| {
    let db = filled(database);
    // Dan (4) is protected; each case: whom those find who may not see protected parties, and those who may.
    let phone = json!({"party": {"field": "phone", "op": "eq", "value": "+358 40 1234567"}});
    let cases: [(&str, Value, &[PartyId], &[PartyId]); 12] = [
        ("a test of the address leaves him out", city("eq", "Helsinki"), &[1], &[1, 4]),
        ("negated too", json!({"not": city("eq", "Espoo")}), &[1, 3, 7], &[1, 3, 4, 7]),
        ("negated twice too", json!({"not": {"not": city("eq", "Helsinki")}}), &[1], &[1, 4]),
        ("ne", city("ne", "Espoo"), &[1, 7], &[1, 4, 7]),
        ("whether there is one", city("exists", "true"), &[1, 2, 7], &[1, 2, 4, 7]),
        ("whether there is none", city("exists", "false"), &[3], &[3]),
        ("the phone, however it is written", phone.clone(), &[1], &[1, 4]),
        ("a word that only the address has", json!({"text": "helsinki"}), &[1], &[1, 4]),
        ("that he lacks a word is not told either", json!({"not": {"text": "espoo"}}), &[1, 3, 7], &[1, 3, 4, 7]),
        ("what is true without the address holds", json!({"any": [phone.clone(), {"text": "dahl"}]}), &[1, 4], &[1, 4]),
        (
            "what is false without the address is false",
            json!({"not": {"all": [phone, {"text": "aalto"}]}}),
            // Of Dan both are known: he is no Aalto by name, but perhaps by address.
            &[2, 3, 7],
            &[2, 3, 4, 7],
        ),
        (
            "false by a field that is not protected",
            json!({"not": {"all": [city("eq", "Espoo"), {"party": {"field": "name", "op": "eq", "value": "Berg Bo"}}]}}),
            &[1, 3, 4, 7],
            &[1, 3, 4, 7],
        ),
    ];
    for (rule, filter, without, with) in cases {
        assert_eq!(found(&db, &filter, false), without, "{rule}, without the right ({filter})");
        assert_eq!(found(&db, &filter, true), with, "{rule}, with the right ({filter})");
    }
    holds(
        &db,
        &[
            ("by role and property he is found", json!({"all": [resident(), under("112")]}), &[4]),
            ("by the words of his property too", json!({"text": "a 2"}), &[4]),
            ("and by his name", json!({"text": "dahl"}), &[4]),
        ],
    );
});

on_both!(the_service_language_is_the_partys_own_or_a_contracts_or_assumed, |database| {
    let db = database.open();
    // Each case: the party's own setting, its contracts (id, language, first and last day), and the language.
    type Case =
        (&'static str, Option<&'static str>, &'static [(i64, &'static str, &'static str, &'static str)], &'static str);
    let cases: [Case; 11] = [
        ("its own", Some("sv"), &[(1, "en", "2026-01-01", "")], "sv"),
        ("assumed", None, &[], "fi"),
        ("a contract without a language does not count", None, &[(1, "", "2026-01-01", "")], "fi"),
        ("valid today: the latest start", None, &[(2, "en", "2020-01-01", ""), (1, "sv", "2024-01-01", "")], "sv"),
        ("an open start is the earliest", None, &[(2, "en", "", ""), (1, "sv", "1917-12-06", "")], "sv"),
        ("tie: the highest id", None, &[(1, "en", "2024-01-01", ""), (2, "sv", "2024-01-01", "")], "sv"),
        ("both ends count", None, &[(1, "sv", "2026-06-15", "2026-06-15"), (2, "en", "2020-01-01", "")], "sv"),
        ("valid today before the next", None, &[(1, "sv", "", ""), (2, "en", "2026-06-16", "")], "sv"),
        (
            "the next before the ended",
            None,
            &[(1, "sv", "2026-07-01", ""), (2, "en", "2020-01-01", "2026-06-14")],
            "sv",
        ),
        ("the next to start", None, &[(1, "sv", "2026-07-01", ""), (2, "en", "2026-08-01", "")], "sv"),
        (
            "the newest ended, whichever began first",
            None,
            &[(1, "sv", "2010-01-01", "2026-06-14"), (2, "en", "2025-01-01", "2025-12-31")],
            "sv",
        ),
    ];
    let mut register = Register { properties: vec![property(1, None, "unit", "A 1")], ..Register::default() };
    for (party_id, (_, own, contracts, _)) in (1..).zip(&cases) {
        let named = person(party_id, &format!("Person {party_id}"));
        register.parties.push(Party { language: own.map(str::to_owned), ..named });
        for (number, language, from, to) in *contracts {
            let end = |text: &str| (!text.is_empty()).then(|| day(text));
            register.contracts.push(Contract {
                language: Some((*language).to_owned()).filter(|language| !language.is_empty()),
                valid_from: end(from),
                valid_to: end(to),
                ..contract(party_id * 10 + number, party_id, 1)
            });
        }
    }
    register.store(&db);
    for (party_id, (case, _, _, language)) in (1..).zip(cases) {
        let filter = json!({"all": [
            {"party_ids": [party_id]},
            {"party": {"field": "service_language", "op": "eq", "value": language}},
        ]});
        assert_eq!(found(&db, &filter, false), [party_id], "{case}");
    }
});

on_both!(members_of_a_list_are_found_archived_and_deceased_too_and_those_of_a_query_are_not, |database| {
    let db = filled(database);
    let id = Uuid::from_u128;
    let query = |filter: Value| serde_json::from_value::<RecipientFilter>(filter).unwrap();
    let queries = vec![(id(1), query(resident())), (id(2), query(json!({"list_id": id(11)})))];
    let lists = vec![
        (id(11), ListOf::Members(vec![1, 3, 4, 5, 6])),
        (id(12), ListOf::Query(id(1))),
        (id(13), ListOf::Members(Vec::new())),
    ];
    Register { queries, lists, ..Register::default() }.store(&db);
    let list = |number: u128| json!({"list_id": id(number)});
    let saved = |number: u128| json!({"query_id": id(number)});
    holds(
        &db,
        &[
            ("archived and deceased members are found", list(11), &[1, 3, 4, 5, 6]),
            ("through a query too", saved(2), &[1, 3, 4, 5, 6]),
            ("a list that is a query has whom a search finds", list(12), &[1, 2, 4]),
            ("nobody is on an empty list", list(13), &[]),
            ("who is on a list and is a resident", json!({"all": [list(11), resident()]}), &[1, 4, 5, 6]),
            ("a list within not names nobody", json!({"not": list(11)}), &[2, 7]),
            ("on a list or a resident", json!({"any": [list(11), saved(1)]}), &[1, 2, 3, 4, 5, 6]),
            ("a query speaks of a role of its own", json!({"all": [saved(1), {"role": {"codes": ["owner"]}}]}), &[2]),
        ],
    );
});
