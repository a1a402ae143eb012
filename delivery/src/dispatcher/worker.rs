//! A worker: one message in flight.

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use domain::mailing::UnknownOutcome;
use domain::mailing::retry::{Outcome, after};
use domain::mailing::state::DeliveryState;
use persistence::deliveries::claimed::Claimed;
use persistence::deliveries::journal::{Attempt, Finish};
use persistence::deliveries::sending::ToSend;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::connections::Connections;
use super::inbox::Inbox;
use super::journal::{Begun, Entry};
use super::preparing::{Preparation, Prepared};
use super::queue::Job;
use super::{Shared, blame};

/// The longest a worker waits after faults of the relay, doubling from one second.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Worker {
    pub shared: Arc<Shared>,
    pub jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    pub journal: Arc<Inbox<Entry>>,
    pub connections: Arc<Connections>,
    pub stopping: watch::Receiver<bool>,
}

impl Worker {
    /// Sends until the queue ends or a stop is asked for.
    pub(super) async fn run(mut self) {
        let mut finished = Vec::new();
        let mut faults = 0_u32;
        while !*self.stopping.borrow() {
            let Some(job) = self.next_job(&mut finished).await else { break };
            let Preparation { ready, instead, given_back } = self.prepare(job).await;
            // Somebody else may try.
            self.shared.claims.drop(&given_back);
            let Some(mut prepared) = ready else {
                self.record(take(&mut finished), Vec::new()).await;
                finished = instead;
                continue;
            };
            finished.extend(instead);
            let Some(attempt) = self.begin(&mut prepared, take(&mut finished)).await else { continue };
            let Prepared { claimed, letter } = prepared;
            let unknown_outcome = letter.mailing.unknown_outcome();
            let outcomes = match self.connections.send(letter).await {
                Some(Ok(outcomes)) => outcomes,
                Some(Err(error)) => {
                    finished = self.unusable(&claimed, &error.to_string());
                    continue;
                }
                None => {
                    finished = claimed.iter().map(|claimed| self.unbegun(claimed)).collect();
                    break;
                }
            };
            let fault = outcomes.iter().find(|outcome| matches!(outcome, Outcome::RelayFault { .. }));
            faults = if fault.is_some() { faults + 1 } else { 0 };
            let of_all = claimed.iter().zip(&outcomes);
            finished = of_all.map(|(claimed, told)| self.judge(claimed, unknown_outcome, attempt, told)).collect();
            if let (Some(outcome), Some(claimed)) = (fault.or(outcomes.first()), claimed.first()) {
                blame::note(&self.shared, claimed.mailing_id, outcome).await;
            }
            if faults > 0 {
                self.record(take(&mut finished), Vec::new()).await;
                self.pause(faults).await;
            }
        }
        self.record(finished, Vec::new()).await;
    }

    /// Journals an attempt of each delivery. Those that the journal does not grant are left out: another has taken over, or their
    /// mailing is paused. Answers what attempt of the others is being made; nothing when there is none.
    async fn begin(&self, prepared: &mut Prepared, finished: Vec<Finish>) -> Option<Attempt> {
        let of = |one: &Claimed| ToSend { mailing_id: one.mailing_id, delivery_id: one.delivery_id };
        let start = prepared.claimed.iter().map(of).collect();
        let Begun { attempt, granted } = self.record(finished, start).await?;
        keep(&mut prepared.claimed, &granted);
        keep(&mut prepared.letter.addressees.recipients, &granted);
        (!prepared.claimed.is_empty()).then_some(attempt)
    }

    /// The next message. An outcome is not kept waiting for it: when none is there yet, the outcome is recorded first.
    async fn next_job(&mut self, finished: &mut Vec<Finish>) -> Option<Job> {
        if !finished.is_empty() {
            let ready = match self.jobs.try_lock() {
                Ok(mut jobs) => jobs.try_recv().ok(),
                Err(_) => None,
            };
            if ready.is_some() {
                return ready;
            }
            self.record(take(finished), Vec::new()).await;
        }
        let jobs = Arc::clone(&self.jobs);
        tokio::select! {
            job = async move { jobs.lock().await.recv().await } => job,
            _ = self.stopping.changed() => None,
        }
    }

    /// Deliveries whose message cannot be made have failed.
    pub(super) fn unusable(&self, claimed: &[Claimed], detail: &str) -> Vec<Finish> {
        let failed = claimed.iter().map(|one| {
            log::error!("delivery {} cannot be built: {detail}", one.delivery_id);
            self.given_up(one, DeliveryState::Failed, "unusable", detail.to_owned())
        });
        failed.collect()
    }

    pub(super) fn given_up(
        &self,
        claimed: &Claimed,
        state: DeliveryState,
        outcome: &'static str,
        detail: String,
    ) -> Finish {
        Finish {
            attempt: None,
            delivery_id: claimed.delivery_id,
            at: self.shared.clock.now(),
            outcome,
            code: None,
            detail,
            state,
            reason: None,
            due_at: None,
            attempts: claimed.attempts,
            message: None,
            told: claimed.told.clone(),
        }
    }

    /// Back to the queue, as if it had not been claimed: its turn on a connection had not come when the dispatcher was to stop.
    fn unbegun(&self, claimed: &Claimed) -> Finish {
        self.given_up(claimed, DeliveryState::Queued, "unbegun", "the server stopped before its turn".to_owned())
    }

    fn judge(&self, claimed: &Claimed, policy: UnknownOutcome, attempt: Attempt, outcome: &Outcome) -> Finish {
        let now = self.shared.clock.now();
        let with_this = claimed.attempts.saturating_add(1);
        let next = after(outcome, u32::try_from(with_this).unwrap_or(u32::MAX), policy, now);
        Finish {
            attempt: Some(attempt),
            delivery_id: claimed.delivery_id,
            at: now,
            outcome: outcome.kind(),
            code: outcome.code().map(i64::from),
            detail: outcome.text().to_owned(),
            state: next.state,
            reason: None,
            due_at: next.due_at,
            attempts: if next.counts { with_this } else { claimed.attempts },
            message: None,
            told: claimed.told.clone(),
        }
    }

    /// Has the journal written; answers, after the commit, which of the deliveries may be sent.
    async fn record(&self, finish: Vec<Finish>, start: Vec<ToSend>) -> Option<Begun> {
        if finish.is_empty() && start.is_empty() {
            return None;
        }
        if !self.shared.settings.journal {
            return Some(Begun::unrecorded(&self.shared, &start));
        }
        let (done, answer) = oneshot::channel();
        self.journal.push(Entry { finish, start, done });
        answer.await.ok()
    }

    async fn pause(&mut self, faults: u32) {
        let pause = Duration::from_secs(1_u64 << faults.saturating_sub(1).min(5)).min(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.stopping.changed() => {}
        }
    }
}

/// Keeps the items whose place is marked.
fn keep<T>(items: &mut Vec<T>, marked: &[bool]) {
    let mut marks = marked.iter();
    items.retain(|_| marks.next().copied().unwrap_or(false));
}
