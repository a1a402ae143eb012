//! What a filter means.

use super::*;

#[test]
fn values_are_read_by_the_type_of_their_field() {
    use PartyField as F;
    for (field, op, value, expected) in [
        ("name", "eq", "  ÄIJÄLÄ   Matti", party(F::Name, Test::Eq(text("äijälä matti")))),
        ("name", "ne", "A", party(F::Name, Test::Ne(text("a")))),
        ("city", "lt", "Å", party(F::City, Test::Lt(text("å")))),
        ("city", "lte", "Å", party(F::City, Test::Lte(text("å")))),
        ("postal_code", "gt", "00100", party(F::PostalCode, Test::Gt(text("00100")))),
        ("postal_code", "gte", "00100", party(F::PostalCode, Test::Gte(text("00100")))),
        ("street", "contains", "KATU", party(F::Street, Test::Contains("katu".to_owned()))),
        ("email", "starts_with", "Matti@", party(F::Email, Test::StartsWith("matti@".to_owned()))),
        ("first_name", "exists", "false", party(F::FirstName, Test::Exists(false))),
        ("party_id", "gte", "42", party(F::PartyId, Test::Gte(Operand::Integer(42)))),
        ("party_id", "exists", "true", party(F::PartyId, Test::Exists(true))),
        ("email_marketing", "eq", "true", party(F::EmailMarketing, Test::Eq(Operand::Bool(true)))),
        ("kind", "eq", "Person", party(F::Kind, Test::Eq(text("person")))),
        ("country", "eq", "fi", party(F::Country, Test::Eq(text("FI")))),
        ("service_language", "ne", "SV-fi", party(F::ServiceLanguage, Test::Ne(text("sv-FI")))),
        ("phone", "eq", "040 123 4567", party(F::Phone, Test::Eq(text("+358401234567")))),
        ("phone", "eq", "09-XX", party(F::Phone, Test::Eq(text("09-xx")))),
        ("phone", "starts_with", "040 12", party(F::Phone, Test::StartsWith("+3584012".to_owned()))),
        ("phone", "contains", "12-34", party(F::Phone, Test::Contains("1234".to_owned()))),
        ("phone", "contains", "Ei", party(F::Phone, Test::Contains("ei".to_owned()))),
    ] {
        assert_eq!(
            meaning(json!({"party": {"field": field, "op": op, "value": value}})),
            expected,
            "{field} {op} {value}"
        );
    }
}

#[test]
fn lists_keep_their_order_and_each_value_once() {
    let filter = json!({"party": {"field": "city", "op": "in", "values": ["Turku", "ÅBO", "turku "]}});
    assert_eq!(meaning(filter), party(PartyField::City, Test::In(vec![text("turku"), text("åbo")])));
    assert_eq!(meaning(json!({"party_ids": [3, 1, 3]})), Condition::PartyIds(vec![1, 3]));
}

#[test]
fn a_role_is_held_today_unless_a_day_is_named() {
    for (on, expected) in [(None, "2026-03-01"), (Some("today-30d"), "2026-01-30"), (Some("2025-12-31"), "2025-12-31")]
    {
        let on = on.map_or(Value::Null, Value::from);
        let test = AssignmentTest {
            roles: Some(vec!["board_member".to_owned(), "resident".to_owned()]),
            on: expected.parse().unwrap(),
            properties: vec![],
            contract: None,
        };
        let filter = json!({"role": {"codes": ["resident", " board_member ", "resident"], "on": on}});
        assert_eq!(meaning(filter), Condition::Assignment(test));
    }
}

#[test]
fn a_property_alone_is_any_role_held_there_today() {
    let filter = json!({"property": {"field": "code", "op": "eq", "value": "A 1", "include_descendants": false}});
    let selection = PropertySelection {
        field: FieldOrAttribute::Field(PropertyField::Code),
        test: Test::Eq(text("a 1")),
        include_descendants: false,
    };
    let test = AssignmentTest { roles: None, on: today(), properties: vec![selection], contract: None };
    assert_eq!(meaning(filter), Condition::Assignment(test));
}

