//! The journal: the entries of all workers, as many as are waiting in one transaction.

use std::sync::Arc;
use std::time::Duration;

use persistence::deliveries::journal::{Finish, Start, finish, start};
use tokio::sync::{mpsc, oneshot};

use super::Shared;

/// How many entries share a transaction at the most.
const TOGETHER: usize = 64;
/// How long the journal waits after the database failed it. Nothing is sent meanwhile.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What a worker has to record.
pub(super) struct Entry {
    /// How its last attempts ended.
    pub finish: Vec<Finish>,
    /// The attempts it wants to make next, with one message.
    pub start: Vec<Start>,
    /// Told, after the commit, which of the attempts may be made.
    pub done: oneshot::Sender<Vec<bool>>,
}

/// Writes entries until no worker is left.
pub(super) async fn run(shared: Arc<Shared>, mut entries: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while entries.recv_many(&mut batch, TOGETHER).await > 0 {
        let mut finishes = Vec::new();
        let mut starts = Vec::new();
        let mut replies = Vec::new();
        for Entry { finish, start, done } in batch.drain(..) {
            finishes.extend(finish);
            replies.push((done, start.len()));
            starts.extend(start);
        }
        let mut granted = commit(&shared, Arc::new(finishes), Arc::new(starts)).await.into_iter();
        for (done, wanted) in replies {
            // A worker that is gone needs no answer.
            let _ = done.send(granted.by_ref().take(wanted).collect());
        }
    }
}

/// An outcome must not be lost, so the journal tries until the database takes it.
async fn commit(shared: &Shared, finishes: Arc<Vec<Finish>>, starts: Arc<Vec<Start>>) -> Vec<bool> {
    loop {
        let (ended, begun) = (Arc::clone(&finishes), Arc::clone(&starts));
        let owner = shared.owner;
        let written = shared.db.write(move |writer| {
            finish(writer, &ended)?;
            start(writer, owner, &begun)
        });
        match written.await {
            Ok(granted) => {
                shared.outcomes.add(&finishes);
                return granted;
            }
            Err(error) => log::error!("the delivery journal cannot be written, sending waits: {error}"),
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}
