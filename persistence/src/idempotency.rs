//! What was answered to a request with an Idempotency-Key, committed in the same transaction as its effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::StoreResult;
use crate::schema::idempotency_key;
use crate::types::UtcTime;

/// Which request it is: a key belongs to one caller and one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The subject of the caller's token.
    pub subject: String,
    /// Method and path.
    pub operation: String,
    /// The key as the caller gave it.
    pub key: String,
    /// Hash of the request's body, by which another request under the same key is recognised.
    pub fingerprint: String,
}

/// An answer as it is given again.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StoredAnswer {
    pub fingerprint: String,
    pub status: i64,
    /// JSON object of header names and values.
    pub headers: String,
    pub body: String,
}

/// What is known of a request at the beginning of its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: do it, and [`store`] the answer.
    New,
    /// Another transaction is doing it right now.
    InFlight,
    /// It was done; this was the answer.
    Answered(StoredAnswer),
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Looks the request up, and keeps others with the same key out until the transaction ends.
///
/// # Errors
/// A failure of the database.
pub fn begin(writer: &mut Writer<'_>, request: &RequestKey) -> StoreResult<Known> {
    // SQLite lets one writer in at a time.
    if let AnyConnection::Postgresql(conn) = &mut *writer.conn {
        let name = format!("{}\n{}\n{}", request.subject, request.operation, request.key);
        let lock: Locked = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7)) AS locked")
            .bind::<Text, _>(name)
            .get_result(conn)?;
        if !lock.locked {
            return Ok(Known::InFlight);
        }
    }
    let answer = idempotency_key::table
        .filter(idempotency_key::subject.eq(&request.subject))
        .filter(idempotency_key::operation.eq(&request.operation))
        .filter(idempotency_key::key.eq(&request.key))
        .select((
            idempotency_key::fingerprint,
            idempotency_key::status,
            idempotency_key::headers,
            idempotency_key::body,
        ))
        .first::<StoredAnswer>(writer.conn)
        .optional()?;
    Ok(answer.map_or(Known::New, Known::Answered))
}

/// Keeps the answer.
///
/// # Errors
/// A failure of the database.
pub fn store(
    writer: &mut Writer<'_>,
    request: &RequestKey,
    answer: &StoredAnswer,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    diesel::insert_into(idempotency_key::table)
        .values((
            idempotency_key::subject.eq(&request.subject),
            idempotency_key::operation.eq(&request.operation),
            idempotency_key::key.eq(&request.key),
            idempotency_key::fingerprint.eq(&answer.fingerprint),
            idempotency_key::status.eq(answer.status),
            idempotency_key::headers.eq(&answer.headers),
            idempotency_key::body.eq(&answer.body),
            idempotency_key::created_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    Ok(())
}

/// Forgets answers given before `before`; returns how many.
///
/// # Errors
/// A failure of the database.
pub fn forget(writer: &mut Writer<'_>, before: DateTime<Utc>) -> StoreResult<usize> {
    Ok(diesel::delete(idempotency_key::table.filter(idempotency_key::created_at.lt(UtcTime::from(before))))
        .execute(writer.conn)?)
}
