//! The journal of attempts: that an attempt is being made is committed with its delivery before the wire call, the attempt with
//! its outcome after it. Entries of several workers share one transaction.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::contact::Contact;
use domain::ids::new_id;
use domain::internetviesti::{Internetviesti, InternetviestiId};
use domain::mailing::state::DeliveryState;
use uuid::Uuid;

use super::by_index;
use super::claimed::Told;
use super::sending::{self, BeingSent, ToSend};
use crate::contacts;
use crate::door::Writer;
use crate::error::StoreResult;
use crate::fragment::Value;
use crate::insert::{insert_rows, update_rows};
use crate::internetviestit::{self, Author};
use crate::schema::delivery;
use crate::types::DbId;

/// An attempt that was made: who made it, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub dispatcher: Uuid,
    pub started_at: DateTime<Utc>,
}

/// How an attempt ended, and where that leaves its delivery.
#[derive(Debug, Clone)]
pub struct Finish {
    /// None for a delivery that was given up without an attempt.
    pub attempt: Option<Attempt>,
    pub delivery_id: Uuid,
    pub at: DateTime<Utc>,
    /// The word for the journal, for instance `sent`.
    pub outcome: &'static str,
    pub code: Option<i64>,
    pub detail: String,
    pub state: DeliveryState,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// When the next attempt is due.
    pub due_at: Option<DateTime<Utc>>,
    /// Attempts that counted, this one included.
    pub attempts: i64,
    /// The message in the portal that is the delivery: it is added with the outcome, once.
    pub message: Option<Box<PortalMessage>>,
    /// Whom it tells: each gets a contact when it is sent.
    pub told: Vec<Told>,
}

/// A message in the portal that a mailing makes for one recipient.
#[derive(Debug, Clone)]
pub struct PortalMessage {
    pub message: Internetviesti,
    pub author: Author,
}

/// Records how attempts ended, and which deliveries `owner` begins to send at `now`, while it is `still` sending others; answers which
/// of those it may: nobody has taken over from it, and their mailing is being sent. The others must not be sent. It must have claimed
/// them, so that nobody else is at them, and be sending none of them.
///
/// Each message that was sent becomes a contact of everyone it was for. A late outcome is a truth too: it is recorded even when
/// another has taken over meanwhile. The same may be recorded again, with the same `now`, by whoever does not know whether it was.
///
/// # Errors
/// A failure of the database.
pub fn record(
    writer: &mut Writer<'_>,
    owner: Uuid,
    now: DateTime<Utc>,
    ended: &[Finish],
    still: &[BeingSent],
    begun: &[ToSend],
) -> StoreResult<Vec<bool>> {
    by_index(writer)?;
    // Before the deliveries are written: who takes over waits for this row, and holds none of them.
    let granted = sending::put(writer, owner, now, still, begun)?;
    finish(writer, ended, granted.is_some().then_some(owner))?;
    let is_granted = |delivery_id| granted.as_ref().is_some_and(|granted| granted.contains(delivery_id));
    Ok(begun.iter().map(|one| is_granted(&one.delivery_id)).collect())
}

/// Records how attempts ended that are not its own: their dispatcher is gone.
///
/// # Errors
/// A failure of the database.
pub fn settle(writer: &mut Writer<'_>, ended: &[Finish]) -> StoreResult<()> {
    by_index(writer)?;
    finish(writer, ended, None)
}

/// `owner` is who holds what it is sending.
fn finish(writer: &mut Writer<'_>, outcomes: &[Finish], owner: Option<Uuid>) -> StoreResult<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let messages = add_messages(writer, outcomes)?;
    let mut changed: HashSet<Uuid> = finish_deliveries(writer, outcomes)?.into_iter().collect();
    // What had been sent before has its contacts, and what is told twice gets them once.
    let newly_sent = |ended: &&Finish| ended.state == DeliveryState::Sent && changed.remove(&ended.delivery_id);
    let (sent, others): (Vec<&Finish>, Vec<&Finish>) = outcomes.iter().partition(newly_sent);
    // Its delivery tells it, unless who took over may have written down already that it was cut off.
    let is_told = |ended: &&&Finish| ended.attempt.is_some_and(|attempt| Some(attempt.dispatcher) == owner);
    let untold = sent.iter().filter(|ended| !is_told(ended));
    add_attempts(writer, others.iter().chain(untold).copied())?;
    add_contacts(writer, &sent, &messages)
}

