//! From resolved rows to frozen ones, with their deliveries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::new_id;
use domain::mailing::resolve::ResolvedRow;
use domain::mailing::state::{DeliveryState, Progress};
use persistence::Writer;
use persistence::mailings::{self, FrozenRow};
use uuid::Uuid;

use crate::problem::Problem;

/// Gives rows their deliveries, and freezes them.
pub(super) struct Freezer {
    mailing_id: Uuid,
    now: DateTime<Utc>,
    /// The delivery of each row so far, for rows that share it.
    deliveries: Vec<Option<Uuid>>,
    /// The message of each version that several rows get together.
    messages: HashMap<usize, Uuid>,
}

impl Freezer {
    /// One that has frozen nothing yet.
    pub(super) fn new(mailing_id: Uuid, now: DateTime<Utc>) -> Self {
        Self { mailing_id, now, deliveries: Vec::new(), messages: HashMap::new() }
    }

    /// How many rows it has frozen.
    pub(super) fn count(&self) -> usize {
        self.deliveries.len()
    }

    /// How far the mailing is when it begins: who gets a message waits for it.
    pub(super) fn progress(&self) -> Progress {
        let queued = self.deliveries.iter().flatten().count();
        let counted = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Progress::from_counts([
            (DeliveryState::Queued, counted(queued)),
            (DeliveryState::Skipped, counted(self.count() - queued)),
        ])
    }

    /// Freezes the next rows.
    pub(super) fn freeze(
        &mut self,
        writer: &mut Writer<'_>,
        rows: impl Iterator<Item = ResolvedRow>,
    ) -> Result<(), Problem> {
        let frozen = rows.map(|row| self.frozen(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(mailings::freeze(writer, self.mailing_id, frozen, self.now)?)
    }

    fn frozen(&mut self, row: ResolvedRow) -> Result<FrozenRow, Problem> {
        let ResolvedRow {
            party_id,
            name,
            addressed_as,
            channel,
            address,
            language,
            version,
            merge_values,
            reason,
            shared_with,
            together,
        } = row;
        let delivery_id = match (&reason, shared_with) {
            (Some(_), _) => None,
            (None, None) => Some(new_id()),
            (None, Some(first)) => {
                let index = usize::try_from(first).ok().and_then(|first| first.checked_sub(1));
                index.and_then(|index| self.deliveries.get(index).copied().flatten())
            }
        };
        self.deliveries.push(delivery_id);
        let message_id =
            version.filter(|_| together).map(|version| *self.messages.entry(version).or_insert_with(new_id));
        Ok(FrozenRow {
            row_no: i64::try_from(self.deliveries.len()).map_err(Problem::internal)?,
            party_id,
            name,
            addressed_as,
            channel: channel.as_str(),
            address,
            language,
            version_no: version.map(i64::try_from).transpose().map_err(Problem::internal)?,
            merge_values: serde_json::to_string(&merge_values).map_err(Problem::internal)?,
            reason: reason.map(|reason| reason.code().into_owned()),
            shared: shared_with.map(|_| "duplicate_address"),
            delivery_id,
            message_id,
        })
    }
}
