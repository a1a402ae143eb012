//! What it takes to make a message: whom it goes to, its attachments, and whether there is to be one at all.

use chrono::TimeDelta;
use domain::eligibility::{Channel, exclusion_at_dispatch};
use domain::mailing::state::DeliveryState;
use persistence::deliveries::claimed::{Claimed, shown};
use persistence::deliveries::journal::Finish;
use persistence::deliveries::queue::put_off;
use uuid::Uuid;

use super::connections::Letter;
use super::mailings::LoadError;
use super::parts::PartError;
use super::queue::Job;
use super::worker::Worker;
use crate::message::{Addressees, MessageError, SentMailing};

/// How long a message waits for an attachment that cannot be read.
const FILES_PAUSE: TimeDelta = TimeDelta::seconds(10);

/// A message that can be sent, with the deliveries that it is: one for each recipient of its envelope.
pub(super) struct Prepared {
    pub claimed: Vec<Claimed>,
    pub letter: Letter,
}

/// What can be done with the deliveries of one message.
#[derive(Default)]
pub(super) struct Preparation {
    pub ready: Option<Prepared>,
    /// Outcomes of those that cannot or may not be sent.
    pub instead: Vec<Finish>,
    /// Those that the database or the file store failed.
    pub given_back: Vec<Uuid>,
}

impl Worker {
    /// Finds all that the message of these deliveries takes.
    pub(super) async fn prepare(&self, job: Job) -> Preparation {
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

    /// A message in the portal needs no attempt: that it is there and that it was sent is one transaction.
    fn to_portal(&self, claimed: &Claimed, mailing: &SentMailing) -> Result<Finish, MessageError> {
        let now = self.shared.clock.now();
        let party_id = claimed.party_id.ok_or(MessageError::Lacking("party"))?;
        let message = mailing.portal_message(party_id, claimed.version_no, &claimed.merge_values, now)?;
        let sent = self.given_up(claimed, DeliveryState::Sent, "sent", String::new());
        Ok(Finish { message: Some(Box::new(message)), attempts: claimed.attempts.saturating_add(1), ..sent })
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
