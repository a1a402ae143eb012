//! The queue before a door: jobs are taken in the order they came, each by the thread that became idle last. That one's
//! connection was in use a moment ago, and so was the process behind it: what the next job needs is still in their caches.
//! A thread without work looks a few times more before it sleeps, since waking it costs more than that.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How often a thread without work lets others run and looks again, before it sleeps.
const LOOKS: usize = 10;

/// The end at which jobs come in. When the last clone is dropped, the threads end once nothing is left to do.
pub(crate) struct Entrance<J>(Arc<Closing<J>>);

/// The end at which one thread waits for jobs; each has its own clone.
pub(crate) struct Exit<J> {
    turns: Arc<Turns<J>>,
    seat: Arc<Seat<J>>,
}

/// There is no room for another job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

struct Closing<J>(Arc<Turns<J>>);

struct Turns<J> {
    state: Mutex<State<J>>,
    limit: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    /// How many threads look for work right now: as many jobs need no other to be woken.
    looking: usize,
    /// The threads that sleep, who came last at the end.
    idle: Vec<Arc<Seat<J>>>,
    closed: bool,
}

/// Where a thread sleeps until it is told what comes next.
struct Seat<J> {
    next: Mutex<Next<J>>,
    told: Condvar,
}

enum Next<J> {
    Wait,
    Do(J),
    End,
}

/// A queue that holds up to `limit` jobs beside those that are being done.
pub(crate) fn turns<J>(limit: usize) -> (Entrance<J>, Exit<J>) {
    let state = State { waiting: VecDeque::new(), looking: 0, idle: Vec::new(), closed: false };
    let turns = Arc::new(Turns { state: Mutex::new(state), limit });
    (Entrance(Arc::new(Closing(Arc::clone(&turns)))), Exit::of(turns))
}

impl<J> Entrance<J> {
    /// Hands a job in.
    pub(crate) fn push(&self, job: J) -> Result<(), Full> {
        let turns = &self.0.0;
        let mut state = turns.state();
        if state.waiting.len() >= state.looking
            && let Some(seat) = state.idle.pop()
        {
            drop(state);
            seat.tell(Next::Do(job));
            return Ok(());
        }
        if state.waiting.len() >= turns.limit {
            return Err(Full);
        }
        state.waiting.push_back(job);
        Ok(())
    }
}

impl<J> Exit<J> {
    fn of(turns: Arc<Turns<J>>) -> Self {
        Self { turns, seat: Arc::new(Seat { next: Mutex::new(Next::Wait), told: Condvar::new() }) }
    }

    /// The next job; nothing when no more will come.
    pub(crate) fn take(&self) -> Option<J> {
        let mut state = self.turns.state();
        state.looking += 1;
        for _ in 0..LOOKS {
            if !state.waiting.is_empty() || state.closed {
                break;
            }
            drop(state);
            thread::yield_now();
            state = self.turns.state();
        }
        state.looking -= 1;
        if let Some(job) = state.waiting.pop_front() {
            return Some(job);
        }
        if state.closed {
            return None;
        }
        state.idle.push(Arc::clone(&self.seat));
        drop(state);
        self.seat.wait()
    }
}

// Written out, since a job need not be `Clone`.
impl<J> Clone for Entrance<J> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<J> Clone for Exit<J> {
    fn clone(&self) -> Self {
        Self::of(Arc::clone(&self.turns))
    }
}

impl<J> Drop for Closing<J> {
    fn drop(&mut self) {
        let idle = {
            let mut state = self.0.state();
            state.closed = true;
            std::mem::take(&mut state.idle)
        };
        for seat in idle {
            seat.tell(Next::End);
        }
    }
}

impl<J> Turns<J> {
    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Seat<J> {
    fn tell(&self, next: Next<J>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
        self.told.notify_one();
    }

    fn wait(&self) -> Option<J> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::mem::replace(&mut *next, Next::Wait) {
                Next::Wait => next = self.told.wait(next).unwrap_or_else(PoisonError::into_inner),
                Next::Do(job) => return Some(job),
                Next::End => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A thread that tells its name with each job it takes.
    fn taker(exit: &Exit<u32>, name: &'static str) -> (Receiver<(&'static str, u32)>, thread::JoinHandle<()>) {
        let (told, taken) = channel();
        let waits = exit.clone();
        let thread = thread::spawn(move || {
            while let Some(job) = waits.take() {
                told.send((name, job)).unwrap();
            }
        });
        (taken, thread)
    }

    fn until_idle(exit: &Exit<u32>, count: usize) {
        while exit.turns.state().idle.len() < count {
            thread::yield_now();
        }
    }

    #[test]
    fn jobs_are_taken_in_the_order_they_came_and_the_last_are_done_before_the_end() {
        let (entrance, exit) = turns(3);
        for job in 0..3 {
            entrance.push(job).unwrap();
        }
        assert_eq!(entrance.push(3), Err(Full));
        drop(entrance.clone());
        drop(entrance);
        let (taken, thread) = taker(&exit, "only");
        thread.join().unwrap();
        assert_eq!(taken.iter().map(|(_, job)| job).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn who_became_idle_last_is_next() {
        let (entrance, exit) = turns(1);
        let first = taker(&exit, "first");
        until_idle(&exit, 1);
        let last = taker(&exit, "last");
        until_idle(&exit, 2);
        for job in 0..5 {
            entrance.push(job).unwrap();
            assert_eq!(last.0.recv().unwrap(), ("last", job));
            until_idle(&exit, 2);
        }
        drop(entrance);
        for (taken, thread) in [first, last] {
            thread.join().unwrap();
            assert_eq!(taken.iter().count(), 0);
        }
    }

    #[test]
    fn each_job_is_done_once_by_many() {
        let (entrance, exit) = turns(10_000);
        let takers: Vec<_> = (0..8).map(|_| taker(&exit, "one")).collect();
        let pushers: Vec<_> = (0..4_u32)
            .map(|part| {
                let entrance = entrance.clone();
                thread::spawn(move || (0..1000).for_each(|job| entrance.push(part * 1000 + job).unwrap()))
            })
            .collect();
        for pusher in pushers {
            pusher.join().unwrap();
        }
        drop(entrance);
        let mut done: Vec<u32> = Vec::new();
        for (taken, thread) in takers {
            thread.join().unwrap();
            done.extend(taken.iter().map(|(_, job)| job));
        }
        done.sort_unstable();
        assert_eq!(done, (0..4000).collect::<Vec<_>>());
    }
}
