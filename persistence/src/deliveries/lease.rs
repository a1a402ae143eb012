//! The lease of a dispatcher: what it has claimed, and until when nobody takes over from it. Both are said by the dispatcher's row
//! and not by each delivery, so that a claim writes one row however much it claims, and renewing the lease never meets the journal,
//! which writes those deliveries all the time.
//!
//! A dispatcher exists from when it is registered until another takes over ([`super::recovery::take_over`]). What it has claimed is
//! its own until then, also when its lease has run out: only that anybody may take over then.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl as _;
use uuid::Uuid;

use super::sending;
use crate::door::Writer;
use crate::error::StoreResult;
use crate::fragment::{Fragment, listed};

/// Adds a dispatcher, which has claimed nothing.
///
/// # Errors
/// A failure of the database.
pub fn register(writer: &mut Writer<'_>, dispatcher: Uuid, until: DateTime<Utc>) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO dispatcher (dispatcher_id, leased_until) VALUES (");
    sql.bind(dispatcher).sql(", ").bind(until).sql(")");
    sql.execute(writer.conn)?;
    sending::add(writer, dispatcher)
}

/// Holds the lease of `owner` until `until`; answers whether it still was there.
///
/// # Errors
/// A failure of the database.
pub fn renew(writer: &mut Writer<'_>, owner: Uuid, until: DateTime<Utc>) -> StoreResult<bool> {
    let mut sql = Fragment::new("UPDATE dispatcher SET leased_until = ");
    sql.bind(until).sql(" WHERE dispatcher_id = ").bind(owner);
    Ok(sql.execute(writer.conn)? > 0)
}

/// Holds the lease of `owner` until `until`, with these deliveries as all that it has claimed and not begun to send; answers whether
/// it still was there.
///
/// # Errors
/// A failure of the database.
pub(super) fn hold(writer: &mut Writer<'_>, owner: Uuid, until: DateTime<Utc>, claimed: &[Uuid]) -> StoreResult<bool> {
    let mut sql = Fragment::new("UPDATE dispatcher SET leased_until = ");
    sql.bind(until).sql(", claimed = ").bind(listed(claimed.iter().copied()));
    sql.sql(" WHERE dispatcher_id = ").bind(owner);
    Ok(sql.execute(writer.conn)? > 0)
}

/// Lets go of what `owner` has claimed; what it is sending stays its own.
///
/// # Errors
/// A failure of the database.
pub fn let_go(writer: &mut Writer<'_>, owner: Uuid) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE dispatcher SET claimed = '' WHERE dispatcher_id = ");
    sql.bind(owner);
    sql.execute(writer.conn)?;
    Ok(())
}

/// `(…)`, what is not for `owner` to claim: what others have claimed, `held`, which it has claimed before, and what anybody is sending.
pub(super) fn taken(owner: Uuid, held: &[Uuid]) -> Fragment {
    let mut sql = Fragment::new("(SELECT ");
    sql.either("unnest(CAST('{' || c.ids || '}' AS uuid[]))", "unhex(id.value, '-')");
    sql.sql(" FROM (SELECT h.claimed AS ids FROM dispatcher h WHERE h.dispatcher_id <> ").bind(owner);
    sql.sql(" UNION ALL SELECT s.deliveries FROM sending s UNION ALL SELECT CAST(");
    sql.bind(listed(held.iter().copied())).sql(" AS TEXT)) c").either(")", ", json_each('[' || c.ids || ']') id)");
    sql
}
