//! The lease of a dispatcher: what it has claimed, and for how long that is its own. Both are said by the dispatcher's row and not
//! by each delivery, so that a claim writes one row however much it claims, and renewing the lease never meets the journal, which
//! writes those deliveries all the time.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl as _;
use uuid::Uuid;

use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::StoreResult;
use crate::fragment::{Fragment, listed};

/// Holds the lease of `owner` until `until`, whether it had one or not.
///
/// # Errors
/// A failure of the database.
pub fn renew(writer: &mut Writer<'_>, owner: Uuid, until: DateTime<Utc>) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO dispatcher (dispatcher_id, leased_until) VALUES (");
    sql.bind(owner).sql(", ").bind(until);
    sql.sql(") ON CONFLICT (dispatcher_id) DO UPDATE SET leased_until = excluded.leased_until");
    sql.execute(writer.conn)?;
    Ok(())
}

/// Holds the lease of `owner` until `until`, with these deliveries as all that it has claimed and not begun to send.
///
/// # Errors
/// A failure of the database.
pub(super) fn hold(writer: &mut Writer<'_>, owner: Uuid, until: DateTime<Utc>, claimed: &[Uuid]) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO dispatcher (dispatcher_id, leased_until, claimed) VALUES (");
    sql.bind(owner).sql(", ").bind(until).sql(", ").bind(listed(claimed.iter().copied()));
    sql.sql(
        ") ON CONFLICT (dispatcher_id) DO UPDATE SET leased_until = excluded.leased_until, claimed = excluded.claimed",
    );
    sql.execute(writer.conn)?;
    Ok(())
}

/// Lets go of what `owner` has claimed; its lease holds for what it is sending.
///
/// # Errors
/// A failure of the database.
pub fn let_go(writer: &mut Writer<'_>, owner: Uuid) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE dispatcher SET claimed = '' WHERE dispatcher_id = ");
    sql.bind(owner);
    sql.execute(writer.conn)?;
    Ok(())
}

/// Forgets the leases that ran out before `before`: none is the same as one that has run out.
///
/// # Errors
/// A failure of the database.
pub fn forget(writer: &mut Writer<'_>, before: DateTime<Utc>) -> StoreResult<usize> {
    let mut sql = Fragment::new("DELETE FROM dispatcher WHERE leased_until < ");
    sql.bind(before);
    Ok(sql.execute(writer.conn)?)
}

/// `(…)`, the dispatchers whose lease holds at `now`.
pub(super) fn held(now: DateTime<Utc>) -> Fragment {
    let mut sql = Fragment::new("(SELECT h.dispatcher_id FROM dispatcher h WHERE h.leased_until > ");
    sql.bind(now).sql(")");
    sql
}

/// `(…)`, what is not for `owner` to claim: what others have claimed under a lease that holds at `now`, and `held`, which it has
/// claimed before.
pub(super) fn claimed(conn: &AnyConnection, owner: Uuid, now: DateTime<Utc>, held: &[Uuid]) -> Fragment {
    let (before, after) = match conn {
        AnyConnection::Postgresql(_) => ("(SELECT unnest(CAST('{' || c.ids || '}' AS uuid[]))", " c)"),
        AnyConnection::Sqlite(_) => ("(SELECT unhex(id.value, '-')", " c, json_each('[' || c.ids || ']') id)"),
    };
    let mut sql = Fragment::new(before);
    sql.sql(" FROM (SELECT h.claimed AS ids FROM dispatcher h WHERE h.leased_until > ").bind(now);
    sql.sql(" AND h.dispatcher_id <> ").bind(owner).sql(" UNION ALL SELECT CAST(").bind(listed(held.iter().copied()));
    sql.sql(" AS TEXT))").sql(after);
    sql
}
