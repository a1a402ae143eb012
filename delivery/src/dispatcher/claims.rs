//! What this dispatcher has claimed and not begun to send. The database has it in the dispatcher's row, as it was with the last
//! claim: what has been begun or given back since is not claimed with the next.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// Claimed deliveries.
#[derive(Default)]
pub(super) struct Claims(Mutex<HashSet<Uuid>>);

impl Claims {
    /// All of them.
    pub(super) fn all(&self) -> Vec<Uuid> {
        self.ids().iter().copied().collect()
    }

    pub(super) fn add(&self, ids: &[Uuid]) {
        self.ids().extend(ids);
    }

    /// Lets go of those that were begun, cannot be sent, or are for somebody else to try.
    pub(super) fn drop<'a>(&self, ids: impl IntoIterator<Item = &'a Uuid>) {
        let mut claimed = self.ids();
        for id in ids {
            claimed.remove(id);
        }
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_or_given_back_is_claimed_no_longer() {
        let claims = Claims::default();
        let ids = [1, 2, 3].map(Uuid::from_u128);
        claims.add(&ids);
        claims.add(&ids[..1]);
        claims.drop(&ids[1..2]);
        claims.drop(&[Uuid::from_u128(9)]);
        let mut left = claims.all();
        left.sort_unstable();
        assert_eq!(left, [ids[0], ids[2]]);
    }
}
