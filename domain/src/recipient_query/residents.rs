//! The residents of the properties that a filter chooses: whom a message about these properties concerns.

use chrono::NaiveDate;

use super::{AssignmentTest, Condition};

/// The role code of those who live in a property.
pub const RESIDENT: &str = "resident";

impl Condition {
    /// Who is a resident, on the day `today`, of properties that this condition chooses by role or property outside every `Not`;
    /// `None` when it chooses none.
    pub fn residents_there(&self, today: NaiveDate) -> Option<Condition> {
        let mut tests = Vec::new();
        self.collect_places(&mut tests);
        let residents = |test: &AssignmentTest| {
            Condition::Assignment(AssignmentTest {
                roles: Some(vec![RESIDENT.to_owned()]),
                on: today,
                properties: test.properties.clone(),
                contract: None,
            })
        };
        (!tests.is_empty()).then(|| Condition::Any(tests.into_iter().map(residents).collect()))
    }

    fn collect_places<'a>(&'a self, tests: &mut Vec<&'a AssignmentTest>) {
        match self {
            Self::All(children) | Self::Any(children) => {
                for child in children {
                    child.collect_places(tests);
                }
            }
            Self::Assignment(test) if !test.properties.is_empty() => tests.push(test),
            Self::Assignment(_)
            | Self::Contract(_)
            | Self::Not(_)
            | Self::Party { .. }
            | Self::Text(_)
            | Self::PartyIds(_)
            | Self::ListMember(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Known, check};
    use super::*;

    fn residents(filter: Value) -> Option<Condition> {
        let known = Known::default();
        check(&serde_json::from_value(filter).unwrap(), "", &known).unwrap().residents_there(known.today)
    }

    #[test]
    fn residents_are_those_of_the_chosen_properties_whatever_else_is_asked() {
        let place = |city: &str| json!({"property": {"field": "city", "op": "eq", "value": city}});
        let alone = residents(json!({"all": [{"role": {"codes": ["resident"]}}, place("Turku")]})).unwrap();
        let Condition::Any(tests) = &alone else { panic!("{alone:?}") };
        assert!(matches!(tests.as_slice(), [Condition::Assignment(test)] if test.properties.len() == 1));
        let board =
            json!({"all": [{"role": {"codes": ["board_member"], "on": "2020-01-01"}}, place("Turku"), {"text": "a"}]});
        assert_eq!(residents(board), Some(alone), "of another role and of a day past, it is today's residents");
        let two = residents(json!({"any": [place("Turku"), place("Espoo"), {"party_ids": [1]}]}));
        assert!(matches!(two, Some(Condition::Any(tests)) if tests.len() == 2));
        for nowhere in
            [json!({"party_ids": [1]}), json!({"role": {"codes": ["resident"]}}), json!({"not": place("Turku")})]
        {
            assert_eq!(residents(nowhere), None);
        }
    }
}
