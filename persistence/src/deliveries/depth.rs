//! How much is waiting in the delivery queue.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use domain::mailing::state::DeliveryState;

use super::sending::state_of_delivery;
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::types::UtcTime;

/// The deliveries of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    pub state: DeliveryState,
    pub deliveries: i64,
    /// When the first of them was or will be due; of `unknown`, when its attempt began.
    pub oldest_due: Option<DateTime<Utc>>,
}

/// The states that somebody waits for: the dispatcher's, and `unknown`, which waits for a person.
const WAITING: [DeliveryState; 4] =
    [DeliveryState::Queued, DeliveryState::Deferred, DeliveryState::Sending, DeliveryState::Unknown];

#[derive(QueryableByName)]
struct DepthRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    deliveries: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    oldest_due: Option<UtcTime>,
}

/// How many deliveries are not done, by state, those without any included. Reads the queue and not the deliveries of the
/// past: each part has a partial index for its condition.
///
/// # Errors
/// A failure of the database.
pub fn depth(reader: &mut Reader<'_>) -> StoreResult<Vec<Depth>> {
    let mut sql = Fragment::new("SELECT ");
    sql.append(state_of_delivery());
    sql.sql(
        " AS state, COUNT(*) AS deliveries, MIN(d.due_at) AS oldest_due FROM delivery d \
         WHERE d.due_at IS NOT NULL GROUP BY 1 \
         UNION ALL SELECT 'unknown', COUNT(*), MIN(begun_at) FROM delivery WHERE state = 'unknown'",
    );
    let rows: Vec<DepthRow> = sql.load(reader.conn)?;
    let of_state = |state: DeliveryState| {
        let row = rows.iter().find(|row| row.state == state.as_str());
        Depth {
            state,
            deliveries: row.map_or(0, |row| row.deliveries),
            oldest_due: row.and_then(|row| row.oldest_due).map(DateTime::from),
        }
    };
    Ok(WAITING.map(of_state).to_vec())
}
