//! Claims due deliveries and hands them to the workers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::new_id;
use persistence::deliveries::claimed::{Claimed, add_sharing, load};
use persistence::deliveries::lease;
use persistence::deliveries::queue::{Claim, Place, claim};
use persistence::{StoreError, StoreResult};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;
use uuid::Uuid;

use super::Shared;

/// The deliveries of one message that go out in one transaction.
pub(super) type Job = Vec<Claimed>;

/// How many messages for each worker share a claim, which is a commit; more of them would only age under their lease. The first claim
/// of a queue has one for each, so that nobody waits for more.
const TOGETHER: usize = 4;
/// How many for each worker wait when the next are claimed: no worker waits for a claim, and a claim has to pass by few.
pub(super) const WAITING: usize = 2;
/// How many recipients a mail server must take in one transaction (RFC 5321, 4.5.3.1.8).
const RECIPIENTS: usize = 100;
/// How long the queue rests when nothing is due and nobody wakes it.
const REST: Duration = Duration::from_millis(500);
/// How long it waits after the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Claims until told to stop. Dropping `jobs` at the end tells the workers that nothing more comes.
pub(super) async fn run(
    shared: &Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    wake: &Notify,
    mut stopping: watch::Receiver<bool>,
) {
    if let Err(error) = register(shared).await {
        log::error!("the dispatcher cannot be registered, nothing is sent: {error}");
    }
    let mut place = None;
    while !*stopping.borrow() {
        let from_the_beginning = place.is_none();
        let rest = match next_batch(shared, &mut place).await {
            Ok(batch) if batch.is_empty() && from_the_beginning => REST,
            Ok(batch) => {
                for job in batch {
                    tokio::select! {
                        sent = jobs.send(job) => if sent.is_err() { return },
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

/// Goes on under a new id, with nothing claimed.
async fn register(shared: &Shared) -> StoreResult<()> {
    let (owner, until) = (new_id(), shared.clock.now() + shared.settings.lease);
    shared.db.write(move |writer| lease::register(writer, owner, until)).await?;
    shared.claims.restart(owner);
    Ok(())
}

/// Claims and reads, behind the place of the queue where the last claim ended; from the beginning when that had reached its end. When
/// either fails, whatever was claimed is let go of with the next claim.
async fn next_batch(shared: &Arc<Shared>, place: &mut Option<Place>) -> StoreResult<Vec<Job>> {
    let ((owner, held), now) = (shared.claims.all(), shared.clock.now());
    let together = if place.is_none() { 1 } else { TOGETHER };
    let limit = i64::try_from(shared.settings.workers.max(1) * together).unwrap_or(i64::MAX);
    let wanted = Claim { owner, now, until: now + shared.settings.lease, held, after: place.take(), limit };
    let claimed = shared.db.write(move |writer| claim(writer, &wanted)).await?;
    let Some((ids, last)) = claimed else {
        log::warn!("the lease had run out, and another has taken over: this dispatcher goes on as a new one");
        register(shared).await?;
        return Ok(Vec::new());
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = Arc::new(ids);
    let wanted = Arc::clone(&ids);
    let claimed = shared.db.read(move |reader| {
        let mut claimed = load(reader, &wanted)?;
        add_sharing(reader, &mut claimed)?;
        Ok::<_, StoreError>(claimed)
    });
    let claimed = claimed.await?;
    shared.claims.add(owner, &ids);
    *place = last;
    Ok(messages(claimed))
}

/// The deliveries by message: each alone, or those that share one together, as many as a transaction has room for.
fn messages(claimed: Vec<Claimed>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::with_capacity(claimed.len());
    let mut open: HashMap<Uuid, usize> = HashMap::new();
    for claimed in claimed {
        let Some(message_id) = claimed.message_id else {
            jobs.push(vec![claimed]);
            continue;
        };
        match open.get(&message_id).and_then(|index| jobs.get_mut(*index)) {
            Some(job) if job.len() < RECIPIENTS => job.push(claimed),
            _ => {
                open.insert(message_id, jobs.len());
                jobs.push(vec![claimed]);
            }
        }
    }
    jobs
}

#[cfg(test)]
mod tests {
    use domain::eligibility::Channel;

    use super::*;

    fn claimed(number: u128, message: Option<u128>) -> Claimed {
        Claimed {
            delivery_id: Uuid::from_u128(number),
            mailing_id: Uuid::nil(),
            message_id: message.map(Uuid::from_u128),
            party_id: None,
            channel: Channel::Email,
            address: None,
            version_no: None,
            merge_values: String::new(),
            attempts: 0,
            archived: false,
            deceased: false,
            told: Vec::new(),
        }
    }

    #[test]
    fn those_of_a_message_go_together_a_hundred_at_a_time() {
        let of = |number: u128| match number % 3 {
            0 => None,
            rest => Some(rest),
        };
        let jobs = messages((0..450).map(|number| claimed(number, of(number))).collect());
        let mut lengths: Vec<usize> = jobs.iter().map(Vec::len).filter(|length| *length > 1).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [50, 50, 100, 100]);
        assert_eq!(jobs.iter().filter(|job| job.len() == 1).count(), 150);
        assert!(jobs.iter().all(|job| job.iter().all(|one| one.message_id == job[0].message_id)));
        assert_eq!(jobs.iter().map(Vec::len).sum::<usize>(), 450);
    }
}
