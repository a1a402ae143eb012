//! What each dispatcher is sending: begun, and without an outcome. The dispatcher's own row says it, and none of the deliveries: beginning
//! writes one row however many begin, and a delivery is written once, with its outcome.
//!
//! The row is also a fence. Who takes over from a dispatcher removes it ([`super::recovery::take_over`]), and without it nothing can
//! be begun: what a dispatcher has claimed is its own for as long as its row is there.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use super::journal::Attempt;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, listed};
use crate::types::{DbId, UuidT};

/// A delivery that is being sent, and since when.
pub type BeingSent = (Uuid, DateTime<Utc>);

/// Adds the row of a dispatcher, which is sending nothing.
pub(super) fn add(writer: &mut Writer<'_>, dispatcher: Uuid) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO sending (dispatcher_id) VALUES (");
    sql.bind(dispatcher).sql(")");
    sql.execute(writer.conn)?;
    Ok(())
}

/// A delivery that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToSend {
    pub mailing_id: Uuid,
    pub delivery_id: Uuid,
}

/// Has `dispatcher` send `still` and, since `now`, those of `begun` whose mailing is being sent; answers which these are. None when
/// another has taken over from it.
pub(super) fn put(
    writer: &mut Writer<'_>,
    dispatcher: Uuid,
    now: DateTime<Utc>,
    still: &[BeingSent],
    begun: &[ToSend],
) -> StoreResult<Option<HashSet<Uuid>>> {
    let before = listed(still.iter().map(|(id, _)| *id));
    let beyond = if before.is_empty() { 1 } else { before.len() + 2 };
    let mut sql = Fragment::new("UPDATE sending SET since = ");
    sql.bind(times(still, now)).sql(", deliveries = CONCAT_WS(',', CAST(").bind((!before.is_empty()).then_some(before));
    sql.sql(" AS TEXT), ").append(may_begin(begun)).sql(") WHERE dispatcher_id = ").bind(dispatcher);
    sql.sql(" RETURNING SUBSTR(deliveries, CAST(").bind(i64::try_from(beyond).unwrap_or(i64::MAX));
    sql.sql(" AS INTEGER)) AS begun");
    let rows: Vec<BegunRow> = sql.load(writer.conn)?;
    rows.into_iter().next().map(|row| read_ids(&row.begun).collect()).transpose()
}

/// `(…)`, the ids of those that may be sent now, as [`listed`] writes them; null of none.
fn may_begin(begun: &[ToSend]) -> Fragment {
    let mut of_mailings: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for ToSend { mailing_id, delivery_id } in begun {
        of_mailings.entry(*mailing_id).or_default().push(*delivery_id);
    }
    if of_mailings.is_empty() {
        return Fragment::new("NULL");
    }
    let mut sql = Fragment::new("(SELECT string_agg(b.column2, ',') FROM (VALUES ");
    let mut separator = "(";
    for (mailing_id, ids) in of_mailings {
        sql.sql(separator).bind(mailing_id).sql(", ").bind(listed(ids)).sql(")");
        separator = ", (";
    }
    sql.sql(") b WHERE EXISTS (SELECT 1 FROM mailing m WHERE m.mailing_id = b.column1 AND m.status = 'sending'))");
    sql
}

#[derive(QueryableByName)]
struct BegunRow {
    #[diesel(sql_type = Text)]
    begun: String,
}

