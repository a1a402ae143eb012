//! Where the workers leave what the journal has to write. The journal is woken when there is enough for it, and not for each entry:
//! a thread that wakes takes longer than what it is woken for.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Entries that wait.
pub(super) struct Inbox<T> {
    waiting: Mutex<Waiting<T>>,
    enough: Condvar,
}

struct Waiting<T> {
    entries: Vec<T>,
    /// How many the reader sleeps for; none while it is awake.
    wanted: Option<usize>,
    closed: bool,
}

impl<T> Inbox<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting { entries: Vec::new(), wanted: None, closed: false }),
            enough: Condvar::new(),
        }
    }

    /// Drops the entry when nobody takes any more.
    pub(super) fn push(&self, entry: T) {
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        waiting.entries.push(entry);
        if waiting.wanted.is_some_and(|wanted| waiting.entries.len() >= wanted) {
            waiting.wanted = None;
            self.enough.notify_one();
        }
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.enough.notify_one();
    }

    /// Waits for the first entry, then for as many as are `enough`, but no longer than `patience`; takes up to `most`. None when
    /// nothing more will come.
    pub(super) fn take(&self, enough: usize, patience: Duration, most: usize) -> Vec<T> {
        let mut waiting = self.lock();
        waiting.wanted = Some(1);
        let lacks = |waiting: &mut Waiting<T>, wanted: usize| waiting.entries.len() < wanted && !waiting.closed;
        waiting = self.enough.wait_while(waiting, |waiting| lacks(waiting, 1)).unwrap_or_else(PoisonError::into_inner);
        waiting.wanted = Some(enough);
        let gathered = self.enough.wait_timeout_while(waiting, patience, |waiting| lacks(waiting, enough));
        waiting = gathered.unwrap_or_else(PoisonError::into_inner).0;
        waiting.wanted = None;
        let count = waiting.entries.len().min(most);
        waiting.entries.drain(..count).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn entries_gather_until_there_are_enough_or_nobody_comes() {
        let inbox = Inbox::new();
        thread::scope(|scope| {
            let taken = scope.spawn(|| inbox.take(3, LONG, 9));
            for entry in 1..=3 {
                inbox.push(entry);
            }
            assert_eq!(taken.join().unwrap(), [1, 2, 3], "enough");
            inbox.push(4);
            assert_eq!(inbox.take(9, Duration::ZERO, 9), [4], "nobody came");
            let taken = scope.spawn(|| inbox.take(9, LONG, 9));
            inbox.push(5);
            inbox.close();
            assert_eq!(taken.join().unwrap(), [5]);
        });
        assert!(inbox.take(9, LONG, 9).is_empty(), "nothing more will come");
    }

    #[test]
    fn no_more_are_taken_than_go_together() {
        let inbox = Inbox::new();
        for entry in 1..=5 {
            inbox.push(entry);
        }
        assert_eq!(inbox.take(1, LONG, 3), [1, 2, 3]);
        assert_eq!(inbox.take(1, LONG, 3), [4, 5]);
    }
}
