//! The ids that one file brings.

use std::collections::HashSet;

/// The ids of one file, good and refused.
#[derive(Debug, Default)]
pub(super) struct FileIds {
    seen: HashSet<i64>,
    refused: HashSet<i64>,
}

impl FileIds {
    /// Takes note of an id; `false` when the file has had it before.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        self.seen.insert(id)
    }

    /// Takes note that the row of an id is bad after all.
    pub(super) fn refuse(&mut self, id: i64) {
        self.refused.insert(id);
    }

    /// All of them.
    pub(super) fn into_seen(self) -> HashSet<i64> {
        self.seen
    }

    /// Whether a good row brings the id.
    pub(super) fn brings(&self, id: i64) -> bool {
        self.seen.contains(&id) && !self.refused.contains(&id)
    }
}

impl FromIterator<i64> for FileIds {
    /// Ids of rows that are known to be good.
    fn from_iter<I: IntoIterator<Item = i64>>(ids: I) -> Self {
        Self { seen: ids.into_iter().collect(), refused: HashSet::new() }
    }
}
