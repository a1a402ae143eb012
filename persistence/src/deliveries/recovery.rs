//! After a crash: deliveries whose dispatcher is gone while an attempt was in flight.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamp};
use uuid::Uuid;

use super::journal::Attempt;
use super::lease;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::schema::delivery;
use crate::types::{DbId, UtcTime, UuidT};

/// A delivery that was `sending` when its dispatcher's lease ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub delivery_id: Uuid,
    pub mailing_id: Uuid,
    /// Attempts that counted, without the one that was cut off.
    pub attempts: i64,
    /// The attempt that was cut off.
    pub attempt: Option<Attempt>,
}

#[derive(QueryableByName)]
struct InterruptedRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = UuidT)]
    lease_owner: DbId,
    #[diesel(sql_type = Nullable<Timestamp>)]
    sending_since: Option<UtcTime>,
}

/// Up to `limit` deliveries whose attempt has no outcome and whose dispatcher's lease has run out. The caller settles them in the same
/// transaction, by [`super::journal::record`].
///
/// # Errors
/// A failure of the database.
pub fn interrupted(writer: &mut Writer<'_>, now: DateTime<Utc>, limit: i64) -> StoreResult<Vec<Interrupted>> {
    let mut sql = Fragment::new(
        "SELECT d.delivery_id, d.mailing_id, d.attempts, d.lease_owner, d.sending_since FROM delivery d \
         WHERE d.state = 'sending' AND d.lease_owner IS NOT NULL AND d.lease_owner NOT IN ",
    );
    sql.append(lease::held(now))
        .sql(" ORDER BY d.delivery_id LIMIT ")
        .bind(limit)
        .postgres(" FOR UPDATE OF d SKIP LOCKED");
    let rows: Vec<InterruptedRow> = sql.load(writer.conn)?;
    Ok(rows
        .into_iter()
        .map(|row| Interrupted {
            delivery_id: row.delivery_id.0,
            mailing_id: row.mailing_id.0,
            attempts: row.attempts,
            attempt: row.sending_since.map(|since| Attempt { dispatcher: row.lease_owner.0, started_at: since.into() }),
        })
        .collect())
}

/// How many attempts are in flight: begun, and without an outcome.
///
/// # Errors
/// A failure of the database.
pub fn in_flight(reader: &mut Reader<'_>) -> StoreResult<i64> {
    Ok(delivery::table.filter(delivery::state.eq("sending")).count().get_result(reader.conn)?)
}
