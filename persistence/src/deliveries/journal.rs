//! The journal of attempts: an attempt is committed before its wire call, its outcome after it. Entries of several workers
//! share one transaction.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::contact::Contact;
use domain::eligibility::Channel;
use domain::ids::new_id;
use domain::mailing::state::DeliveryState;
use uuid::Uuid;

use super::queue::release_one;
use crate::contacts;
use crate::door::Writer;
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::types::{DbId, UuidT};

/// An attempt about to be made.
#[derive(Debug, Clone)]
pub struct Start {
    pub attempt_id: Uuid,
    pub delivery_id: Uuid,
    /// The dispatcher that holds the lease.
    pub owner: Uuid,
    /// Which of its workers, from 0.
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
}

/// Records starts; answers which of them hold their lease, of a mailing that is being sent, and may go on the wire. The
/// others must not be sent, and are given back.
///
/// # Errors
/// A failure of the database.
pub fn start(writer: &mut Writer<'_>, starts: &[Start]) -> StoreResult<Vec<bool>> {
    starts.iter().map(|start| start_one(writer, start)).collect()
}

fn start_one(writer: &mut Writer<'_>, start: &Start) -> StoreResult<bool> {
    let Start { attempt_id, delivery_id, owner, worker, at } = start;
    let mut sql = Fragment::new("UPDATE delivery SET state = 'sending' WHERE delivery_id = ");
    sql.bind(*delivery_id).sql(" AND lease_owner = ").bind(*owner).sql(" AND leased_until > ").bind(*at);
    sql.sql(
        " AND state IN ('queued', 'deferred') AND EXISTS (SELECT 1 FROM mailing m \
             WHERE m.mailing_id = delivery.mailing_id AND m.status = 'sending')",
    );
    if sql.execute(writer.conn)? == 0 {
        release_one(writer, *owner, *delivery_id)?;
        return Ok(false);
    }
    let mut sql =
        Fragment::new("INSERT INTO delivery_attempt (attempt_id, delivery_id, dispatcher, worker, started_at) VALUES ");
    sql.list([Value::from(*attempt_id), (*delivery_id).into(), (*owner).into(), (*worker).into(), (*at).into()]);
    sql.execute(writer.conn)?;
    Ok(true)
}

/// Records outcomes; each sent message becomes a contact of everyone it was for.
///
/// A late outcome is a truth too: it is recorded even when the lease has been lost meanwhile.
///
/// # Errors
/// A failure of the database.
pub fn finish(writer: &mut Writer<'_>, outcomes: &[Finish]) -> StoreResult<()> {
    for outcome in outcomes {
        finish_one(writer, outcome)?;
    }
    let sent: Vec<&Finish> = outcomes.iter().filter(|outcome| outcome.state == DeliveryState::Sent).collect();
    add_contacts(writer, &sent)
}

fn finish_one(writer: &mut Writer<'_>, outcome: &Finish) -> StoreResult<()> {
    let Finish { attempt_id, delivery_id, at, outcome, code, detail, state, reason, due_at, attempts } = outcome;
    if let Some(attempt_id) = attempt_id {
        let mut sql = Fragment::new("UPDATE delivery_attempt SET finished_at = ");
        sql.bind(*at).sql(", outcome = ").bind(*outcome).sql(", code = ").bind(*code).sql(", detail = ");
        sql.bind(detail.as_str()).sql(" WHERE attempt_id = ").bind(*attempt_id);
        sql.execute(writer.conn)?;
    }
    let sent_at = (*state == DeliveryState::Sent).then_some(*at);
    let mut sql = Fragment::new("UPDATE delivery SET lease_owner = NULL, leased_until = NULL, state = ");
    sql.bind(state.as_str()).sql(", reason = ").bind(reason.clone()).sql(", attempts = ").bind(*attempts);
    sql.sql(", due_at = ").bind(due_at.unwrap_or(*at)).sql(", sent_at = ").bind(sent_at);
    sql.sql(", last_code = ").bind(*code).sql(", last_detail = ").bind(detail.as_str());
    sql.sql(" WHERE delivery_id = ").bind(*delivery_id);
    // What is known to have been sent stays sent, whatever a second dispatcher met.
    sql.sql(" AND state NOT IN ('sent', 'bounced')");
    sql.execute(writer.conn)?;
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

fn add_contacts(writer: &mut Writer<'_>, sent: &[&Finish]) -> StoreResult<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let mut sql = Fragment::new(
        "SELECT mailing_id, delivery_id, row_no, party_id, channel FROM mailing_row WHERE delivery_id IN ",
    );
    sql.list(sent.iter().map(|outcome| outcome.delivery_id)).sql(" ORDER BY mailing_id, row_no");
    let rows: Vec<RowOfDelivery> = sql.load(writer.conn)?;
    let mut contacts = Vec::with_capacity(rows.len());
    for row in rows {
        let channel = Channel::parse(&row.channel)
            .ok_or_else(|| StoreError::Inconsistent(format!("mailing_row.channel: {}", row.channel)))?;
        let Some(outcome) = sent.iter().find(|outcome| outcome.delivery_id == row.delivery_id.0) else { continue };
        let contact =
            Contact::of_mailing(new_id(), row.party_id, channel, outcome.at, row.mailing_id.0, row.delivery_id.0);
        contacts.push((contact, row.row_no));
    }
    contacts::add(writer, contacts)
}
