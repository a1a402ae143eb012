//! What becomes of a mailing: sent, paused, resumed, finished.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::mailing::state::{DeliveryState, MailingStatus};
use uuid::Uuid;

use super::IdRow;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::filter_uses;
use crate::fragment::Fragment;
use crate::schema::{mailing, mailing_preview};
use crate::types::{DbId, UtcTime};

/// Marks a draft as sent: from now on it is in the dispatcher's hands.
///
/// # Errors
/// A failure of the database.
pub fn mark_sent(
    writer: &mut Writer<'_>,
    mailing_id: Uuid,
    version: i64,
    (content_hash, recipients_hash): (&str, &str),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let now = UtcTime::from(now);
    diesel::update(mailing::table.find(DbId(mailing_id)))
        .set((
            mailing::version.eq(version),
            mailing::status.eq(MailingStatus::Sending.as_str()),
            mailing::content_hash.eq(content_hash),
            mailing::recipients_hash.eq(recipients_hash),
            mailing::updated_at.eq(now),
            mailing::sent_at.eq(now),
            mailing::sent_by.eq(by),
        ))
        .execute(writer.conn)?;
    diesel::delete(mailing_preview::table.find(DbId(mailing_id))).execute(writer.conn)?;
    // Its rows are frozen: what its filters named matters to it no more.
    filter_uses::set(writer, mailing_id, [])
}

/// Pauses a mailing that is being sent; answers whether it was.
///
/// # Errors
/// A failure of the database.
pub fn pause(writer: &mut Writer<'_>, mailing_id: Uuid, reason: &str, now: DateTime<Utc>) -> StoreResult<bool> {
    let changed = diesel::update(mailing::table.find(DbId(mailing_id)))
        .filter(mailing::status.eq(MailingStatus::Sending.as_str()))
        .set((
            mailing::version.eq(mailing::version + 1),
            mailing::status.eq(MailingStatus::Paused.as_str()),
            mailing::pause_reason.eq(reason),
            mailing::updated_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    Ok(changed > 0)
}

/// Continues a paused mailing, what waited included; answers whether it was paused.
///
/// # Errors
/// A failure of the database.
pub fn resume(writer: &mut Writer<'_>, mailing_id: Uuid, now: DateTime<Utc>) -> StoreResult<bool> {
    let changed = diesel::update(mailing::table.find(DbId(mailing_id)))
        .filter(mailing::status.eq(MailingStatus::Paused.as_str()))
        .set((
            mailing::version.eq(mailing::version + 1),
            mailing::status.eq(MailingStatus::Sending.as_str()),
            mailing::pause_reason.eq(None::<String>),
            mailing::updated_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    let mut sql = Fragment::new("UPDATE delivery SET due_at = ");
    sql.bind(now).sql(" WHERE mailing_id = ").bind(mailing_id);
    sql.sql(" AND state = ").bind(DeliveryState::Queued.as_str()).sql(" AND due_at > ").bind(now);
    if changed > 0 {
        sql.execute(writer.conn)?;
    }
    Ok(changed > 0)
}

/// Marks every mailing as finished that has nothing left to do; returns how many.
///
/// # Errors
/// A failure of the database.
pub fn finish_done(writer: &mut Writer<'_>, now: DateTime<Utc>) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE mailing SET version = version + 1, status = ");
    sql.bind(MailingStatus::Finished.as_str()).sql(", finished_at = ").bind(now).sql(", updated_at = ").bind(now);
    sql.sql(" WHERE ");
    push_done(&mut sql);
    Ok(sql.execute(writer.conn)?)
}

/// Whether [`finish_done`] would mark any.
///
/// # Errors
/// A failure of the database.
pub fn any_done(reader: &mut Reader<'_>) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT mailing.mailing_id FROM mailing WHERE ");
    push_done(&mut sql);
    sql.sql(" LIMIT 1");
    Ok(!sql.load::<IdRow>(reader.conn)?.is_empty())
}

/// Nothing is open ([`DeliveryState::is_open`]), in the words of the partial index, so that it serves: what is being sent is
/// due until it has an outcome.
fn push_done(sql: &mut Fragment) {
    sql.sql("mailing.status = ").bind(MailingStatus::Sending.as_str()).sql(
        " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.mailing_id = mailing.mailing_id \
         AND d.due_at IS NOT NULL)",
    );
}
