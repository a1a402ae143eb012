//! How far mailings are: their rows, counted by state.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::mailing::state::{DeliveryState, Progress};
use uuid::Uuid;

use crate::deliveries::listing::state_shown;
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UuidT};

#[derive(QueryableByName)]
struct StateCount {
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How far these mailings are; one that has no rows is not in the answer.
///
/// # Errors
/// A failure of the database.
pub fn progress(reader: &mut Reader<'_>, mailing_ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Progress>> {
    let mut sql = Fragment::new("SELECT r.mailing_id, ");
    sql.append(state_shown()).sql(
        " AS state, COUNT(*) AS count FROM mailing_row r \
         LEFT JOIN delivery d ON d.delivery_id = r.delivery_id WHERE r.mailing_id IN ",
    );
    sql.list(mailing_ids.iter().copied()).sql(" GROUP BY 1, 2");
    let mut counts: HashMap<Uuid, Vec<(DeliveryState, i64)>> = HashMap::new();
    for row in sql.load::<StateCount>(reader.conn)? {
        counts.entry(row.mailing_id.0).or_default().push((read_state(&row.state)?, row.count));
    }
    Ok(counts.into_iter().map(|(id, counts)| (id, Progress::from_counts(counts))).collect())
}

pub(crate) fn read_state(word: &str) -> StoreResult<DeliveryState> {
    DeliveryState::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("delivery.state: {word}")))
}
