//! A worker: one message in flight.

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::eligibility::{Channel, exclusion_at_dispatch};
use domain::mailing::UnknownOutcome;
use domain::mailing::retry::{Outcome, after};
use domain::mailing::state::DeliveryState;
use persistence::deliveries::claimed::{Claimed, shown};
use persistence::deliveries::journal::{Attempt, Finish};
use persistence::deliveries::queue::put_off;
use persistence::deliveries::sending::ToSend;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use uuid::Uuid;

use super::connections::{Connections, Letter};
use super::inbox::Inbox;
use super::journal::{Begun, Entry};
use super::mailings::LoadError;
use super::parts::PartError;
use super::queue::Job;
use super::{Shared, blame};
use crate::message::{Addressees, MessageError, SentMailing};

/// The longest a worker waits after faults of the relay, doubling from one second.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a message waits for an attachment that cannot be read.
const FILES_PAUSE: TimeDelta = TimeDelta::seconds(10);

pub(super) struct Worker {
    pub shared: Arc<Shared>,
    pub jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    pub journal: Arc<Inbox<Entry>>,
    pub connections: Arc<Connections>,
    pub stopping: watch::Receiver<bool>,
}

/// A message that can be sent, with the deliveries that it is: one for each recipient of its envelope.
struct Prepared {
    claimed: Vec<Claimed>,
    letter: Letter,
}

/// What can be done with the deliveries of one message.
#[derive(Default)]
struct Preparation {
    ready: Option<Prepared>,
    /// Outcomes of those that cannot or may not be sent.
    instead: Vec<Finish>,
    /// Those that the database or the file store failed.
    given_back: Vec<Uuid>,
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

    /// Finds all that the message of these deliveries takes.
    async fn prepare(&self, job: Job) -> Preparation {
        let mut preparation = Preparation::default();
        let mut claimed = Vec::with_capacity(job.len());
        for one in job {
            match exclusion_at_dispatch(one.deceased, one.archived) {
                None => claimed.push(one),
                Some(reason) => {
                    let skipped = self.given_up(&one, DeliveryState::Skipped, "skipped", String::new());
                    preparation.instead.push(Finish { reason: Some(reason.code().into_owned()), ..skipped });
                }
            }
        }
        match self.find(&claimed).await {
            Ok(Found::Email(letter)) => preparation.ready = Some(Prepared { claimed, letter }),
            Ok(Found::Nothing) => {}
            Ok(Found::Portal(sent)) => preparation.instead.push(*sent),
            Err(Unbuilt::Unusable(detail)) => preparation.instead.extend(self.unusable(&claimed, &detail)),
            Err(Unbuilt::NotNow) => preparation.given_back = claimed.iter().map(|one| one.delivery_id).collect(),
        }
        preparation
    }

    /// What the one message of these deliveries is made of.
    async fn find(&self, claimed: &[Claimed]) -> Result<Found, Unbuilt> {
        let Some(first) = claimed.first() else { return Ok(Found::Nothing) };
        let mailing = match self.shared.mailings.get(&self.shared.db, first.mailing_id).await {
            Ok(mailing) => mailing,
            Err(LoadError::Store(error)) => {
                log::error!("mailing {} cannot be read: {error}", first.mailing_id);
                return Err(Unbuilt::NotNow);
            }
            Err(error) => return Err(Unbuilt::Unusable(error.to_string())),
        };
        if first.channel == Channel::Internetviesti {
            return Ok(Found::Portal(Box::new(self.to_portal(first, &mailing)?)));
        }
        let attachments = mailing.attachments(first.version_no);
        let parts = match self.shared.parts.of(&self.shared.settings.files, &attachments).await {
            Ok(parts) => parts,
            Err(PartError::Build(error)) => return Err(Unbuilt::Unusable(error.to_string())),
            Err(error) => {
                log::error!("an attachment of mailing {} cannot be read: {error}", first.mailing_id);
                let ids = claimed.iter().map(|one| one.delivery_id).collect();
                self.put_off(ids, format!("an attachment cannot be read: {error}")).await;
                return Err(Unbuilt::NotNow);
            }
        };
        let addressees = self.addressees(first, claimed).await?;
        let (version_no, merge_values) = (first.version_no, first.merge_values.clone());
        Ok(Found::Email(Letter { mailing, addressees, version_no, merge_values, parts }))
    }

    /// Deliveries whose message cannot be made have failed.
    fn unusable(&self, claimed: &[Claimed], detail: &str) -> Vec<Finish> {
        let failed = claimed.iter().map(|one| {
            log::error!("delivery {} cannot be built: {detail}", one.delivery_id);
            self.given_up(one, DeliveryState::Failed, "unusable", detail.to_owned())
        });
        failed.collect()
    }

    async fn addressees(&self, first: &Claimed, claimed: &[Claimed]) -> Result<Addressees, Unbuilt> {
        let addresses = claimed.iter().map(|one| one.address.clone().ok_or(MessageError::Lacking("address")));
        let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
        let Some(message_id) = first.message_id else {
            let address = addresses.into_iter().next().ok_or(MessageError::Lacking("address"))?;
            return Ok(Addressees::alone(first.delivery_id, address));
        };
        match self.shared.db.read(move |reader| shown(reader, message_id)).await {
            Ok(shown) => Ok(Addressees::together(message_id, shown, addresses)),
            Err(error) => {
                log::error!("the recipients of message {message_id} cannot be read: {error}");
                Err(Unbuilt::NotNow)
            }
        }
    }

    fn given_up(&self, claimed: &Claimed, state: DeliveryState, outcome: &'static str, detail: String) -> Finish {
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

    /// A message in the portal needs no attempt: that it is there and that it was sent is one transaction.
    fn to_portal(&self, claimed: &Claimed, mailing: &SentMailing) -> Result<Finish, MessageError> {
        let now = self.shared.clock.now();
        let party_id = claimed.party_id.ok_or(MessageError::Lacking("party"))?;
        let message = mailing.portal_message(party_id, claimed.version_no, &claimed.merge_values, now)?;
        let sent = self.given_up(claimed, DeliveryState::Sent, "sent", String::new());
        Ok(Finish { message: Some(Box::new(message)), attempts: claimed.attempts.saturating_add(1), ..sent })
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

    /// Has them tried again when the file store may have recovered.
    async fn put_off(&self, ids: Vec<Uuid>, detail: String) {
        let until = self.shared.clock.now() + FILES_PAUSE;
        let count = ids.len();
        let written = self.shared.db.write(move |writer| put_off(writer, &ids, until, &detail));
        if let Err(error) = written.await {
            log::warn!("{count} deliveries cannot be put off: {error}");
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

/// What a delivery became when it was made ready.
enum Found {
    /// What its message is made of.
    Email(Letter),
    /// A message in the portal, which is its own outcome.
    Portal(Box<Finish>),
    /// There was none.
    Nothing,
}

/// Why there is no message.
enum Unbuilt {
    /// There never will be.
    Unusable(String),
    /// What it takes cannot be read now.
    NotNow,
}

impl From<MessageError> for Unbuilt {
    fn from(error: MessageError) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Keeps the items whose place is marked.
fn keep<T>(items: &mut Vec<T>, marked: &[bool]) {
    let mut marks = marked.iter();
    items.retain(|_| marks.next().copied().unwrap_or(false));
}
