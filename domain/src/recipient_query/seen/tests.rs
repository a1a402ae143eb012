use serde_json::json;

use super::*;
use crate::attribute::Attribute;
use crate::register::PartyKind;

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn matti(hidden: bool) -> Person {
    let some = |text: &str| Some(text.to_owned());
    let party = Party {
        party_id: 7,
        kind: PartyKind::Person,
        name: "Virtanen Matti".to_owned(),
        first_name: some("Matti"),
        last_name: None,
        business_id: None,
        language: None,
        email: some("Matti@example.fi"),
        email_marketing: true,
        phone: some("040 1234567"),
        phone_marketing: false,
        street: some("Mäkikatu 5"),
        postal_code: some("00100"),
        city: some("Helsinki"),
        country: None,
        address_protected: hidden,
        deceased: false,
        archived: false,
        attributes: json!({"class": "A", "debt": -12.5, "note": "x"}).as_object().unwrap().clone(),
    };
    let role = |property_id, role: &str, valid_to| Role {
        role_id: uuid::Uuid::nil(),
        erp_role_id: None,
        party_id: 7,
        property_id,
        role: role.to_owned(),
        valid_from: None,
        valid_to,
        contract_id: None,
    };
    let contract = |contract_id, valid_to| Contract {
        contract_id,
        party_id: 7,
        property_id: 1,
        kind: "tenancy".to_owned(),
        language: None,
        valid_from: None,
        valid_to,
        points_enrolled: false,
        points_enrolled_on: None,
    };
    let property = |property_id, name: &str| Property {
        property_id,
        parent_id: None,
        kind: "unit".to_owned(),
        code: None,
        name: name.to_owned(),
        street: None,
        postal_code: None,
        city: None,
        country: None,
        attributes: serde_json::Map::new(),
    };
    Person {
        party,
        service_language: "fi".to_owned(),
        roles: vec![role(1, "resident", day("2025-12-31")), role(2, "owner", None), role(1, "owner", None)],
        properties: HashMap::from([(1, property(1, "A 1")), (2, property(2, "A 2"))]),
        contracts: vec![contract(10, day("2025-12-31")), contract(11, None)],
        hidden,
    }
}

#[test]
fn a_condition_saw_what_it_compares() {
    let declared = |name: &str, word: &str| Attribute::declare(AttributeRegister::Party, name, word, None).unwrap();
    let attributes = Attributes::new(vec![declared("class", "string"), declared("debt", "number")]);
    let known = Known { today: "2026-06-15".parse().unwrap(), attributes, ..Known::default() };
    let party = |field: &str| json!({"party": {"field": field, "op": "eq", "value": "x"}});
    let property = |field: &str| json!({"property": {"field": field, "op": "eq", "value": "x"}});
    let contract = |field: &str| json!({"contract": {"field": field, "op": "eq", "value": "x"}});
    // What is seen, and whether it is also of someone whose address may not be told.
    for (node, seen, told) in [
        (json!({"role": {"codes": ["x"]}}), vec!["owner"], true),
        (json!({"role": {"codes": ["x"], "on": "2025-12-31"}}), vec!["owner", "resident"], true),
        (party("name"), vec!["Virtanen Matti"], true),
        (party("last_name"), vec![], true),
        (party("service_language"), vec!["fi"], true),
        (party("email_marketing"), vec!["true"], true),
        (party("city"), vec!["Helsinki"], false),
        (party("country"), vec![], false),
        (party("phone"), vec!["040 1234567"], false),
        (party("attributes.class"), vec!["A"], false),
        (party("attributes.debt"), vec!["-12.5"], false),
        (property("name"), vec!["A 1", "A 2"], false),
        (property("property_id"), vec!["1", "2"], false),
        (contract("contract_id"), vec!["11"], true),
        (contract("valid_to"), vec!["2025-12-31"], true),
        (contract("property_id"), vec!["1"], false),
    ] {
        let filter = serde_json::from_value(node.clone()).unwrap();
        let expected: Vec<String> = seen.into_iter().map(str::to_owned).collect();
        assert_eq!(matti(false).seen_by(&filter, &known), Some(expected.clone()), "{node}");
        assert_eq!(matti(true).seen_by(&filter, &known), told.then_some(expected), "{node}");
    }
    for node in [
        json!({"text": "a"}),
        json!({"party_ids": [1]}),
        json!({"all": [party("name")]}),
        json!({"not": party("name")}),
    ] {
        assert_eq!(matti(false).seen_by(&serde_json::from_value(node).unwrap(), &known), None);
    }
}
