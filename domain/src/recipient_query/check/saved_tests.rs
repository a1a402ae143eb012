use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn known(saved: &Saved) -> Known {
    Known { saved: saved.clone(), ..Known::default() }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn filter(json: Value) -> RecipientFilter {
    serde_json::from_value(json).unwrap()
}

/// Saved queries 1, 2, … of these filters, and contact lists: 101 of members, 102 of query 1.
fn saved(queries: impl IntoIterator<Item = Value>) -> Saved {
    Saved {
        queries: (1..).map(id).zip(queries.into_iter().map(filter)).collect(),
        lists: [(id(101), ListSource::Members), (id(102), ListSource::Query(id(1)))].into(),
        ..Saved::default()
    }
}

fn query(number: u128) -> Value {
    json!({"query_id": id(number)})
}

fn list(number: u128) -> Value {
    json!({"list_id": id(number)})
}

fn meaning(written: Value, saved: &Saved) -> Condition {
    check(&filter(written), "/filter", &known(saved)).unwrap()
}

fn refused(written: Value, saved: &Saved) -> (String, &'static str) {
    let errors = check(&filter(written), "/filter", &known(saved)).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    (errors[0].pointer.clone(), errors[0].code)
}

#[test]
fn what_is_named_means_what_it_says() {
    let saved = saved([json!({"party_ids": [1]}), query(1)]);
    for written in [query(1), query(2), list(102)] {
        assert_eq!(meaning(written, &saved), Condition::PartyIds(vec![1]));
    }
    assert_eq!(meaning(list(101), &saved), Condition::ListMember(id(101)));
    assert!(meaning(json!({"not": list(101)}), &saved).named_lists().is_empty());
    let both = meaning(json!({"any": [list(101), query(1)]}), &saved);
    assert_eq!((both.named_lists(), both.named_parties()), (vec![id(101)], vec![1]));
    assert!(both.matches_named_only() && !meaning(json!({"not": list(101)}), &saved).matches_named_only());
}

#[test]
fn a_saved_query_speaks_of_a_role_of_its_own() {
    let resident = json!({"role": {"codes": ["resident"]}});
    let saved = saved([json!({"property": {"field": "city", "op": "eq", "value": "Turku"}}), resident.clone()]);
    let Condition::All(children) = meaning(json!({"all": [resident, query(1), query(2)]}), &saved) else { panic!() };
    assert_eq!(children.len(), 3, "none joined with another, and two roles are no fault: {children:?}");
    assert!(matches!(&children[0], Condition::Assignment(test) if test.properties.is_empty()));
    // Alone it is the filter itself: of its assignment the merge fields speak.
    assert!(meaning(query(1), &saved).assignment_for_merge_fields().is_some());
}

#[test]
fn what_is_not_there_is_refused_where_it_is_named() {
    let saved = saved([query(9)]);
    assert_eq!(refused(query(7), &saved), ("/filter/query_id".to_owned(), "unknown_query"));
    assert_eq!(
        refused(json!({"any": [{"not": list(7)}]}), &saved),
        ("/filter/any/0/not/list_id".to_owned(), "unknown_list")
    );
    // Within what is named it is that which cannot be used.
    assert_eq!(refused(list(102), &saved), ("/filter/list_id".to_owned(), "query_not_usable"));
}

#[test]
fn what_goes_round_in_a_circle_is_refused() {
    let saved = saved([json!({"any": [{"text": "a"}, query(2)]}), json!({"not": query(1)}), query(3)]);
    for written in [query(1), query(2), query(3), list(102)] {
        let (pointer, code) = refused(written.clone(), &saved);
        assert_eq!((code, pointer.matches('/').count()), ("reference_cycle", 2), "{written}");
    }
    // So is what would, once it is saved: query 4 as query 1 of list 102.
    let (plain, before) = (json!({"text": "a"}), saved);
    let saving =
        |within| Saved { within: Some(within), queries: [(id(1), filter(plain.clone()))].into(), ..before.clone() };
    assert_eq!(refused(list(102), &saving(SavedId::Query(id(1)))).1, "reference_cycle");
    assert_eq!(refused(list(102), &saving(SavedId::List(id(102)))).1, "reference_cycle");
    assert!(check(&filter(list(102)), "", &known(&saving(SavedId::Query(id(4))))).is_ok());
}

#[test]
fn what_is_named_counts_as_if_it_stood_there() {
    let doubling = (1..=12).map(|number| json!({"any": [query(number), query(number)]}));
    let saved = saved([json!({"text": "a"})].into_iter().chain(doubling));
    assert!(check(&filter(query(7)), "", &known(&saved)).is_ok());
    assert_eq!(refused(query(11), &saved), ("/filter/query_id".to_owned(), "filter_too_large"));
    let deep = self::saved([json!({"text": "a"})].into_iter().chain((1..=30).map(query)));
    assert!(check(&filter(query(20)), "", &known(&deep)).is_ok());
    assert_eq!(refused(json!({"all": [query(30)]}), &deep), ("/filter/all/0/query_id".to_owned(), "filter_too_deep"));
    let more_than_was_read = Saved { incomplete: true, ..Saved::default() };
    assert_eq!(refused(query(1), &more_than_was_read).1, "filter_too_large");
}
