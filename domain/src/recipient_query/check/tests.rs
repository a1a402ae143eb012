use serde_json::{Value, json};

use super::super::{Operand, Test};
use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

fn known() -> Known {
    let declared = |register, name: &str, type_word: &str| {
        crate::attribute::Attribute::declare(register, name, type_word, None).unwrap()
    };
    let attributes = vec![
        declared(AttributeRegister::Party, "class", "string"),
        declared(AttributeRegister::Party, "debt", "number"),
        declared(AttributeRegister::Party, "vip", "bool"),
        declared(AttributeRegister::Property, "built", "date"),
    ];
    Known { today: today(), attributes: Attributes::new(attributes), ..Known::default() }
}

fn checked(filter: Value) -> Checked<Condition> {
    check(&serde_json::from_value(filter).unwrap(), "/filter", &known())
}

fn meaning(filter: Value) -> Condition {
    checked(filter.clone()).unwrap_or_else(|errors| panic!("{filter}: {errors:?}"))
}

/// The pointers and codes of what is refused.
fn refused(filter: Value) -> Vec<(String, &'static str)> {
    checked(filter).unwrap_err().into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn text(value: &str) -> Operand {
    Operand::Text(value.to_owned())
}

fn party(field: PartyField, test: Test) -> Condition {
    Condition::Party { field: FieldOrAttribute::Field(field), test }
}

fn selection(field: PropertyField, test: Test) -> PropertySelection {
    PropertySelection { field: FieldOrAttribute::Field(field), test, include_descendants: true }
}

#[test]
fn every_refusal_has_its_code_and_points_at_what_is_wrong() {
    let party = |field: &str, op: &str, value: Value| json!({"party": {"field": field, "op": op, "value": value}});
    for (filter, pointer, code) in [
        (json!({}), "/filter", "exactly_one_key"),
        (json!({"text": "a", "party_ids": [1]}), "/filter", "exactly_one_key"),
        (json!({"all": [{"text": "a"}], "any": [{"text": "a"}]}), "/filter", "exactly_one_key"),
        (json!({"not": {}}), "/filter/not", "exactly_one_key"),
        (json!({"any": [{"text": "a"}, {}]}), "/filter/any/1", "exactly_one_key"),
        (json!({"all": []}), "/filter/all", "empty_list"),
        (json!({"any": []}), "/filter/any", "empty_list"),
        (json!({"party_ids": []}), "/filter/party_ids", "empty_list"),
        (json!({"role": {"codes": []}}), "/filter/role/codes", "empty_list"),
        (json!({"party": {"field": "name", "op": "in", "values": []}}), "/filter/party/values", "empty_list"),
        (json!({"party_ids": [1, 0]}), "/filter/party_ids/1", "invalid_value"),
        (json!({"party_ids": [9_007_199_254_740_992_i64]}), "/filter/party_ids/0", "invalid_value"),
        (json!({"role": {"codes": ["resident", " "]}}), "/filter/role/codes/1", "invalid_value"),
        (json!({"role": {"codes": ["a\u{0}"]}}), "/filter/role/codes/0", "invalid_value"),
        (json!({"role": {"codes": ["a"], "on": "yesterday"}}), "/filter/role/on", "invalid_value"),
        (
            json!({"all": [{"role": {"codes": ["a"]}}, {"text": "x"}, {"role": {"codes": ["b"]}}]}),
            "/filter/all/2/role",
            "two_roles_in_one_all",
        ),
        (party("surname", "eq", json!("a")), "/filter/party/field", "unknown_field"),
        (party("party.name", "eq", json!("a")), "/filter/party/field", "unknown_field"),
        (json!({"property": {"field": "email", "op": "eq", "value": "a"}}), "/filter/property/field", "unknown_field"),
        (party("name", "like", json!("a")), "/filter/party/op", "unknown_value"),
        (party("party_id", "contains", json!("1")), "/filter/party/op", "operator_not_allowed"),
        (party("kind", "lt", json!("person")), "/filter/party/op", "operator_not_allowed"),
        (party("phone", "gt", json!("040")), "/filter/party/op", "operator_not_allowed"),
        (party("email_marketing", "in", json!("true")), "/filter/party/op", "operator_not_allowed"),
        (json!({"party": {"field": "name", "op": "eq"}}), "/filter/party/value", "value_required"),
        (json!({"party": {"field": "name", "op": "in"}}), "/filter/party/values", "value_required"),
        (json!({"party": {"field": "name", "op": "exists"}}), "/filter/party/value", "value_required"),
        (party("name", "in", json!("a")), "/filter/party/value", "value_not_allowed"),
        (
            json!({"party": {"field": "name", "op": "eq", "value": "a", "values": ["a"]}}),
            "/filter/party/values",
            "value_not_allowed",
        ),
        (json!({"party": {"field": "name", "op": "eq", "values": ["a"]}}), "/filter/party/values", "value_not_allowed"),
        (party("name", "eq", json!(" ")), "/filter/party/value", "invalid_value"),
        (party("name", "contains", json!("a\u{0}b")), "/filter/party/value", "invalid_value"),
        (party("name", "eq", json!("a".repeat(501))), "/filter/party/value", "invalid_value"),
        (party("name", "exists", json!("yes")), "/filter/party/value", "invalid_value"),
        (party("kind", "eq", json!("dog")), "/filter/party/value", "invalid_value"),
        (party("party_id", "eq", json!("1.5")), "/filter/party/value", "invalid_value"),
        (party("party_id", "eq", json!("9007199254740992")), "/filter/party/value", "invalid_value"),
        (party("party_id", "eq", json!("-9223372036854775808")), "/filter/party/value", "invalid_value"),
        (party("email_marketing", "eq", json!("1")), "/filter/party/value", "invalid_value"),
        (party("country", "eq", json!("Finland")), "/filter/party/value", "invalid_value"),
        (party("service_language", "eq", json!("suomi")), "/filter/party/value", "invalid_value"),
        (
            json!({"party": {"field": "party_id", "op": "in", "values": ["1", "x"]}}),
            "/filter/party/values/1",
            "invalid_value",
        ),
        (
            json!({"property": {"field": "parent_id", "op": "eq", "value": "x"}}),
            "/filter/property/value",
            "invalid_value",
        ),
        (json!({"text": ""}), "/filter/text", "invalid_value"),
        (json!({"text": " - "}), "/filter/text", "invalid_value"),
        (json!({"text": "a\u{0}"}), "/filter/text", "invalid_value"),
        (json!({"text": "a ".repeat(21)}), "/filter/text", "filter_too_large"),
    ] {
        assert_eq!(refused(filter.clone()), [(pointer.to_owned(), code)], "{filter}");
    }
}

#[test]
fn every_fault_is_reported_at_once() {
    let filter = json!({"all": [
        {"role": {"codes": []}},
        {"role": {"codes": ["a"], "on": "?"}},
        {"any": [{"party": {"field": "x", "op": "eq"}}, {"not": {"text": "?"}}]},
    ]});
    let expected = [
        ("/filter/all/1/role", "two_roles_in_one_all"),
        ("/filter/all/0/role/codes", "empty_list"),
        ("/filter/all/1/role/on", "invalid_value"),
        ("/filter/all/2/any/0/party/field", "unknown_field"),
        ("/filter/all/2/any/1/not/text", "invalid_value"),
    ]
    .map(|(pointer, code)| (pointer.to_owned(), code));
    assert_eq!(refused(filter), expected);
    assert_eq!(refused(json!({"party_ids": vec![0; 5_000]})).len(), MAX_ERRORS);
}

#[test]
fn a_filter_may_be_the_body_itself() {
    let errors = check(&RecipientFilter::default(), "", &known()).unwrap_err();
    assert_eq!(errors[0].pointer, "");
}

fn nested(levels: usize) -> RecipientFilter {
    let leaf = RecipientFilter { text: Some("a".to_owned()), ..RecipientFilter::default() };
    (1..levels).fold(leaf, |inner, _| RecipientFilter { not: Some(Box::new(inner)), ..RecipientFilter::default() })
}

#[test]
fn nesting_is_limited() {
    assert!(check(&nested(24), "/filter", &known()).is_ok());
    for levels in [25, 5_000] {
        let errors = check(&nested(levels), "/filter", &known()).unwrap_err();
        let found: Vec<_> = errors.into_iter().map(|error| (error.pointer, error.code)).collect();
        assert_eq!(found, [(format!("/filter{}", "/not".repeat(24)), "filter_too_deep")], "{levels}");
    }
}

#[test]
fn size_is_limited() {
    let leaves = |count: usize| json!({"any": vec![json!({"text": "a"}); count]});
    assert!(checked(leaves(499)).is_ok());
    assert_eq!(refused(leaves(500)), [("/filter/any/499".to_owned(), "filter_too_large")]);
    let lists = |ids: usize, codes: usize, values: usize| {
        json!({"all": [
            {"party_ids": vec![1; ids]},
            {"role": {"codes": vec!["a"; codes]}},
            {"property": {"field": "code", "op": "in", "values": vec!["a"; values]}},
        ]})
    };
    assert!(checked(lists(5_000, 3_000, 2_000)).is_ok());
    assert_eq!(refused(lists(5_000, 3_000, 2_001)), [("/filter/all/2".to_owned(), "filter_too_large")]);
    assert!(checked(json!({"text": "a ".repeat(20)})).is_ok());
    let texts = |count: usize| json!({"any": vec![json!({"text": "a ".repeat(20)}); count]});
    assert!(checked(texts(25)).is_ok());
    assert_eq!(refused(texts(26)), [("/filter/any/25".to_owned(), "filter_too_large")]);
}

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
fn work_is_limited() {
    let many = |node: Value, count: usize| json!({"any": vec![node; count]});
    let contains = json!({"party": {"field": "name", "op": "contains", "value": "a"}});
    let contract = json!({"contract": {"field": "kind", "op": "eq", "value": "tenancy"}});
    for (node, most) in [(contains, 39), (contract, 95)] {
        assert!(checked(many(node.clone(), most)).is_ok(), "{node}");
        assert_eq!(refused(many(node, most + 1)), [(format!("/filter/any/{most}"), "filter_too_costly")]);
    }
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
