//! The journal: the entries of all workers, as many as are waiting in one transaction.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use persistence::deliveries::journal::{Finish, record};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use super::Shared;

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
    pub start: Vec<Uuid>,
    /// Told after the commit.
    pub done: oneshot::Sender<Begun>,
}

/// What of an entry's deliveries may be sent now.
pub(super) struct Begun {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Which of them, in their order.
    pub granted: Vec<bool>,
}

/// Writes entries until no worker is left.
pub(super) async fn run(shared: Arc<Shared>, mut entries: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    // So many that the other workers have enough to do meanwhile.
    let enough = (shared.settings.workers / 4).min(TOGETHER);
    let mut many_come = false;
    while entries.recv_many(&mut batch, TOGETHER).await > 0 {
        if many_come {
            gather(&mut entries, &mut batch, enough).await;
        }
        many_come = batch.len() > enough / 4;
        let mut finishes = Vec::new();
        let mut starts = Vec::new();
        let mut replies = Vec::new();
        for Entry { finish, start, done } in batch.drain(..) {
            finishes.extend(finish);
            replies.push((done, start.len()));
            starts.extend(start);
        }
        let Begun { at, granted } = commit(&shared, Arc::new(finishes), Arc::new(starts)).await;
        let mut granted = granted.into_iter();
        for (done, wanted) in replies {
            // A worker that is gone needs no answer.
            let _ = done.send(Begun { at, granted: granted.by_ref().take(wanted).collect() });
        }
    }
}

/// Waits a moment for more entries, until there are enough.
async fn gather(entries: &mut mpsc::Receiver<Entry>, batch: &mut Vec<Entry>, enough: usize) {
    let more = async {
        while batch.len() < enough
            && let Some(entry) = entries.recv().await
        {
            batch.push(entry);
        }
    };
    // Late is no failure: what has come by then is written.
    let _ = timeout(GATHERING, more).await;
}

/// An outcome must not be lost, so the journal tries until the database takes it.
async fn commit(shared: &Shared, finishes: Arc<Vec<Finish>>, starts: Arc<Vec<Uuid>>) -> Begun {
    let (owner, at) = (shared.owner, shared.clock.now());
    loop {
        let (ended, begun) = (Arc::clone(&finishes), Arc::clone(&starts));
        let written = shared.db.write(move |writer| record(writer, owner, at, &ended, &begun));
        match written.await {
            Ok(granted) => {
                shared.claims.drop(starts.iter().chain(finishes.iter().map(|ended| &ended.delivery_id)));
                shared.outcomes.add(&finishes);
                return Begun { at, granted };
            }
            Err(error) => log::error!("the delivery journal cannot be written, sending waits: {error}"),
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry { finish: Vec::new(), start: Vec::new(), done: oneshot::channel().0 }
    }

    #[tokio::test]
    async fn entries_gather_until_there_are_enough_or_nobody_comes() {
        let (sender, mut entries) = mpsc::channel(8);
        for _ in 0..3 {
            sender.send(entry()).await.unwrap();
        }
        let mut batch = vec![entry()];
        gather(&mut entries, &mut batch, 3).await;
        assert_eq!(batch.len(), 3, "enough");
        gather(&mut entries, &mut batch, 10).await;
        assert_eq!(batch.len(), 4, "one more, then nobody came");
        drop(sender);
        gather(&mut entries, &mut batch, 10).await;
        assert_eq!(batch.len(), 4, "no worker is left");
    }
}
