//! Tokens that were verified, until they expire or the keys change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::Principal;

/// How many tokens are remembered.
const CAPACITY: usize = 10_000;

/// What is remembered of a verified token.
pub(super) struct Entry {
    /// Its bearer.
    pub principal: Arc<Principal>,
    /// From when on it is void.
    pub expires: DateTime<Utc>,
    /// The generation of the keys it was verified under.
    pub generation: u64,
}

/// A bounded memory of verified tokens. The whole token is the key, so that nothing but the same bytes is a hit.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Box<str>, Entry>>);

impl Cache {
    /// The bearer of a token and when it expires, if it was verified under this generation of keys.
    pub(super) fn get(&self, token: &str, generation: u64) -> Option<(Arc<Principal>, DateTime<Utc>)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.get(token).filter(|entry| entry.generation == generation)?;
        Some((Arc::clone(&entry.principal), entry.expires))
    }

    /// Remembers a verified token. A full memory first forgets what has expired, and then everything.
    pub(super) fn put(&self, token: &str, entry: Entry, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, entry| now < entry.expires);
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(token.into(), entry);
    }
}
