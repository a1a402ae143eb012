//! How long work waits before a door for a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The waits before one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorWaits {
    /// How many wait now.
    pub waiting: u64,
    /// How many have waited and are through, since the database was opened.
    pub served: u64,
    /// How long they waited in all.
    pub waited: Duration,
}

/// Counts for one door; the clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waits(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    waiting: AtomicU64,
    served: AtomicU64,
    nanoseconds: AtomicU64,
}

/// Someone before the door; through it, or sent away, when dropped.
pub(crate) struct Waiting {
    counters: Arc<Counters>,
    since: Instant,
}

impl Waits {
    /// Somebody comes to the door.
    pub(crate) fn begin(&self) -> Waiting {
        self.0.waiting.fetch_add(1, Relaxed);
        Waiting { counters: Arc::clone(&self.0), since: Instant::now() }
    }

    /// The counts.
    pub(crate) fn counts(&self) -> DoorWaits {
        let Counters { waiting, served, nanoseconds } = self.0.as_ref();
        DoorWaits {
            waiting: waiting.load(Relaxed),
            served: served.load(Relaxed),
            waited: Duration::from_nanos(nanoseconds.load(Relaxed)),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let nanoseconds = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.counters.waiting.fetch_sub(1, Relaxed);
        self.counters.served.fetch_add(1, Relaxed);
        self.counters.nanoseconds.fetch_add(nanoseconds, Relaxed);
    }
}
