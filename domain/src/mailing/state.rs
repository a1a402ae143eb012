//! The states of a mailing and of its rows, and when a mailing is finished (RULES 6).

use serde::{Deserialize, Serialize};

/// The state of a delivery, and of a row: a row has the state of its newest delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent.
    Queued,
    /// Claimed: an attempt may be in flight.
    Sending,
    /// Handed over.
    Sent,
    /// Refused for now; another attempt is due later.
    Deferred,
    /// Refused for good.
    Failed,
    /// It may or may not have gone out.
    Unknown,
    /// Left out, with a reason.
    Skipped,
    /// Called off before it went out.
    Cancelled,
    /// Handed over and come back.
    Bounced,
}

/// See [`DeliveryState`].
pub type RowState = DeliveryState;

impl DeliveryState {
    /// Every state, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Deferred,
        Self::Failed,
        Self::Unknown,
        Self::Skipped,
        Self::Cancelled,
        Self::Bounced,
    ];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Bounced => "bounced",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether something is still to be done: a mailing with such a row is not finished. A row in `unknown` is on hold; what
    /// is to be sent again is `queued` or `deferred`.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Deferred)
    }
}

/// The state of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailingStatus {
    /// Editable; nothing is frozen.
    Draft,
    /// Its rows are frozen and go out.
    Sending,
    /// Its rows are frozen and wait.
    Paused,
    /// See [`is_finished`].
    Finished,
    /// Called off; what had not gone out is `cancelled`.
    Cancelled,
}

impl MailingStatus {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Sending, Self::Paused, Self::Finished, Self::Cancelled];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// How many rows are in which state. `frozen` is their sum, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub frozen: i64,
    pub queued: i64,
    pub sending: i64,
    pub deferred: i64,
    pub sent: i64,
    pub bounced: i64,
    pub failed: i64,
    pub skipped: i64,
    pub cancelled: i64,
    pub unknown: i64,
}

impl Progress {
    /// Adds the counts up; a state may come several times or not at all.
    pub fn from_counts(counts: impl IntoIterator<Item = (DeliveryState, i64)>) -> Self {
        let mut progress = Self::default();
        for (state, count) in counts {
            let of_state = match state {
                DeliveryState::Queued => &mut progress.queued,
                DeliveryState::Sending => &mut progress.sending,
                DeliveryState::Sent => &mut progress.sent,
                DeliveryState::Deferred => &mut progress.deferred,
                DeliveryState::Failed => &mut progress.failed,
                DeliveryState::Unknown => &mut progress.unknown,
                DeliveryState::Skipped => &mut progress.skipped,
                DeliveryState::Cancelled => &mut progress.cancelled,
                DeliveryState::Bounced => &mut progress.bounced,
            };
            *of_state += count;
            progress.frozen += count;
        }
        progress
    }
}

/// Whether nothing of the mailing is left to do.
pub fn is_finished(progress: &Progress) -> bool {
    progress.queued == 0 && progress.sending == 0 && progress.deferred == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_words_read_back() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for status in MailingStatus::ALL {
            assert_eq!(MailingStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(DeliveryState::parse("Queued"), None);
        assert_eq!(MailingStatus::parse(""), None);
    }

    #[test]
    fn frozen_is_the_sum_of_all_states() {
        let progress =
            Progress::from_counts(DeliveryState::ALL.into_iter().zip(1..).chain([(DeliveryState::Sent, 10)]));
        assert_eq!(progress.frozen, 45 + 10);
        assert_eq!(progress.sent, 3 + 10);
        let Progress { frozen, queued, sending, deferred, sent, bounced, failed, skipped, cancelled, unknown } =
            progress;
        assert_eq!(frozen, queued + sending + deferred + sent + bounced + failed + skipped + cancelled + unknown);
        assert_eq!(Progress::from_counts([]), Progress::default());
    }

    #[test]
    fn a_mailing_is_finished_when_nothing_is_left_to_do() {
        for state in DeliveryState::ALL {
            let progress = Progress::from_counts([(DeliveryState::Sent, 5), (state, 1)]);
            assert_eq!(is_finished(&progress), !state.is_open(), "{state:?}");
        }
        assert!(is_finished(&Progress::default()));
    }
}
