//! The property tree: every parent is there, and nothing is above itself, neither within the file nor through what the
//! register holds already.

use std::collections::{HashMap, HashSet};

use domain::register::tree::circles;

use super::{ImportError, KnownIds, error::RowFault, known::BATCH};

/// What a row of `properties.csv` says about the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) parent_id: Option<i64>,
}

/// A row that does not fit into the tree.
pub(super) struct Misfit {
    pub(super) property_id: i64,
    pub(super) line: u64,
    pub(super) fault: RowFault,
}

/// Removes from `nodes` (by property id) those that do not fit, and tells them. When a row is refused, the register may
/// still hold the property with an earlier parent; what then results must be a tree too, hence the repetition.
pub(super) fn remove_misfits(
    nodes: &mut HashMap<i64, Node>,
    known: &mut dyn KnownIds,
) -> Result<Vec<Misfit>, ImportError> {
    let mut register = Register { known, answers: HashMap::new(), parents: HashMap::new() };
    let mut misfits = Vec::new();
    loop {
        let mut found = dangling(nodes, &mut register)?;
        if found.is_empty() {
            register.load_parents_above(nodes)?;
            found = circular(nodes, &register.parents);
        }
        if found.is_empty() {
            return Ok(misfits);
        }
        for misfit in &found {
            nodes.remove(&misfit.property_id);
        }
        misfits.append(&mut found);
    }
}

/// Rows whose parent is neither in the file nor in the register.
fn dangling(nodes: &HashMap<i64, Node>, register: &mut Register<'_>) -> Result<Vec<Misfit>, ImportError> {
    let outside = |node: &Node| node.parent_id.filter(|parent| !nodes.contains_key(parent));
    register.ask_properties(nodes.values().filter_map(outside))?;
    let misfit = |(id, node): (&i64, &Node)| {
        let parent = outside(node).filter(|parent| !register.has(*parent))?;
        let reason = format!("property {parent} is neither a good row of properties.csv nor in the register");
        Some(Misfit { property_id: *id, line: node.line, fault: RowFault::of("parent_id", reason) })
    };
    Ok(nodes.iter().filter_map(misfit).collect())
}

/// Rows that are above themselves. Their descendants are not meant here.
fn circular(nodes: &HashMap<i64, Node>, stored_parents: &HashMap<i64, i64>) -> Vec<Misfit> {
    let parent_of = |id: i64| match nodes.get(&id) {
        Some(node) => node.parent_id,
        None => stored_parents.get(&id).copied(),
    };
    circles(nodes.keys().copied(), parent_of).iter().flat_map(|circle| circle_misfits(circle, nodes)).collect()
}

fn circle_misfits<'a>(circle: &'a [i64], nodes: &'a HashMap<i64, Node>) -> impl Iterator<Item = Misfit> + 'a {
    let shown: Vec<String> = circle.iter().chain(circle.first()).take(8).map(i64::to_string).collect();
    let shown = shown.join(" below ");
    circle.iter().filter_map(move |id| {
        let node = nodes.get(id)?;
        let fault = RowFault::of("parent_id", format!("property {id} would be above itself: {shown}"));
        Some(Misfit { property_id: *id, line: node.line, fault })
    })
}

/// What the register has answered so far.
struct Register<'a> {
    known: &'a mut dyn KnownIds,
    answers: HashMap<i64, bool>,
    parents: HashMap<i64, i64>,
}

impl Register<'_> {
    fn has(&self, id: i64) -> bool {
        self.answers.get(&id).copied().unwrap_or(false)
    }

    fn ask_properties(&mut self, ids: impl Iterator<Item = i64>) -> Result<(), ImportError> {
        let new: HashSet<i64> = ids.filter(|id| !self.answers.contains_key(id)).collect();
        let new: Vec<i64> = new.into_iter().collect();
        for batch in new.chunks(BATCH) {
            let found = self.known.properties(batch).map_err(ImportError::Lookup)?;
            self.answers.extend(batch.iter().map(|id| (*id, found.contains(id))));
        }
        Ok(())
    }

    /// Asks for the chains above the file's topmost rows, level by level, up to the top or back into the file.
    fn load_parents_above(&mut self, nodes: &HashMap<i64, Node>) -> Result<(), ImportError> {
        let mut asked: HashSet<i64> = HashSet::new();
        let outside = |id: &i64| !nodes.contains_key(id);
        let mut level: Vec<i64> = nodes.values().filter_map(|node| node.parent_id).filter(outside).collect();
        loop {
            level.retain(|id| asked.insert(*id));
            if level.is_empty() {
                return Ok(());
            }
            let mut above = Vec::new();
            for batch in level.chunks(BATCH) {
                let parents = self.known.property_parents(batch).map_err(ImportError::Lookup)?;
                above.extend(parents.values().copied().filter(outside));
                self.parents.extend(parents);
            }
            level = above;
        }
    }
}
