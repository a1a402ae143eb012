//! How many attempts ended how, since the process started.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use persistence::deliveries::journal::Finish;

/// Counts of outcomes. Cheap to clone; the clones count together.
#[derive(Debug, Clone, Default)]
pub struct Outcomes(Arc<Mutex<BTreeMap<&'static str, u64>>>);

impl Outcomes {
    /// How often each outcome came, by its word in the journal, for instance `sent`.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts what the journal has taken.
    pub(super) fn add(&self, finishes: &[Finish]) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for finish in finishes {
            *counts.entry(finish.outcome).or_default() += 1;
        }
    }
}