/// Removes the rows of dispatchers; answers what they were sending.
pub(super) fn remove(writer: &mut Writer<'_>, dispatchers: &[Uuid]) -> StoreResult<Vec<(Uuid, Attempt)>> {
    let mut sql = Fragment::new("DELETE FROM sending WHERE dispatcher_id IN ");
    sql.list(dispatchers.iter().copied()).sql(" RETURNING dispatcher_id, deliveries, since");
    let mut found = Vec::new();
    for SendingRow { dispatcher_id, deliveries, since } in sql.one_off().load(writer.conn)? {
        let of = |started_at| Attempt { dispatcher: dispatcher_id.0, started_at };
        for (id, since) in read_ids(&deliveries).zip(read_times(&since)) {
            found.push((id?, of(since?)));
        }
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct SendingRow {
    #[diesel(sql_type = UuidT)]
    dispatcher_id: DbId,
    #[diesel(sql_type = Text)]
    deliveries: String,
    #[diesel(sql_type = Text)]
    since: String,
}

/// `(…)`, the deliveries that any dispatcher is sending.
pub(crate) fn being_sent() -> Fragment {
    let mut sql = Fragment::new("(SELECT ");
    sql.either(
        "unnest(CAST('{' || s.deliveries || '}' AS uuid[])) FROM sending s)",
        "unhex(id.value, '-') FROM sending s, json_each('[' || s.deliveries || ']') id)",
    );
    sql
}

/// The state of the delivery `d` as it is shown: `sending` is no state in its row.
pub(crate) fn state_of_delivery() -> Fragment {
    let mut sql = Fragment::new("CASE WHEN d.due_at IS NOT NULL AND d.delivery_id IN ");
    sql.append(being_sent()).sql(" THEN 'sending' ELSE d.state END");
    sql
}

/// How many attempts are in flight: begun, and without an outcome.
///
/// # Errors
/// A failure of the database.
pub fn in_flight(reader: &mut Reader<'_>) -> StoreResult<i64> {
    let mut sql = Fragment::new("SELECT COUNT(*) AS number FROM ");
    sql.append(being_sent()).sql(" b");
    let rows: Vec<NumberRow> = sql.load(reader.conn)?;
    Ok(rows.first().map_or(0, |row| row.number))
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Since when: times in microseconds of 1970, each with how many it is of, in the order of `still`; the last is `now`, of those that
/// begin behind them.
fn times(still: &[BeingSent], now: DateTime<Utc>) -> String {
    let mut times = String::new();
    for same in still.chunk_by(|(_, one), (_, next)| one == next) {
        if let Some((_, since)) = same.first() {
            // Writing to a text cannot fail.
            let _ = write!(times, "{}*{},", since.timestamp_micros(), same.len());
        }
    }
    let _ = write!(times, "{}", now.timestamp_micros());
    times
}

/// The times in their order, the last again and again.
fn read_times(times: &str) -> impl Iterator<Item = StoreResult<DateTime<Utc>>> {
    times.split(',').flat_map(move |entry| {
        let (time, count) = entry.split_once('*').unwrap_or((entry, ""));
        let count = if count.is_empty() { Some(usize::MAX) } else { count.parse().ok() };
        let micros = time.parse().ok().and_then(DateTime::from_timestamp_micros).filter(|_| count.is_some());
        // One that cannot be read is an error, and not none.
        let count = count.unwrap_or(1);
        std::iter::repeat_n(micros, count)
            .map(move |since| since.ok_or_else(|| StoreError::Inconsistent(format!("sending.since: {times}"))))
    })
}

fn read_ids(ids: &str) -> impl Iterator<Item = StoreResult<Uuid>> {
    ids.split(',').filter(|id| !id.is_empty()).map(|id| {
        let uuid = Uuid::try_parse(id.trim_matches('"'));
        uuid.map_err(|_unreadable| StoreError::Inconsistent(format!("sending.deliveries: {id}")))
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn times_and_ids_read_as_they_were_written_and_the_last_time_goes_on() {
        let now = DateTime::from_timestamp_micros(1_800_000_000_000_007).unwrap();
        let ago = |number: u8| now - TimeDelta::microseconds(i64::from(number / 2));
        let still = [2, 3, 4].map(|number: u8| (Uuid::from_u128(number.into()), ago(number)));
        let written = times(&still, now);
        assert_eq!(written, "1800000000000006*2,1800000000000005*1,1800000000000007");
        let read: Vec<_> = read_times(&written).take(5).map(Result::unwrap).collect();
        assert_eq!(read, [still[0].1, still[1].1, still[2].1, now, now]);
        let ids = still.map(|(id, _)| id);
        assert_eq!(read_ids(&listed(ids)).map(Result::unwrap).collect::<Vec<_>>(), ids);
        assert_eq!(read_ids("").count(), 0);
        assert!(read_ids("\"x\"").any(|id| id.is_err()) && read_times("").take(1).any(|time| time.is_err()));
        assert!(read_times("1*x,2").take(1).any(|time| time.is_err()));
    }
}
