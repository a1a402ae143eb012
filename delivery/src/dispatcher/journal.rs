//! The journal: the entries of all workers, as many as are waiting in one transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use persistence::deliveries::journal::{Attempt, Finish, record};
use persistence::deliveries::sending::{BeingSent, ToSend};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::Shared;
use super::inbox::Inbox;

/// How many entries share a transaction at the most.
const TOGETHER: usize = 128;
/// How long entries may gather while many come: what a commit costs hardly depends on how many share it.
const GATHERING: Duration = Duration::from_millis(3);
/// How long the journal waits after the database failed it. Nothing is sent meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What a worker has to record.
pub(super) struct Entry {
    /// How its last attempts ended.
    pub finish: Vec<Finish>,
    /// The deliveries it wants to attempt next, with one message.
    pub start: Vec<ToSend>,
    /// Told after the commit.
    pub done: oneshot::Sender<Begun>,
}

/// What of an entry's deliveries may be sent now.
pub(super) struct Begun {
    /// By whom, and since when.
    pub attempt: Attempt,
    /// Which of them, in their order.
    pub granted: Vec<bool>,
}

impl Begun {
    /// Those that are claimed.
    fn of_claimed(shared: &Shared, starts: &[ToSend]) -> Self {
        let (dispatcher, granted) = shared.claims.which(starts.iter().map(|start| start.delivery_id));
        Self { attempt: Attempt { dispatcher, started_at: shared.clock.now() }, granted }
    }

    /// What begins where nothing is recorded.
    pub(super) fn unrecorded(shared: &Shared, starts: &[ToSend]) -> Self {
        let begun = Self::of_claimed(shared, starts);
        shared.claims.drop(starts.iter().map(|start| &start.delivery_id));
        begun
    }
}

/// What is being sent by the dispatcher that the journal last wrote for.
#[derive(Default)]
struct Sending {
    dispatcher: Uuid,
    since: HashMap<Uuid, DateTime<Utc>>,
}

/// Writes entries until no worker is left. Blocks, on a thread of its own: all wait for it, and on that of the workers it would wait for
/// each that makes a message ready.
pub(super) fn run(shared: &Shared, entries: &Inbox<Entry>, answers: &mpsc::UnboundedSender<Vec<Answer>>) {
    // So many that the other workers have enough to do meanwhile.
    let enough = (shared.settings.workers / 4).clamp(1, TOGETHER);
    let _closing = Closing(entries);
    let mut sending = Sending::default();
    let mut wanted = 1;
    loop {
        let batch = entries.take(wanted, GATHERING, TOGETHER);
        if batch.is_empty() {
            return;
        }
        // Where few come, none waits for more.
        wanted = if batch.len() > enough / 4 { enough } else { 1 };
        let mut finishes = Vec::new();
        let mut starts = Vec::new();
        let mut replies = Vec::with_capacity(batch.len());
        for Entry { finish, start, done } in batch {
            finishes.extend(finish);
            replies.push((done, start.len()));
            starts.extend(start);
        }
        let Begun { attempt, granted } = commit(shared, &mut sending, finishes, &starts);
        let mut granted = granted.into_iter();
        let answer = |(done, wanted)| Answer(done, Begun { attempt, granted: granted.by_ref().take(wanted).collect() });
        // When the workers are gone, nobody needs an answer.
        let _ = answers.send(replies.into_iter().map(answer).collect());
    }
}

/// What a worker is told, and where.
pub(super) struct Answer(oneshot::Sender<Begun>, Begun);

/// Hands the answers to the workers, on their own thread: from another, each would take a call of the system.
pub(super) async fn answer(mut answers: mpsc::UnboundedReceiver<Vec<Answer>>) {
    while let Some(batch) = answers.recv().await {
        for Answer(done, begun) in batch {
            // A worker that is gone needs no answer.
            let _ = done.send(begun);
        }
    }
}

/// However the journal ends, nobody waits for it for ever.
struct Closing<'a>(&'a Inbox<Entry>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        drop(self.0.take(0, Duration::ZERO, usize::MAX));
    }
}

/// An outcome must not be lost, so the journal tries until the database takes it.
fn commit(shared: &Shared, sending: &mut Sending, finishes: Vec<Finish>, starts: &[ToSend]) -> Begun {
    let Begun { attempt, mut granted } = Begun::of_claimed(shared, starts);
    let entries = Arc::new(sending.entries(attempt, finishes, starts, &granted));
    let begun = loop {
        let wanted = Arc::clone(&entries);
        let written = shared.db.write_blocking(move |writer| {
            let Entries { ended, still, begun } = &*wanted;
            record(writer, attempt.dispatcher, attempt.started_at, ended, still, begun)
        });
        match written {
            Ok(begun) => break begun,
            Err(error) => log::error!("the delivery journal cannot be written, sending waits: {error}"),
        }
        #[expect(clippy::disallowed_methods, reason = "there is no event to wait for: the database failed")]
        thread::sleep(AFTER_FAILURE);
    };
    let ended = entries.ended.iter().map(|ended| &ended.delivery_id);
    shared.claims.drop(starts.iter().map(|start| &start.delivery_id).chain(ended));
    shared.outcomes.add(&entries.ended);
    // Of those that were claimed, in their order.
    let mut begun = begun.into_iter();
    for (start, granted) in starts.iter().zip(&mut granted).filter(|(_, granted)| **granted) {
        *granted = begun.next().unwrap_or(false);
        if *granted {
            sending.since.insert(start.delivery_id, attempt.started_at);
        }
    }
    Begun { attempt, granted }
}

/// What a transaction of the journal records.
struct Entries {
    ended: Vec<Finish>,
    /// What is on its way, and stays so.
    still: Vec<BeingSent>,
    begun: Vec<ToSend>,
}

impl Sending {
    /// Takes out what has ended. Of `starts`, those begin that are claimed.
    fn entries(&mut self, attempt: Attempt, ended: Vec<Finish>, starts: &[ToSend], claimed: &[bool]) -> Entries {
        if self.dispatcher != attempt.dispatcher {
            // What was on its way has been settled by who took over.
            *self = Self { dispatcher: attempt.dispatcher, since: HashMap::new() };
        }
        for Finish { delivery_id, .. } in &ended {
            self.since.remove(delivery_id);
        }
        let mut still: Vec<BeingSent> = self.since.iter().map(|(id, since)| (*id, *since)).collect();
        // Those that were begun together are written together.
        still.sort_unstable_by_key(|(_, since)| *since);
        let begun = starts.iter().zip(claimed).filter(|(_, claimed)| **claimed).map(|(start, _)| *start).collect();
        Entries { ended, still, begun }
    }
}