/// Adds the messages in the portal, by delivery. One whose delivery has been sent already is there.
fn add_messages(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<HashMap<Uuid, InternetviestiId>> {
    let mut added = HashMap::new();
    for ended in outcomes {
        let Some(PortalMessage { message, author }) = ended.message.as_deref() else { continue };
        let state = delivery::table.find(DbId(ended.delivery_id)).select(delivery::state);
        let state: Option<String> = state.first(writer.conn).optional()?;
        if state.is_some_and(|state| state != DeliveryState::Sent.as_str()) {
            added.insert(ended.delivery_id, internetviestit::insert(writer, message, false, author)?);
        }
    }
    Ok(added)
}

/// Adds the attempts. One that another dispatcher has settled as cut off meanwhile is told anew.
fn add_attempts<'a>(writer: &mut Writer<'_>, outcomes: impl Iterator<Item = &'a Finish>) -> StoreResult<()> {
    let rows = outcomes.filter_map(|ended| {
        let Finish { attempt, delivery_id, at, outcome, code, detail, .. } = ended;
        let Attempt { dispatcher, started_at } = (*attempt)?;
        Some([
            Value::from(*delivery_id),
            started_at.into(),
            dispatcher.into(),
            (*at).into(),
            (*outcome).into(),
            (*code).into(),
            detail.as_str().into(),
        ])
    });
    insert_rows(
        writer,
        "INSERT INTO delivery_attempt (delivery_id, started_at, dispatcher, finished_at, outcome, code, detail)",
        rows,
        " ON CONFLICT (delivery_id, started_at, dispatcher) DO UPDATE SET finished_at = excluded.finished_at, \
         outcome = excluded.outcome, code = excluded.code, detail = excluded.detail",
    )
}

/// Answers which deliveries it changed: not those that had been sent.
fn finish_deliveries(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<Vec<Uuid>> {
    let sent: HashSet<Uuid> =
        outcomes.iter().filter(|ended| ended.state == DeliveryState::Sent).map(|ended| ended.delivery_id).collect();
    // What is known to have been sent is sent, whatever a second worker met, and as the first one tells.
    let mut untold = sent.clone();
    let telling = outcomes.iter().filter(|ended| match ended.state {
        DeliveryState::Sent => untold.remove(&ended.delivery_id),
        _ => !sent.contains(&ended.delivery_id),
    });
    let rows = telling.map(|ended| {
        let Finish {
            attempt,
            delivery_id,
            at,
            outcome: _,
            code,
            detail,
            state,
            reason,
            due_at,
            attempts,
            message: _,
            told: _,
        } = ended;
        let sent_at = (*state == DeliveryState::Sent).then_some(*at);
        let sent_by = attempt.filter(|_| sent_at.is_some()).map(|attempt| attempt.dispatcher);
        [
            (*delivery_id).into(),
            state.as_str().into(),
            reason.clone().into(),
            (*attempts).into(),
            state.is_open().then(|| due_at.unwrap_or(*at)).into(),
            sent_at.into(),
            attempt.map(|attempt| attempt.started_at).into(),
            sent_by.into(),
            (*code).into(),
            detail.as_str().into(),
        ]
    });
    update_rows(
        writer,
        "WITH ended (delivery_id, state, reason, attempts, due_at, sent_at, begun_at, sent_by, code, detail) AS (",
        rows,
        // What is sent stays so, whatever a second dispatcher met.
        ") UPDATE delivery SET state = ended.state, reason = ended.reason, \
         attempts = ended.attempts, due_at = ended.due_at, sent_at = ended.sent_at, begun_at = ended.begun_at, sent_by = ended.sent_by, last_code = ended.code, \
         last_detail = ended.detail FROM ended WHERE delivery.delivery_id = ended.delivery_id \
         AND delivery.state NOT IN ('sent', 'bounced') RETURNING delivery.delivery_id",
    )
}

fn add_contacts(
    writer: &mut Writer<'_>,
    sent: &[&Finish],
    messages: &HashMap<Uuid, InternetviestiId>,
) -> StoreResult<()> {
    let mut contacts = Vec::with_capacity(sent.len());
    for Finish { delivery_id, at, told, .. } in sent {
        for Told { mailing_id, row_no, party_id, channel } in told {
            let contact = Contact {
                internetviesti_id: messages.get(delivery_id).copied(),
                ..Contact::of_mailing(new_id(), *party_id, *channel, *at, *mailing_id, *delivery_id)
            };
            contacts.push((contact, *row_no));
        }
    }
    contacts::add(writer, contacts)
}
