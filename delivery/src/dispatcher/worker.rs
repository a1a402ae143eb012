//! A worker: one message in flight.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::eligibility::{Channel, exclusion_at_dispatch};
use domain::ids::new_id;
use domain::mailing::retry::{Outcome, after};
use domain::mailing::state::DeliveryState;
use persistence::deliveries::journal::{Finish, Start};
use persistence::deliveries::queue::{Claimed, put_off, release_one};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use uuid::Uuid;

use super::connections::Connections;
use super::journal::Entry;
use super::mailings::LoadError;
use super::parts::PartError;
use super::{Shared, blame};
use crate::email::BuiltEmail;
use crate::message::{MessageError, SentMailing};

/// The longest a worker waits after faults of the relay, doubling from one second.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a message waits for an attachment that cannot be read.
const FILES_PAUSE: TimeDelta = TimeDelta::seconds(10);

pub(super) struct Worker {
    pub number: i64,
    pub shared: Arc<Shared>,
    pub jobs: Arc<Mutex<mpsc::Receiver<Claimed>>>,
    pub journal: mpsc::Sender<Entry>,
    pub connections: Arc<Connections>,
    pub stopping: watch::Receiver<bool>,
}

/// A message ready for the wire.
struct Prepared {
    claimed: Claimed,
    mailing: Arc<SentMailing>,
    email: BuiltEmail,
}

impl Worker {
    /// Sends until the queue ends or a stop is asked for.
    pub(super) async fn run(mut self) {
        let mut finished = None;
        let mut faults = 0_u32;
        while !*self.stopping.borrow() {
            let Some(claimed) = self.next_job(&mut finished).await else { break };
            let delivery_id = claimed.delivery_id;
            let prepared = match self.prepare(claimed).await {
                Ok(prepared) => prepared,
                Err(Some(instead)) => {
                    self.record(finished.take(), None).await;
                    finished = Some(instead);
                    continue;
                }
                Err(None) => {
                    self.give_back(delivery_id).await;
                    continue;
                }
            };
            let attempt_id = new_id();
            let start = Start {
                attempt_id,
                delivery_id: prepared.claimed.delivery_id,
                worker: self.number,
                at: self.shared.clock.now(),
            };
            if !self.record(finished.take(), Some(start)).await {
                // Its lease was lost, or its mailing paused: the journal gave it back.
                continue;
            }
            let outcome = self.connections.send(&prepared.email).await;
            faults = if matches!(outcome, Outcome::RelayFault { .. }) { faults + 1 } else { 0 };
            finished = Some(self.judge(&prepared, attempt_id, &outcome));
            blame::note(&self.shared, prepared.claimed.mailing_id, &outcome).await;
            if faults > 0 {
                self.record(finished.take(), None).await;
                self.pause(faults).await;
            }
        }
        self.record(finished, None).await;
    }

    /// The next message. An outcome is not kept waiting for it: when none is there yet, the outcome is recorded first.
    async fn next_job(&mut self, finished: &mut Option<Finish>) -> Option<Claimed> {
        if finished.is_some() {
            let ready = match self.jobs.try_lock() {
                Ok(mut jobs) => jobs.try_recv().ok(),
                Err(_) => None,
            };
            if ready.is_some() {
                return ready;
            }
            self.record(finished.take(), None).await;
        }
        let jobs = Arc::clone(&self.jobs);
        tokio::select! {
            claimed = async move { jobs.lock().await.recv().await } => claimed,
            _ = self.stopping.changed() => None,
        }
    }

