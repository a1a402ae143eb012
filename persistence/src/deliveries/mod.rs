//! Deliveries: [`queue`] hands due ones to a dispatcher that holds a [`lease`], [`claimed`] reads what they send, [`journal`] records
//! each attempt before and after the wire call, [`sending`] says what is on its way, [`recovery`] finds what a crash cut off, [`listing`] shows the rows of a mailing,
//! [`depth`] counts what is waiting.

pub mod claimed;
pub mod depth;
pub mod journal;
pub mod lease;
pub mod listing;
pub mod queue;
pub mod recovery;
pub mod sending;

use diesel::connection::SimpleConnection;

use crate::connection::AnyConnection;
use crate::door::Reader;
use crate::error::StoreResult;

/// Has PostgreSQL plan what follows in this transaction row by row, by indexes. Of tables that were filled a moment ago, and of
/// how many ids a statement is given, it knows nothing, and would read whole tables, or compare each id with each. A plan is
/// kept, also from when the tables were so small that to read them whole was best. Nor is it to start processes for what it cannot
/// but read whole: that takes longer than to read it.
fn by_index(reader: &mut Reader<'_>) -> StoreResult<()> {
    if let AnyConnection::Postgresql(conn) = &mut *reader.conn {
        conn.batch_execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
             SET LOCAL max_parallel_workers_per_gather = 0",
        )?;
    }
    Ok(())
}
