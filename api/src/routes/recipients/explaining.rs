//! Why a filter finds so many, and which of its conditions leave nobody.

use domain::recipient_query::{ExplainedNode, Known, RecipientFilter, explain, smallest_conflict, together};
use persistence::Reader;
use persistence::recipient_query::{self, Explained, FactsCount, RecipientSearch};

use super::search_dto::ExplainedCondition;
use crate::problem::Problem;

/// A filter to explain.
#[derive(Clone)]
pub(super) struct Explaining {
    filter: RecipientFilter,
    known: Known,
    nodes: Vec<ExplainedNode>,
}

/// The explanation.
#[derive(Default)]
pub(super) struct Why {
    pub(super) explain: Vec<ExplainedCondition>,
    pub(super) conflict: Vec<String>,
}

const POINTER: &str = "/filter";

impl Explaining {
    /// # Errors
    /// What the check refuses, and too many conditions.
    pub(super) fn of(filter: RecipientFilter, known: Known) -> Result<Self, Problem> {
        let nodes = explain(&filter, POINTER, &known)?;
        Ok(Self { filter, known, nodes })
    }

    pub(super) fn explain(
        &self,
        reader: &mut Reader<'_>,
        search: &RecipientSearch,
        counts: &[FactsCount],
    ) -> Result<Why, Problem> {
        let matched = counts.iter().map(|row| row.count).sum();
        let counted = recipient_query::explain(reader, search, &self.nodes, matched)?;
        let conflict = if matched == 0 { self.conflict(reader, search, &counted)? } else { Vec::new() };
        let rows = self.nodes.iter().zip(counted).map(|(node, Explained { alone, remaining })| ExplainedCondition {
            pointer: node.pointer.clone(),
            alone,
            remaining,
        });
        Ok(Why { explain: rows.collect(), conflict })
    }

    /// Of the children of the topmost `all` those whose meeting leaves nobody; of another filter the filter itself.
    fn conflict(
        &self,
        reader: &mut Reader<'_>,
        search: &RecipientSearch,
        counted: &[Explained],
    ) -> Result<Vec<String>, Problem> {
        let children: Vec<(&str, &Explained)> = self
            .nodes
            .iter()
            .zip(counted)
            .filter(|(_, counted)| counted.remaining.is_some())
            .map(|(node, counted)| (node.pointer.as_str(), counted))
            .collect();
        if children.is_empty() {
            return Ok(vec![POINTER.to_owned()]);
        }
        if let Some((pointer, _)) = children.iter().find(|(_, counted)| counted.alone == 0) {
            return Ok(vec![(*pointer).to_owned()]);
        }
        // Whatever comes after the condition that left nobody is not needed for it.
        let emptied = children.iter().position(|(_, counted)| counted.remaining == Some(0));
        let conflict = smallest_conflict(emptied.map_or(children.len(), |at| at + 1), |set| {
            let condition = together(&self.filter, POINTER, &self.known, set)?;
            Ok::<_, Problem>(recipient_query::anyone(reader, search, &condition)?)
        })?;
        Ok(conflict.iter().filter_map(|at| children.get(*at)).map(|(pointer, _)| (*pointer).to_owned()).collect())
    }
}
