//! The journal of attempts: an attempt is committed before its wire call, its outcome after it. Entries of several workers
//! share one transaction.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::contact::Contact;
use domain::eligibility::Channel;
use domain::ids::new_id;
use domain::internetviesti::{Internetviesti, InternetviestiId};
use domain::mailing::state::DeliveryState;
use uuid::Uuid;

use super::lease;
use super::queue::release_some;
use crate::connection::AnyConnection;
use crate::contacts;
use crate::door::Writer;
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::{insert_rows, update_rows};
use crate::internetviestit::{self, Author};
use crate::types::{DbId, UuidT};

/// An attempt about to be made.
#[derive(Debug, Clone)]
pub struct Start {
    pub attempt_id: Uuid,
    pub delivery_id: Uuid,
    /// Which of the dispatcher's workers, from 0.
    pub worker: i64,
    pub at: DateTime<Utc>,
}

/// How an attempt ended, and where that leaves its delivery.
#[derive(Debug, Clone)]
pub struct Finish {
    /// None for a delivery that was given up without an attempt.
    pub attempt_id: Option<Uuid>,
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
}

/// A message in the portal that a mailing makes for one recipient.
#[derive(Debug, Clone)]
pub struct PortalMessage {
    pub message: Internetviesti,
    pub author: Author,
}

/// Records starts; answers which of them hold the lease of `owner`, of a mailing that is being sent, and may go on the wire.
/// The others must not be sent, and are given back.
///
/// # Errors
/// A failure of the database.
pub fn start(writer: &mut Writer<'_>, owner: Uuid, starts: &[Start]) -> StoreResult<Vec<bool>> {
    let Some(latest) = starts.iter().map(|start| start.at).max() else { return Ok(Vec::new()) };
    by_index(writer)?;
    let mut sql = Fragment::new("UPDATE delivery SET state = 'sending' WHERE delivery_id ");
    sql.among(starts.iter().map(|start| start.delivery_id));
    // What follows is only tested (`IS TRUE`): found by anything but their ids, the deliveries would be read with all others.
    sql.sql(" AND (lease_owner = ").bind(owner).sql(" AND lease_owner IN ").append(lease::held(latest));
    sql.sql(
        " AND state IN ('queued', 'deferred') AND EXISTS (SELECT 1 FROM mailing m \
             WHERE m.mailing_id = delivery.mailing_id AND m.status = 'sending')) IS TRUE RETURNING delivery_id",
    );
    let granted: HashSet<Uuid> =
        sql.load::<DeliveryRow>(writer.conn)?.into_iter().map(|row| row.delivery_id.0).collect();
    let may_start: Vec<bool> = starts.iter().map(|start| granted.contains(&start.delivery_id)).collect();
    let ids = starts.iter().map(|start| start.delivery_id);
    let refused: Vec<Uuid> = ids.filter(|id| !granted.contains(id)).collect();
    if !refused.is_empty() {
        release_some(writer, owner, &refused)?;
    }
    let begun = starts.iter().filter(|start| granted.contains(&start.delivery_id)).map(|start| {
        let Start { attempt_id, delivery_id, worker, at } = start;
        [Value::from(*attempt_id), (*delivery_id).into(), owner.into(), (*worker).into(), (*at).into()]
    });
    insert_rows(
        writer,
        "INSERT INTO delivery_attempt (attempt_id, delivery_id, dispatcher, worker, started_at)",
        begun,
        "",
    )?;
    Ok(may_start)
}

#[derive(QueryableByName)]
struct DeliveryRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
}

/// Records outcomes; each sent message becomes a contact of everyone it was for.
///
/// A late outcome is a truth too: it is recorded even when the lease has been lost meanwhile.
///
/// # Errors
/// A failure of the database.
pub fn finish(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    by_index(writer)?;
    finish_attempts(writer, outcomes)?;
    let messages = add_messages(writer, outcomes)?;
    finish_deliveries(writer, outcomes)?;
    let sent: Vec<&Finish> = outcomes.iter().filter(|outcome| outcome.state == DeliveryState::Sent).collect();
    add_contacts(writer, &sent, &messages)
}

