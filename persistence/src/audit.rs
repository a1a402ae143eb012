//! Who was shown what, and who did what: events that are only ever added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::ids::new_id;
use serde_json::Value;

use crate::door::Writer;
use crate::error::StoreResult;
use crate::schema::audit_event;
use crate::types::{DbId, UtcTime};

/// One event.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    pub at: DateTime<Utc>,
    /// Whose token it was.
    pub subject: String,
    /// Stable snake_case word, for instance `protected_party_disclosed`.
    pub action: &'static str,
    /// What was concerned: ids, never the data itself.
    pub details: Value,
    pub request_id: String,
}

/// Adds an event.
///
/// # Errors
/// A failure of the database.
pub fn record(writer: &mut Writer<'_>, event: &AuditEvent) -> StoreResult<()> {
    diesel::insert_into(audit_event::table)
        .values((
            audit_event::event_id.eq(DbId(new_id())),
            audit_event::at.eq(UtcTime::from(event.at)),
            audit_event::subject.eq(&event.subject),
            audit_event::action.eq(event.action),
            audit_event::details.eq(event.details.to_string()),
            audit_event::request_id.eq(&event.request_id),
        ))
        .execute(writer.conn)?;
    Ok(())
}

/// How many events of an action there are.
///
/// # Errors
/// A failure of the database.
pub fn count(reader: &mut crate::door::Reader<'_>, action: &str) -> StoreResult<i64> {
    Ok(audit_event::table.filter(audit_event::action.eq(action)).count().get_result(reader.conn)?)
}
