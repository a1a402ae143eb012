//! After a crash: deliveries whose dispatcher is gone while an attempt was in flight.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use uuid::Uuid;

use super::lease;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::schema::delivery;
use crate::types::{DbId, UuidT};

/// A delivery that was `sending` when its dispatcher's lease ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub delivery_id: Uuid,
    pub mailing_id: Uuid,
    /// Attempts that counted, without the one that was cut off.
    pub attempts: i64,
    /// The attempt that was cut off.
    pub attempt_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct InterruptedRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = Nullable<UuidT>)]
    attempt_id: Option<DbId>,
}

/// Up to `limit` deliveries whose attempt has no outcome and whose dispatcher's lease has run out. The caller settles them in the same
/// transaction, by [`super::journal::finish`].
///
/// # Errors
/// A failure of the database.
pub fn interrupted(writer: &mut Writer<'_>, now: DateTime<Utc>, limit: i64) -> StoreResult<Vec<Interrupted>> {
    let mut sql = Fragment::new(
        "SELECT d.delivery_id, d.mailing_id, d.attempts, (SELECT a.attempt_id FROM delivery_attempt a \
         WHERE a.delivery_id = d.delivery_id AND a.outcome IS NULL ORDER BY a.attempt_id DESC LIMIT 1) AS attempt_id \
         FROM delivery d WHERE d.state = 'sending' AND d.lease_owner IS NOT NULL AND d.lease_owner NOT IN ",
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
            attempt_id: row.attempt_id.map(|id| id.0),
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
