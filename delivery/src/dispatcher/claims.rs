//! What this dispatcher has claimed and not begun to send, and as whom. The database has it in the dispatcher's row, as it was with the
//! last claim: what has been begun or given back since is not claimed with the next.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// Claimed deliveries.
#[derive(Default)]
pub(super) struct Claims(Mutex<Held>);

#[derive(Default)]
struct Held {
    owner: Uuid,
    ids: HashSet<Uuid>,
}

impl Claims {
    /// As whom the dispatcher claims; nil until it is registered.
    pub(super) fn owner(&self) -> Uuid {
        self.held().owner
    }

    /// All of them, and as whom they were claimed.
    pub(super) fn all(&self) -> (Uuid, Vec<Uuid>) {
        let held = self.held();
        (held.owner, held.ids.iter().copied().collect())
    }

    /// Goes on as another, which has claimed nothing: who has taken over has what was claimed before.
    pub(super) fn restart(&self, owner: Uuid) {
        *self.held() = Held { owner, ids: HashSet::new() };
    }

    /// Adds what `owner` has claimed, unless the dispatcher goes on as another by now.
    pub(super) fn add(&self, owner: Uuid, ids: &[Uuid]) {
        let mut held = self.held();
        if held.owner == owner {
            held.ids.extend(ids);
        }
    }

    /// Which of these are claimed, each once however often it is named, and as whom.
    pub(super) fn which(&self, ids: impl IntoIterator<Item = Uuid>) -> (Uuid, Vec<bool>) {
        let held = self.held();
        let mut named = HashSet::new();
        (held.owner, ids.into_iter().map(|id| held.ids.contains(&id) && named.insert(id)).collect())
    }

    /// Lets go of those that were begun, cannot be sent, or are for somebody else to try.
    pub(super) fn drop<'a>(&self, ids: impl IntoIterator<Item = &'a Uuid>) {
        let mut held = self.held();
        for id in ids {
            held.ids.remove(id);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Uuid = Uuid::from_u128(100);

    fn claims(ids: &[Uuid]) -> Claims {
        let claims = Claims::default();
        claims.restart(ME);
        claims.add(ME, ids);
        claims
    }

    #[test]
    fn what_was_begun_or_given_back_is_claimed_no_longer() {
        let ids = [1, 2, 3].map(Uuid::from_u128);
        let claims = claims(&ids);
        claims.add(ME, &ids[..1]);
        claims.drop(&ids[1..2]);
        claims.drop(&[Uuid::from_u128(9)]);
        let (owner, mut left) = claims.all();
        left.sort_unstable();
        assert_eq!((owner, left), (ME, vec![ids[0], ids[2]]));
        assert_eq!(claims.which([ids[0], ids[1], ids[0], ids[2]]), (ME, vec![true, false, false, true]), "once each");
    }

    #[test]
    fn who_goes_on_as_another_has_claimed_nothing() {
        let ids = [1, 2].map(Uuid::from_u128);
        let claims = claims(&ids);
        let another = Uuid::from_u128(101);
        claims.restart(another);
        claims.add(ME, &ids);
        assert_eq!((claims.owner(), claims.all()), (another, (another, Vec::new())));
        assert_eq!(claims.which(ids), (another, vec![false, false]));
    }
}
