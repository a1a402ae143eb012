//! Ids of our own making.

use uuid::Uuid;

/// A new UUIDv7: later ids sort after earlier ones of the same process.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
