use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::register::MAX_ID;

fn declared() -> Attributes {
    let one =
        |name: &str, type_word: &str| Attribute::declare(AttributeRegister::Party, name, type_word, None).unwrap();
    Attributes::new(vec![one("class", "string"), one("debt", "number"), one("vip", "bool"), one("since", "date")])
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn the_largest_number_is_the_largest_id() {
    assert_eq!(MAX_NUMBER.to_string(), MAX_ID.to_string());
}

#[test]
fn values_are_compared_in_the_form_of_their_type() {
    let values = object(json!({"class": "  Åke B ", "debt": -12.5, "vip": true, "since": "2026-02-28", "other": [1]}));
    declared().check(AttributeRegister::Party, &values).unwrap();
    let forms = declared().searchable(AttributeRegister::Party, &values);
    let of = |name: &str| forms.iter().find(|form| form.0 == name).unwrap().1.clone();
    assert_eq!((of("class"), of("vip"), of("since")), ("åke b".into(), "true".into(), "2026-02-28".into()));
    assert_eq!(written(AttributeType::Number, &of("debt")), "-12.5");
    assert_eq!(forms.len(), 4);
    assert_eq!(declared().searchable(AttributeRegister::Property, &values), []);
}

#[test]
fn a_value_of_another_type_is_refused_and_an_undeclared_one_is_not() {
    for (values, refused) in [
        (json!({"class": 1}), "/attributes/class"),
        (json!({"class": "a".repeat(501)}), "/attributes/class"),
        (json!({"debt": "12"}), "/attributes/debt"),
        (json!({"debt": 9_007_199_254_740_993_u64}), "/attributes/debt"),
        (json!({"debt": 1e300}), "/attributes/debt"),
        (json!({"vip": "true"}), "/attributes/vip"),
        (json!({"since": "28.2.2026"}), "/attributes/since"),
        (json!({"since": "2026-02-30"}), "/attributes/since"),
        (json!({"since": ["2026-02-28"]}), "/attributes/since"),
    ] {
        let errors = declared().check(AttributeRegister::Party, &object(values)).unwrap_err();
        assert_eq!((errors[0].pointer.as_str(), errors[0].code, errors.len()), (refused, "wrong_type", 1));
    }
    for values in
        [json!({}), json!({"class": null, "debt": null}), json!({"class": "  "}), json!({"Debt": "12", "x": {}})]
    {
        let values = object(values);
        declared().check(AttributeRegister::Party, &values).unwrap();
        assert_eq!(declared().searchable(AttributeRegister::Party, &values), []);
    }
}

#[test]
fn declarations_have_a_known_type_a_plain_name_and_a_readable_label() {
    for name in ["a", "class", "customer_class_2"] {
        assert!(Attribute::is_name(name), "{name}");
    }
    for name in ["", "A", "1a", "_a", "a-b", "a.b", "å", "a b", "'; drop table party; --", &"a".repeat(65)] {
        assert!(!Attribute::is_name(name), "{name}");
    }
    let of = |type_word: &str, label: Option<&str>| {
        Attribute::declare(AttributeRegister::Property, "built", type_word, label)
            .map_err(|errors| errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>())
    };
    assert_eq!(of("number", Some(" Rakennettu ")).unwrap().label.as_deref(), Some("Rakennettu"));
    assert_eq!(of("int", Some("")).unwrap_err(), ["/type", "/label"]);
    assert_eq!(of("date", Some("a\u{0}b")).unwrap_err(), ["/label"]);
}

proptest! {
    #[test]
    fn numbers_sort_as_their_forms_do(a in -1e15_f64..1e15, b in -1e15_f64..1e15, whole in any::<i32>()) {
        let form = |number: f64| number_form(number).unwrap();
        prop_assert_eq!(a.partial_cmp(&b), Some(form(a).cmp(&form(b))));
        prop_assert_eq!(written(AttributeType::Number, &form(a)).parse::<f64>().unwrap(), a);
        prop_assert_eq!(f64::from(whole) < b, form(f64::from(whole)) < form(b));
        prop_assert_eq!(form(0.0), form(-0.0));
    }
}
