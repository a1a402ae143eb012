//! Why a filter reaches so many: each of its conditions by itself, and what is left after each (RULES 1).

use super::{Condition, Known, RecipientFilter, check};
use crate::invalid::{Checked, FieldError};

/// The most conditions a filter may have to be explained: each is counted by itself.
pub const MAX_EXPLAINED: usize = 50;

/// One node of a filter with what has to be counted to explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedNode {
    /// Where the node stands in the request.
    pub pointer: String,
    /// The node as it is written.
    pub node: RecipientFilter,
    /// The node by itself: a role or property then speaks of any role, not of that of its neighbours.
    pub alone: Condition,
    /// Of the children of the topmost `all`: this one and those before it, together.
    pub remaining: Option<Condition>,
}

/// The nodes of a filter that passes its check, in the order written, parents first. What the filter names is one node.
///
/// # Errors
/// What the check refuses, or `filter_too_large` for more than [`MAX_EXPLAINED`] nodes.
pub fn explain(filter: &RecipientFilter, pointer: &str, known: &Known) -> Checked<Vec<ExplainedNode>> {
    check(filter, pointer, known)?;
    let mut nodes = Vec::new();
    walk(filter, pointer, known, &mut nodes)?;
    if nodes.len() > MAX_EXPLAINED {
        let message =
            format!("A filter of more than {MAX_EXPLAINED} conditions cannot be explained; leave explain out.");
        return Err(vec![FieldError::new(pointer, "filter_too_large", message)]);
    }
    let together = filter.all.as_deref().unwrap_or_default();
    for (at, _) in together.iter().enumerate() {
        let until_here = RecipientFilter {
            all: Some(together.iter().take(at + 1).cloned().collect()),
            ..RecipientFilter::default()
        };
        let child = format!("{pointer}/all/{at}");
        if let Some(node) = nodes.iter_mut().find(|node| node.pointer == child) {
            node.remaining = Some(check(&until_here, pointer, known)?);
        }
    }
    Ok(nodes)
}

fn walk(filter: &RecipientFilter, pointer: &str, known: &Known, nodes: &mut Vec<ExplainedNode>) -> Checked<()> {
    let alone = check(filter, pointer, known)?;
    nodes.push(ExplainedNode { pointer: pointer.to_owned(), node: filter.clone(), alone, remaining: None });
    for (key, children) in [("all", &filter.all), ("any", &filter.any)] {
        for (at, child) in children.iter().flatten().enumerate() {
            walk(child, &format!("{pointer}/{key}/{at}"), known, nodes)?;
        }
    }
    match &filter.not {
        Some(child) => walk(child, &format!("{pointer}/not"), known, nodes),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(filter: serde_json::Value) -> Vec<ExplainedNode> {
        explain(&serde_json::from_value(filter).unwrap(), "/filter", &Known::default()).unwrap()
    }

    #[test]
    fn every_node_is_explained_and_the_children_of_the_topmost_all_in_turn() {
        let nodes = explained(serde_json::json!({"all": [
            {"role": {"codes": ["resident"]}},
            {"property": {"field": "city", "op": "eq", "value": "Turku"}},
            {"not": {"any": [{"text": "a"}, {"party_ids": [1]}]}},
        ]}));
        let pointers: Vec<&str> = nodes.iter().map(|node| node.pointer.as_str()).collect();
        let expected = ["", "/all/0", "/all/1", "/all/2", "/all/2/not", "/all/2/not/any/0", "/all/2/not/any/1"];
        assert_eq!(pointers, expected.map(|pointer| format!("/filter{pointer}")));
        let with_remaining: Vec<bool> = nodes.iter().map(|node| node.remaining.is_some()).collect();
        assert_eq!(with_remaining, [false, true, true, true, false, false, false]);
        // Alone the property is any role's; after the role it is that role's.
        let Condition::Assignment(alone) = &nodes[2].alone else { panic!("{:?}", nodes[2].alone) };
        assert!(alone.roles.is_none());
        let Some(Condition::All(remaining)) = &nodes[2].remaining else { panic!("{:?}", nodes[2].remaining) };
        assert!(
            matches!(remaining.as_slice(), [Condition::Assignment(test)] if test.roles.is_some() && test.properties.len() == 1)
        );
        assert_eq!(nodes[3].remaining.as_ref(), Some(&nodes[0].alone));
    }

    #[test]
    fn a_filter_with_too_many_conditions_is_not_explained() {
        let ids: Vec<_> = (1..=50).map(|id| serde_json::json!({"party_ids": [id]})).collect();
        let filter: RecipientFilter = serde_json::from_value(serde_json::json!({"any": ids})).unwrap();
        let errors = explain(&filter, "/filter", &Known::default()).unwrap_err();
        assert_eq!((errors[0].code, errors[0].pointer.as_str()), ("filter_too_large", "/filter"));
    }
}
