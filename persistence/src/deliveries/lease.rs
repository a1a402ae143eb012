//! The lease of a dispatcher: for how long what it has claimed is its own. It is the dispatcher's and not each delivery's, so
//! that renewing it never meets the journal, which writes those deliveries all the time.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl as _;
use uuid::Uuid;

use crate::door::Writer;
use crate::error::StoreResult;
use crate::fragment::Fragment;

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
