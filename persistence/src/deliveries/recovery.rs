//! After a crash: what a dispatcher that is gone had claimed is free again, and its attempts in flight are settled.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::journal::Attempt;
use super::sending;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::types::{DbId, UuidT};

/// A delivery that was being sent when its dispatcher's lease ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub delivery_id: Uuid,
    pub mailing_id: Uuid,
    /// Attempts that counted, without the one that was cut off.
    pub attempts: i64,
    /// The attempt that was cut off.
    pub attempt: Attempt,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    dispatcher_id: DbId,
}

#[derive(QueryableByName)]
struct InterruptedRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
}

/// Whether [`take_over`] would find any.
///
/// # Errors
/// A failure of the database.
pub fn any_gone(reader: &mut Reader<'_>, heir: Uuid, now: DateTime<Utc>) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT dispatcher_id FROM dispatcher WHERE ");
    sql.append(gone(heir, now)).sql(" LIMIT 1");
    Ok(!sql.load::<IdRow>(reader.conn)?.is_empty())
}

/// Removes the dispatchers whose lease has run out, all but `heir`, with what they had claimed; answers the deliveries whose attempt
/// has no outcome. The caller settles them in the same transaction, by [`super::journal::settle`]. A dispatcher that was only slow
/// finds that it is no more: it can begin nothing, and goes on under a new id.
///
/// # Errors
/// A failure of the database.
pub fn take_over(writer: &mut Writer<'_>, heir: Uuid, now: DateTime<Utc>) -> StoreResult<Vec<Interrupted>> {
    let mut sql = Fragment::new("DELETE FROM dispatcher WHERE ");
    sql.append(gone(heir, now)).sql(" RETURNING dispatcher_id");
    let gone: Vec<Uuid> = sql.load::<IdRow>(writer.conn)?.into_iter().map(|row| row.dispatcher_id.0).collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let attempts: HashMap<Uuid, Attempt> = sending::remove(writer, &gone)?.into_iter().collect();
    let mut sql = Fragment::new("SELECT delivery_id, mailing_id, attempts FROM delivery WHERE delivery_id ");
    sql.among(attempts.keys().copied()).sql(" AND due_at IS NOT NULL ORDER BY delivery_id");
    let rows: Vec<InterruptedRow> = sql.load(writer.conn)?;
    let with_attempt = rows.into_iter().filter_map(|row| {
        let attempt = *attempts.get(&row.delivery_id.0)?;
        Some(Interrupted {
            delivery_id: row.delivery_id.0,
            mailing_id: row.mailing_id.0,
            attempts: row.attempts,
            attempt,
        })
    });
    Ok(with_attempt.collect())
}

fn gone(heir: Uuid, now: DateTime<Utc>) -> Fragment {
    let mut sql = Fragment::new("leased_until <= ");
    sql.bind(now).sql(" AND dispatcher_id <> ").bind(heir);
    sql
}