    /// Renders and builds. What cannot or may not be sent comes back as an outcome instead, or as nothing when the database or
    /// the file store failed: then it is given back.
    async fn prepare(&self, claimed: Claimed) -> Result<Prepared, Option<Finish>> {
        if let Some(reason) = exclusion_at_dispatch(claimed.deceased, claimed.archived) {
            let mut skipped = self.given_up(&claimed, DeliveryState::Skipped, "skipped", String::new());
            skipped.reason = Some(reason.code().into_owned());
            return Err(Some(skipped));
        }
        let unusable = |detail: String| {
            log::error!("delivery {} cannot be built: {detail}", claimed.delivery_id);
            self.given_up(&claimed, DeliveryState::Failed, "unusable", detail)
        };
        let mailing = match self.shared.mailings.get(&self.shared.db, claimed.mailing_id).await {
            Ok(mailing) => mailing,
            Err(LoadError::Store(error)) => {
                log::error!("mailing {} cannot be read: {error}", claimed.mailing_id);
                return Err(None);
            }
            Err(error) => return Err(Some(unusable(error.to_string()))),
        };
        if claimed.channel == Channel::Internetviesti {
            return Err(Some(self.to_portal(&claimed, &mailing).unwrap_or_else(|error| unusable(error.to_string()))));
        }
        let attachments = mailing.attachments(claimed.version_no);
        let parts = match self.shared.parts.of(&self.shared.settings.files, &attachments).await {
            Ok(parts) => parts,
            Err(PartError::Build(error)) => return Err(Some(unusable(error.to_string()))),
            Err(error) => {
                log::error!("an attachment of mailing {} cannot be read: {error}", claimed.mailing_id);
                self.put_off(claimed.delivery_id, format!("an attachment cannot be read: {error}")).await;
                return Err(None);
            }
        };
        let Claimed { delivery_id, version_no, .. } = claimed;
        let email = mailing.email(delivery_id, claimed.address.as_deref(), version_no, &claimed.merge_values, parts);
        match email {
            Ok(email) => Ok(Prepared { claimed, mailing, email }),
            Err(error) => Err(Some(unusable(error.to_string()))),
        }
    }

    fn given_up(&self, claimed: &Claimed, state: DeliveryState, outcome: &'static str, detail: String) -> Finish {
        Finish {
            attempt_id: None,
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
        }
    }

    /// A message in the portal needs no attempt: that it is there and that it was sent is one transaction.
    fn to_portal(&self, claimed: &Claimed, mailing: &SentMailing) -> Result<Finish, MessageError> {
        let now = self.shared.clock.now();
        let message = mailing.portal_message(claimed.party_id, claimed.version_no, &claimed.merge_values, now)?;
        let sent = self.given_up(claimed, DeliveryState::Sent, "sent", String::new());
        Ok(Finish { message: Some(Box::new(message)), attempts: claimed.attempts.saturating_add(1), ..sent })
    }

    fn judge(&self, prepared: &Prepared, attempt_id: Uuid, outcome: &Outcome) -> Finish {
        let now = self.shared.clock.now();
        let with_this = prepared.claimed.attempts.saturating_add(1);
        let next =
            after(outcome, u32::try_from(with_this).unwrap_or(u32::MAX), prepared.mailing.unknown_outcome(), now);
        Finish {
            attempt_id: Some(attempt_id),
            delivery_id: prepared.claimed.delivery_id,
            at: now,
            outcome: outcome.kind(),
            code: outcome.code().map(i64::from),
            detail: outcome.text().to_owned(),
            state: next.state,
            reason: None,
            due_at: next.due_at,
            attempts: if next.counts { with_this } else { prepared.claimed.attempts },
            message: None,
        }
    }

    /// Has the journal written; answers, after the commit, whether the attempt may be made.
    async fn record(&self, finish: Option<Finish>, start: Option<Start>) -> bool {
        if finish.is_none() && start.is_none() {
            return false;
        }
        let (done, answer) = oneshot::channel();
        if self.journal.send(Entry { finish, start, done }).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }

    /// Lets somebody else try, a little later.
    async fn give_back(&self, delivery_id: Uuid) {
        let owner = self.shared.owner;
        if let Err(error) = self.shared.db.write(move |writer| release_one(writer, owner, delivery_id)).await {
            log::warn!("delivery {delivery_id} cannot be given back: {error}");
        }
    }

    /// Has it tried again when the file store may have recovered.
    async fn put_off(&self, delivery_id: Uuid, detail: String) {
        let (owner, until) = (self.shared.owner, self.shared.clock.now() + FILES_PAUSE);
        let written = self.shared.db.write(move |writer| put_off(writer, owner, delivery_id, until, &detail));
        if let Err(error) = written.await {
            log::warn!("delivery {delivery_id} cannot be put off: {error}");
        }
    }

    async fn pause(&mut self, faults: u32) {
        let pause = Duration::from_secs(1_u64 << faults.saturating_sub(1).min(5)).min(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.stopping.changed() => {}
        }
    }
}
