//! Whose fault it was: faults of the relay in a row, by mailing (RULES 6).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::mailing::retry::{Outcome, RELAY_FAULT, relay_pauses};
use persistence::mailings::pause;
use uuid::Uuid;

use super::Shared;

/// The faults of the relay since its last answer, and since when, by mailing.
#[derive(Default)]
pub(super) struct Blame(Mutex<HashMap<Uuid, (u32, DateTime<Utc>)>>);

impl Blame {
    /// Notes an outcome; answers whether the mailing is to be paused now.
    fn note(&self, mailing_id: Uuid, outcome: &Outcome, now: DateTime<Utc>, patience: TimeDelta) -> bool {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(outcome, Outcome::RelayFault { .. }) {
            faults.remove(&mailing_id);
            return false;
        }
        let (count, since) = faults.entry(mailing_id).or_insert((0, now));
        *count += 1;
        let pauses = relay_pauses(*count, *since, now, patience);
        if pauses {
            faults.remove(&mailing_id);
        }
        pauses
    }
}

/// Notes an outcome, and pauses the mailing when the relay has been at fault for too long.
pub(super) async fn note(shared: &Shared, mailing_id: Uuid, outcome: &Outcome) {
    let now = shared.clock.now();
    let patience = TimeDelta::from_std(shared.settings.relay_patience).unwrap_or(TimeDelta::MAX);
    if !shared.blame.note(mailing_id, outcome, now, patience) {
        return;
    }
    match shared.db.write(move |writer| pause(writer, mailing_id, RELAY_FAULT, now)).await {
        Ok(true) => log::error!("mailing {mailing_id} paused itself: the relay is at fault ({})", outcome.text()),
        Ok(false) => {}
        Err(error) => log::error!("mailing {mailing_id} cannot be paused: {error}"),
    }
}
