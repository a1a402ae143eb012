//! Read marks: who has read what.

use chrono::{DateTime, Utc};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::InternetviestiId;
use domain::register::PartyId;

use super::portal::{ListFilter, Source, push_is_shown, push_source};
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};

/// How many messages a party has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Unread {
    /// Addressed to the party.
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
    /// Bulletins of its properties.
    #[diesel(sql_type = BigInt)]
    pub bulletins: i64,
}

/// Marks a message as read by a party. The first mark stays.
///
/// # Errors
/// A failure of the database.
pub fn mark_read(
    writer: &mut Writer<'_>,
    id: InternetviestiId,
    party_id: PartyId,
    at: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO internetviesti_read (internetviesti_id, party_id, read_at) VALUES ");
    sql.list([Value::from(id), party_id.into(), at.into()])
        .sql(" ON CONFLICT (internetviesti_id, party_id) DO NOTHING");
    sql.execute(writer.conn)?;
    Ok(())
}

/// How many of the messages that are shown to a party now it has not read.
///
/// # Errors
/// A failure of the database.
pub fn unread(reader: &mut Reader<'_>, party_id: PartyId, filter: &ListFilter) -> StoreResult<Unread> {
    let source = Source::Party { party_id, bulletins: true };
    let mut sql = Fragment::new("");
    let counts = "COUNT(s.party_id) AS messages, COUNT(*) - COUNT(s.party_id) AS bulletins";
    push_source(&mut sql, &source, filter.today, &[counts]);
    sql.sql(" AND ");
    push_is_shown(&mut sql, filter.now);
    sql.sql(" AND NOT EXISTS (SELECT 1 FROM internetviesti_read r WHERE r.internetviesti_id = i.internetviesti_id AND r.party_id = ");
    sql.bind(party_id).sql(")");
    Ok(sql.get_result(reader.conn)?)
}