#[test]
fn role_and_properties_directly_in_one_all_speak_of_one_assignment() {
    let filter = json!({"all": [
        {"text": "x"},
        {"property": {"field": "kind", "op": "eq", "value": "Unit"}},
        {"role": {"codes": ["resident"], "on": "today-30d"}},
        {"text": "y"},
        {"property": {"field": "property_id", "op": "eq", "value": "7"}},
    ]});
    let joined = AssignmentTest {
        roles: Some(vec!["resident".to_owned()]),
        on: "2026-01-30".parse().unwrap(),
        properties: vec![
            selection(PropertyField::Kind, Test::Eq(text("unit"))),
            selection(PropertyField::PropertyId, Test::Eq(Operand::Integer(7))),
        ],
        contract: None,
    };
    let word = |word: &str| Condition::Text(vec![word.to_owned()]);
    let condition = meaning(filter);
    assert_eq!(condition, Condition::All(vec![word("x"), Condition::Assignment(joined.clone()), word("y")]));
    assert_eq!(condition.assignment_for_merge_fields(), Some(&joined));
}

#[test]
fn what_is_nested_deeper_or_in_an_any_speaks_for_itself() {
    let role = |code: &str| json!({"role": {"codes": [code]}});
    let held = |code: &str| {
        Condition::Assignment(AssignmentTest {
            roles: Some(vec![code.to_owned()]),
            on: today(),
            properties: vec![],
            contract: None,
        })
    };
    let two = meaning(json!({"all": [{"all": [role("a")]}, {"all": [role("b")]}]}));
    let expected = Condition::All(vec![Condition::All(vec![held("a")]), Condition::All(vec![held("b")])]);
    assert_eq!(two, expected);
    assert_eq!(two.assignment_for_merge_fields(), None);
    assert_eq!(meaning(json!({"any": [role("a"), role("b")]})), Condition::Any(vec![held("a"), held("b")]));
    let negated = meaning(json!({"all": [role("a"), {"not": role("b")}]}));
    assert_eq!(negated, Condition::All(vec![held("a"), Condition::Not(Box::new(held("b")))]));
    assert_eq!(held("a").assignment_for_merge_fields(), meaning(role("a")).assignment_for_merge_fields());
}

#[test]
fn a_contract_alone_is_valid_today_unless_its_validity_is_asked_for() {
    use ContractField as F;
    let kind = json!({"contract": {"field": "kind", "op": "eq", "value": "Tenancy"}});
    let ended = json!({"contract": {"field": "valid_to", "op": "lt", "value": "today-30d"}});
    let of_kind = (F::Kind, Test::Eq(text("tenancy")));
    let of_end = (F::ValidTo, Test::Lt(Operand::Date("2026-01-30".parse().unwrap())));
    let contract =
        |on: Option<NaiveDate>, fields: &[(F, Test)]| Condition::Contract(ContractTest { on, fields: fields.to_vec() });
    assert_eq!(meaning(kind.clone()), contract(Some(today()), std::slice::from_ref(&of_kind)));
    assert_eq!(meaning(ended.clone()), contract(None, std::slice::from_ref(&of_end)));
    // Directly in one `all` they are one contract; in an `any` each is one of its own.
    let both = [of_kind.clone(), of_end.clone()];
    assert_eq!(meaning(json!({"all": [kind, ended]})), Condition::All(vec![contract(None, &both)]));
    let any = meaning(json!({"any": [kind, ended]}));
    assert_eq!(any, Condition::Any(vec![contract(Some(today()), &[of_kind]), contract(None, &[of_end])]));
}

