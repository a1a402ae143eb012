//! What a filter may name instead of saying it: saved queries and contact lists.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::input::RecipientFilter;

/// A saved query or a contact list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SavedId {
    Query(Uuid),
    List(Uuid),
}

impl SavedId {
    /// The key of a filter that names it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Query(_) => "query_id",
            Self::List(_) => "list_id",
        }
    }
}

/// Who is on a contact list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListSource {
    /// Those who were put on it.
    Members,
    /// Whoever matches this saved query.
    Query(Uuid),
}

/// Everything that some filters name, and that what they name names in turn, as it is now.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// The filters of the saved queries.
    pub queries: HashMap<Uuid, RecipientFilter>,
    /// Who is on the contact lists.
    pub lists: HashMap<Uuid, ListSource>,
    /// What is being saved, when the filter is part of it: whatever names it would go round in a circle.
    pub within: Option<SavedId>,
    /// There is more than a filter may name; the rest was not read.
    pub incomplete: bool,
}

impl Saved {
    /// Those of `ids` that have not been looked up yet.
    pub fn missing(&self, ids: &HashSet<SavedId>) -> Vec<SavedId> {
        let mut missing: Vec<SavedId> = ids.iter().copied().filter(|id| !self.has(*id)).collect();
        missing.sort_unstable();
        missing
    }

    fn has(&self, id: SavedId) -> bool {
        match id {
            SavedId::Query(id) => self.queries.contains_key(&id),
            SavedId::List(id) => self.lists.contains_key(&id),
        }
    }
}

impl RecipientFilter {
    /// What the filter names, each once.
    pub fn saved_ids(&self) -> HashSet<SavedId> {
        let mut ids = HashSet::new();
        self.collect_saved(&mut ids);
        ids
    }

    /// What this very node names.
    pub fn saved_id(&self) -> Option<SavedId> {
        self.query_id.map(SavedId::Query).or(self.list_id.map(SavedId::List))
    }

    fn collect_saved(&self, ids: &mut HashSet<SavedId>) {
        ids.extend(self.query_id.map(SavedId::Query));
        ids.extend(self.list_id.map(SavedId::List));
        for child in self.all.iter().chain(&self.any).flatten().chain(self.not.as_deref()) {
            child.collect_saved(ids);
        }
    }
}
