//! Claims due deliveries and hands them to the workers.

use std::sync::Arc;
use std::time::Duration;

use persistence::StoreResult;
use persistence::deliveries::queue::{Claimed, claim, load, release};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use super::Shared;

/// How long the queue rests when nothing is due and nobody wakes it.
const REST: Duration = Duration::from_millis(500);
/// How long it waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Claims until told to stop. Dropping `jobs` at the end tells the workers that nothing more comes.
pub(super) async fn run(
    shared: &Arc<Shared>,
    jobs: mpsc::Sender<Claimed>,
    wake: &Notify,
    mut stopping: watch::Receiver<bool>,
) {
    let mut failed = false;
    while !*stopping.borrow() {
        let next = next_batch(shared, jobs.max_capacity(), failed).await;
        failed = next.is_err();
        let rest = match next {
            Ok(batch) if batch.is_empty() => REST,
            Ok(batch) => {
                for claimed in batch {
                    tokio::select! {
                        sent = jobs.send(claimed) => if sent.is_err() { return },
                        _ = stopping.changed() => return,
                    }
                }
                continue;
            }
            Err(error) => {
                log::error!("the delivery queue cannot be read: {error}");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            // Woken or not, the queue is looked at again.
            _ = timeout(rest, wake.notified()) => {}
            _ = stopping.changed() => return,
        }
    }
}

async fn next_batch(shared: &Arc<Shared>, limit: usize, after_failure: bool) -> StoreResult<Vec<Claimed>> {
    let owner = shared.owner;
    if after_failure {
        // What was claimed and never got here would be renewed for ever. A worker whose message goes back too is told so.
        shared.db.write(move |writer| release(writer, owner)).await?;
    }
    let now = shared.clock.now();
    let until = now + shared.settings.lease;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids = shared.db.write(move |writer| claim(writer, owner, now, until, limit)).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    shared.db.read(move |reader| load(reader, &ids)).await
}