#[test]
fn a_contract_beside_a_role_or_a_property_is_that_of_the_same_assignment_on_its_day() {
    let kind = json!({"contract": {"field": "kind", "op": "eq", "value": "tenancy"}});
    let role = json!({"role": {"codes": ["resident"], "on": "today-30d"}});
    let property = json!({"property": {"field": "property_id", "op": "eq", "value": "7"}});
    let before: NaiveDate = "2026-01-30".parse().unwrap();
    let test = |on| ContractTest { on: Some(on), fields: vec![(ContractField::Kind, Test::Eq(text("tenancy")))] };
    let of = |filter: Value| match meaning(filter) {
        Condition::All(children) => match <[Condition; 1]>::try_from(children) {
            Ok([Condition::Assignment(test)]) => test,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    for filter in [json!({"all": [kind, role, property]}), json!({"all": [property, role, kind]})] {
        let joined = of(filter);
        assert_eq!((joined.on, joined.contract), (before, Some(test(before))));
        assert!(joined.roles.is_some() && joined.properties.len() == 1);
    }
    assert_eq!(of(json!({"all": [property, kind]})).contract, Some(test(today())));
}

#[test]
fn declared_attributes_are_fields_of_their_type_and_others_are_none() {
    let of_party =
        |name: &str, test: Test| Condition::Party { field: FieldOrAttribute::Attribute(name.to_owned()), test };
    let ask = |field: &str, op: &str, value: &str| json!({"party": {"field": field, "op": op, "value": value}});
    let number = |number: f64| Operand::Number(crate::attribute::number_form(number).unwrap());
    for (filter, expected) in [
        (ask("attributes.class", "starts_with", "Å"), of_party("class", Test::StartsWith("å".to_owned()))),
        (ask("attributes.debt", "gte", "-12.50"), of_party("debt", Test::Gte(number(-12.5)))),
        (ask("attributes.vip", "eq", "true"), of_party("vip", Test::Eq(Operand::Bool(true)))),
        (ask("attributes.vip", "exists", "false"), of_party("vip", Test::Exists(false))),
    ] {
        assert_eq!(meaning(filter.clone()), expected, "{filter}");
    }
    let built = json!({"property": {"field": "attributes.built", "op": "lt", "value": "today"}});
    let Condition::Assignment(test) = meaning(built) else { panic!("no assignment") };
    let expected = FieldOrAttribute::Attribute("built".to_owned());
    assert_eq!((&test.properties[0].field, &test.properties[0].test), (&expected, &Test::Lt(Operand::Date(today()))));
    for (filter, key, code) in [
        (ask("attributes.unknown", "eq", "a"), "field", "unknown_field"),
        (ask("attributes.built", "eq", "2026-01-01"), "field", "unknown_field"),
        (ask("attributes.", "eq", "a"), "field", "unknown_field"),
        (ask("attributes.debt", "contains", "1"), "op", "operator_not_allowed"),
        (ask("attributes.debt", "eq", "1e3"), "value", "invalid_value"),
        (ask("attributes.debt", "eq", "NaN"), "value", "invalid_value"),
        (ask("attributes.debt", "eq", "9007199254740993"), "value", "invalid_value"),
        (ask("attributes.vip", "eq", "yes"), "value", "invalid_value"),
    ] {
        assert_eq!(refused(filter.clone()), [(format!("/filter/party/{key}"), code)], "{filter}");
    }
    let unknown = checked(ask("attributes.unknown", "eq", "a")).unwrap_err();
    assert!(unknown[0].message.contains("city, country, attributes.class, attributes.debt"), "{}", unknown[0].message);
    assert!(
        checked(json!({"contract": {"field": "city", "op": "eq", "value": "a"}})).unwrap_err()[0]
            .message
            .contains("contract_id, property_id, kind")
    );
}

#[test]
fn parties_are_named_where_no_not_stands_above() {
    let filter = json!({"any": [
        {"party_ids": [5, 3]},
        {"all": [{"text": "x"}, {"party_ids": [3, 4]}]},
        {"not": {"party_ids": [9]}},
    ]});
    assert_eq!(meaning(filter).named_parties(), [3, 4, 5]);
    assert!(meaning(json!({"text": "x"})).named_parties().is_empty());
}

#[test]
fn a_filter_is_stored_as_it_was_written_and_knows_no_other_keys() {
    let written = json!({"all": [
        {"role": {"codes": ["resident"]}},
        {"not": {"property": {"field": "code", "op": "in", "values": ["A"], "include_descendants": false}}},
    ]});
    let filter: RecipientFilter = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(&filter).unwrap(), written);
    for unknown in
        [json!({"contract": {}}), json!({"role": {"codes": [], "at": "today"}}), json!({"party": {"field": "a"}})]
    {
        assert!(serde_json::from_value::<RecipientFilter>(unknown.clone()).is_err(), "{unknown}");
    }
}