/// Adds the messages in the portal, by delivery. One whose delivery has been sent already is there.
fn add_messages(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<HashMap<Uuid, InternetviestiId>> {
    let mut added = HashMap::new();
    for ended in outcomes {
        let Some(PortalMessage { message, author }) = ended.message.as_deref() else { continue };
        let mut sql = Fragment::new("SELECT delivery_id FROM delivery WHERE state <> 'sent' AND delivery_id = ");
        sql.bind(ended.delivery_id);
        if !sql.load::<DeliveryRow>(writer.conn)?.is_empty() {
            added.insert(ended.delivery_id, internetviestit::insert(writer, message, false, author)?);
        }
    }
    Ok(added)
}

fn finish_attempts(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<()> {
    let rows = outcomes.iter().filter_map(|ended| {
        let Finish { attempt_id, at, outcome, code, detail, .. } = ended;
        Some([(*attempt_id)?.into(), (*at).into(), (*outcome).into(), (*code).into(), detail.as_str().into()])
    });
    update_rows(
        writer,
        "WITH ended (attempt_id, finished_at, outcome, code, detail) AS (",
        rows,
        ") UPDATE delivery_attempt SET finished_at = ended.finished_at, outcome = ended.outcome, code = ended.code, \
         detail = ended.detail FROM ended WHERE delivery_attempt.attempt_id = ended.attempt_id",
        "delivery_attempt.attempt_id",
    )
}

fn finish_deliveries(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<()> {
    let sent: HashSet<Uuid> =
        outcomes.iter().filter(|ended| ended.state == DeliveryState::Sent).map(|ended| ended.delivery_id).collect();
    // What is known to have been sent is sent, whatever a second worker met.
    let telling =
        outcomes.iter().filter(|ended| ended.state == DeliveryState::Sent || !sent.contains(&ended.delivery_id));
    let rows = telling.map(|ended| {
        let Finish {
            attempt_id: _,
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
        } = ended;
        let sent_at = (*state == DeliveryState::Sent).then_some(*at);
        [
            (*delivery_id).into(),
            state.as_str().into(),
            reason.clone().into(),
            (*attempts).into(),
            due_at.unwrap_or(*at).into(),
            sent_at.into(),
            (*code).into(),
            detail.as_str().into(),
        ]
    });
    update_rows(
        writer,
        "WITH ended (delivery_id, state, reason, attempts, due_at, sent_at, code, detail) AS (",
        rows,
        // What is sent stays so, whatever a second dispatcher met.
        ") UPDATE delivery SET lease_owner = NULL, state = ended.state, reason = ended.reason, \
         attempts = ended.attempts, due_at = ended.due_at, sent_at = ended.sent_at, last_code = ended.code, \
         last_detail = ended.detail FROM ended WHERE delivery.delivery_id = ended.delivery_id \
         AND delivery.state NOT IN ('sent', 'bounced')",
        "delivery.delivery_id",
    )
}

/// Has PostgreSQL plan what follows in this transaction by indexes. A plan is kept, also from when the tables were so small that
/// to read them whole was best.
fn by_index(writer: &mut Writer<'_>) -> StoreResult<()> {
    if let AnyConnection::Postgresql(conn) = &mut *writer.conn {
        conn.batch_execute("SET LOCAL enable_seqscan = off")?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct RowOfDelivery {
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = BigInt)]
    row_no: i64,
    #[diesel(sql_type = BigInt)]
    party_id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    channel: String,
}

fn add_contacts(
    writer: &mut Writer<'_>,
    sent: &[&Finish],
    messages: &HashMap<Uuid, InternetviestiId>,
) -> StoreResult<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let mut sql = Fragment::new(
        "SELECT mailing_id, delivery_id, row_no, party_id, channel FROM mailing_row \
         WHERE party_id IS NOT NULL AND delivery_id ",
    );
    sql.among(sent.iter().map(|outcome| outcome.delivery_id)).sql(" ORDER BY mailing_id, row_no");
    let rows: Vec<RowOfDelivery> = sql.load(writer.conn)?;
    let sent_at: HashMap<Uuid, DateTime<Utc>> = sent.iter().map(|outcome| (outcome.delivery_id, outcome.at)).collect();
    let mut contacts = Vec::with_capacity(rows.len());
    for row in rows {
        let channel = Channel::parse(&row.channel)
            .ok_or_else(|| StoreError::Inconsistent(format!("mailing_row.channel: {}", row.channel)))?;
        let Some(at) = sent_at.get(&row.delivery_id.0) else { continue };
        let contact = Contact {
            internetviesti_id: messages.get(&row.delivery_id.0).copied(),
            ..Contact::of_mailing(new_id(), row.party_id, channel, *at, row.mailing_id.0, row.delivery_id.0)
        };
        contacts.push((contact, row.row_no));
    }
    contacts::add(writer, contacts)
}
