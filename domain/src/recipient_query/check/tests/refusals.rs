//! What is no filter, and how far one may go.

use super::*;

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
fn work_is_limited() {
    let many = |node: Value, count: usize| json!({"any": vec![node; count]});
    let contains = json!({"party": {"field": "name", "op": "contains", "value": "a"}});
    let contract = json!({"contract": {"field": "kind", "op": "eq", "value": "tenancy"}});
    for (node, most) in [(contains, 39), (contract, 95)] {
        assert!(checked(many(node.clone(), most)).is_ok(), "{node}");
        assert_eq!(refused(many(node, most + 1)), [(format!("/filter/any/{most}"), "filter_too_costly")]);
    }
}
