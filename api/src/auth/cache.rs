//! Tokens that were verified, until they expire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::Principal;

/// How many tokens are remembered.
const CAPACITY: usize = 10_000;

type Entry = (Arc<Principal>, DateTime<Utc>);

/// A bounded memory of verified tokens. The whole token is the key, so that nothing but the same bytes is a hit.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Box<str>, Entry>>);

impl Cache {
    /// The bearer of a token and when it expires, if it was verified before.
    pub(super) fn get(&self, token: &str) -> Option<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Remembers a verified token. A full memory first forgets what has expired, and then everything.
    pub(super) fn put(&self, token: &str, principal: Arc<Principal>, expires: DateTime<Utc>, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, (_, expires)| now < *expires);
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(token.into(), (principal, expires));
    }
}
