//! The keys of an issuer, fetched from its key set (JWKS) and kept.
//!
//! They are fetched again every ten minutes, and when a token names a key that is not known, which is how a new key is
//! found; the latter at most once in ten seconds, whatever callers send. While the issuer does not answer, its last keys
//! stay good for a day.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::Clock;
use jsonwebtoken::Header;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use url::Url;

use super::set::KeySet;
use super::verifying::VerifyingKey;
use super::{KeyError, NoKey};
use crate::outbound::Outbound;

/// The longest key set that is read, in bytes.
const LONGEST_SET: usize = 256 * 1024;
/// How often the set is fetched without being asked for.
const EVERY: Duration = Duration::from_secs(600);
/// How long unknown keys do not make the set be fetched again.
const AT_MOST_EVERY: TimeDelta = TimeDelta::seconds(10);
/// How long the keys stay good when the issuer does not answer.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a request waits for the set.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// An issuer's keys.
pub(super) struct RemoteKeys {
    url: Url,
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    known: RwLock<Known>,
    /// Held while the set is being fetched.
    flight: Mutex<()>,
}

#[derive(Default)]
struct Known {
    set: Arc<KeySet>,
    /// Counts the sets that differed.
    generation: u64,
    fetched_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
}

impl RemoteKeys {
    /// The keys at this address; nothing is fetched yet.
    ///
    /// # Errors
    /// When the address is none that may be called.
    pub(super) fn new(url: Url, outbound: Outbound, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        outbound.check(&url)?;
        Ok(Self { url, outbound, clock, known: RwLock::default(), flight: Mutex::default() })
    }

    /// Fetches the set now and then, as long as somebody has these keys. Must be called inside an async runtime.
    pub(super) fn watch(keys: &Arc<Self>) {
        let keys: Weak<Self> = Arc::downgrade(keys);
        tokio::spawn(async move {
            while let Some(keys) = keys.upgrade() {
                let flight = keys.flight.lock().await;
                keys.fetch().await;
                drop(flight);
                drop(keys);
                sleep(EVERY).await;
            }
        });
    }

    /// The key that a token's header names.
    pub(super) async fn find(keys: &Arc<Self>, header: &Header) -> Result<Arc<VerifyingKey>, NoKey> {
        if let Ok(key) = keys.look_up(header) {
            return Ok(key);
        }
        if keys.flight.try_lock().is_ok() && keys.tried_lately() {
            return keys.look_up(header);
        }
        // In a task of its own: the caller may go away, and others wait for the same answer.
        let fetching = Arc::clone(keys);
        let fetched = tokio::spawn(async move {
            let _flight = fetching.flight.lock().await;
            if !fetching.tried_lately() {
                fetching.fetch().await;
            }
        });
        // Late or not: what counts is what is known now.
        let _ = timeout(LONGEST_WAIT, fetched).await;
        keys.look_up(header)
    }

    /// Which set is known, by number; `None` when there is none that is still good.
    pub(super) fn generation(&self) -> Option<u64> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.is_good(self.clock.now()).then_some(known.generation)
    }

    fn look_up(&self, header: &Header) -> Result<Arc<VerifyingKey>, NoKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if !known.is_good(self.clock.now()) {
            return Err(NoKey::Unavailable);
        }
        known.set.find(header).ok_or(NoKey::Unknown)
    }

    fn tried_lately(&self) -> bool {
        let tried_at = self.known.read().unwrap_or_else(PoisonError::into_inner).tried_at;
        // A clock that was set back must not keep the keys from being fetched.
        tried_at.is_some_and(|at| (self.clock.now() - at).abs() < AT_MOST_EVERY)
    }

    async fn fetch(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).tried_at = Some(self.clock.now());
        let fetched = self.outbound.get(&self.url, LONGEST_SET).await;
        match fetched.map_err(|error| error.to_string()).and_then(|json| KeySet::parse(&json)) {
            Ok(set) => self.learn(set),
            Err(fault) => log::warn!("POSTITUS_JWKS_URL: {} {fault}; the keys known before stay good", self.url),
        }
    }

    fn learn(&self, set: KeySet) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.fetched_at = Some(self.clock.now());
        if !known.set.is_same(&set) {
            log::info!("POSTITUS_JWKS_URL: {} has {} keys for tokens", self.url, set.len());
            known.generation += 1;
            known.set = Arc::new(set);
        }
    }
}

impl Known {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.fetched_at.is_some_and(|at| now - at < KEPT)
    }
}
