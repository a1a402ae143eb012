//! What follows an attempt: whose fault it was, and when to try again (RULES 6).

use chrono::{DateTime, TimeDelta, Utc};

use crate::mailing::draft::UnknownOutcome;
use crate::mailing::state::DeliveryState;

/// How one attempt ended. `code` is the reply code of the relay, `text` what it or the connection said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took the message.
    Sent { code: u16, text: String },
    /// RCPT or DATA was answered with 5xx.
    RejectedPermanently { code: u16, text: String },
    /// RCPT or DATA was answered with 4xx.
    RejectedForNow { code: u16, text: String },
    /// The relay's fault (connect, greeting, TLS, login, MAIL FROM): certainly not sent, and not this recipient's doing.
    RelayFault { text: String },
    /// The connection went while the message was on its way: it may have been taken.
    Uncertain { text: String },
}

impl Outcome {
    /// The stable word for the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::RejectedPermanently { .. } => "rejected_permanently",
            Self::RejectedForNow { .. } => "rejected_for_now",
            Self::RelayFault { .. } => "relay_fault",
            Self::Uncertain { .. } => "uncertain",
        }
    }

    /// The relay's reply code, where it replied.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Sent { code, .. } | Self::RejectedPermanently { code, .. } | Self::RejectedForNow { code, .. } => {
                Some(*code)
            }
            Self::RelayFault { .. } | Self::Uncertain { .. } => None,
        }
    }

    /// What the relay or the connection said.
    pub fn text(&self) -> &str {
        match self {
            Self::Sent { text, .. }
            | Self::RejectedPermanently { text, .. }
            | Self::RejectedForNow { text, .. }
            | Self::RelayFault { text }
            | Self::Uncertain { text } => text,
        }
    }
}

/// Where a delivery stands after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub state: DeliveryState,
    /// When the next attempt is due; `None` when none is, also for an `unknown` that waits for someone to decide.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the attempt counts towards the last one; a fault of the relay's does not.
    pub counts: bool,
}

/// The waits after the first, second, … refused attempt; after as many attempts and one more the delivery has failed.
pub const BACKOFF: [TimeDelta; 7] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(2),
    TimeDelta::hours(4),
    TimeDelta::hours(8),
];

/// How long a row waits after a fault of the relay's.
pub const RELAY_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// How many faults of the relay in a row it takes, at least, before a mailing pauses itself.
pub const FAULTS_BEFORE_PAUSE: u32 = 5;

/// Why a mailing pauses itself.
pub const RELAY_FAULT: &str = "relay_fault";

/// Whether a mailing pauses itself (RULES 6): after several faults of the relay in a row, when they have gone on for longer
/// than the deployment's `patience`. A relay that is only being restarted needs nobody to resume anything.
pub fn relay_pauses(faults: u32, since: DateTime<Utc>, now: DateTime<Utc>, patience: TimeDelta) -> bool {
    faults >= FAULTS_BEFORE_PAUSE && now - since >= patience
}

/// How soon a message of unknown outcome is sent again under `resend`.
pub const RESEND_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// What follows `outcome`. `attempts_made` are those that count, this one included (1 after the first).
///
/// Under `resend` an uncertain message is tried again soon, then with the waits of [`BACKOFF`], and is put on hold when
/// those are used up: it is never called failed, because it may have arrived.
pub fn after(outcome: &Outcome, attempts_made: u32, policy: UnknownOutcome, now: DateTime<Utc>) -> Next {
    let next = |state, wait: Option<TimeDelta>| Next {
        state,
        due_at: wait.and_then(|wait| now.checked_add_signed(wait)),
        counts: !matches!(outcome, Outcome::RelayFault { .. }),
    };
    match outcome {
        Outcome::Sent { .. } => next(DeliveryState::Sent, None),
        Outcome::RejectedPermanently { .. } => next(DeliveryState::Failed, None),
        Outcome::RejectedForNow { .. } => match backoff(attempts_made) {
            Some(wait) => next(DeliveryState::Deferred, Some(wait)),
            None => next(DeliveryState::Failed, None),
        },
        Outcome::RelayFault { .. } => next(DeliveryState::Queued, Some(RELAY_PAUSE)),
        Outcome::Uncertain { .. } => match (policy, attempts_made) {
            (UnknownOutcome::Hold, _) => next(DeliveryState::Unknown, None),
            (UnknownOutcome::Resend, 0 | 1) => next(DeliveryState::Deferred, Some(RESEND_PAUSE)),
            (UnknownOutcome::Resend, _) => match backoff(attempts_made) {
                Some(wait) => next(DeliveryState::Deferred, Some(wait)),
                None => next(DeliveryState::Unknown, None),
            },
        },
    }
}

/// What follows when our own process was cut off during an attempt: the message may have gone out or not. The relay is not
/// to blame, so a message that is sent again is due at once, with the same Message-ID.
pub fn after_crash(policy: UnknownOutcome, now: DateTime<Utc>) -> Next {
    match policy {
        UnknownOutcome::Hold => Next { state: DeliveryState::Unknown, due_at: None, counts: true },
        UnknownOutcome::Resend => Next { state: DeliveryState::Queued, due_at: Some(now), counts: true },
    }
}

/// The wait after so many attempts; `None` when that was the last one.
fn backoff(attempts_made: u32) -> Option<TimeDelta> {
    let index = usize::try_from(attempts_made.saturating_sub(1)).ok()?;
    BACKOFF.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn state_and_wait(outcome: &Outcome, attempts_made: u32, policy: UnknownOutcome) -> (DeliveryState, Option<i64>) {
        let next = after(outcome, attempts_made, policy, NOW);
        (next.state, next.due_at.map(|due| (due - NOW).num_seconds()))
    }

    #[test]
    fn refusals_for_now_back_off_and_then_fail() {
        let outcome = Outcome::RejectedForNow { code: 450, text: "busy".to_owned() };
        let minutes = [1, 5, 15, 60, 120, 240, 480];
        for (attempts, minutes) in (1..).zip(minutes) {
            for policy in [UnknownOutcome::Hold, UnknownOutcome::Resend] {
                assert_eq!(state_and_wait(&outcome, attempts, policy), (DeliveryState::Deferred, Some(minutes * 60)));
            }
        }
        assert_eq!(state_and_wait(&outcome, 8, UnknownOutcome::Resend), (DeliveryState::Failed, None));
        assert_eq!(state_and_wait(&outcome, u32::MAX, UnknownOutcome::Resend), (DeliveryState::Failed, None));
        assert_eq!(state_and_wait(&outcome, 0, UnknownOutcome::Resend), (DeliveryState::Deferred, Some(60)));
    }

    #[test]
    fn an_answer_ends_the_delivery() {
        let sent = Outcome::Sent { code: 250, text: "ok".to_owned() };
        let refused = Outcome::RejectedPermanently { code: 550, text: "no such user".to_owned() };
        assert_eq!(state_and_wait(&sent, 3, UnknownOutcome::Hold), (DeliveryState::Sent, None));
        assert_eq!(state_and_wait(&refused, 1, UnknownOutcome::Resend), (DeliveryState::Failed, None));
    }

    #[test]
    fn a_fault_of_the_relay_costs_the_recipient_nothing() {
        let outcome = Outcome::RelayFault { text: "connection refused".to_owned() };
        let next = after(&outcome, 100, UnknownOutcome::Hold, NOW);
        assert_eq!(next, Next { state: DeliveryState::Queued, due_at: Some(NOW + RELAY_PAUSE), counts: false });
    }

    #[test]
    fn a_mailing_pauses_after_several_faults_that_go_on() {
        let patience = TimeDelta::seconds(60);
        for (faults, seconds, pauses) in
            [(4, 600, false), (5, 59, false), (5, 60, true), (100, 0, false), (6, 61, true)]
        {
            let now = NOW + TimeDelta::seconds(seconds);
            assert_eq!(relay_pauses(faults, NOW, now, patience), pauses, "{faults} in {seconds} s");
        }
    }

    #[test]
    fn what_a_crash_cut_off_is_held_or_due_at_once() {
        assert_eq!(after_crash(UnknownOutcome::Hold, NOW).state, DeliveryState::Unknown);
        let next = after_crash(UnknownOutcome::Resend, NOW);
        assert_eq!((next.state, next.due_at), (DeliveryState::Queued, Some(NOW)));
    }

    #[test]
    fn an_uncertain_outcome_is_held_or_sent_again_but_never_failed() {
        let outcome = Outcome::Uncertain { text: "connection reset".to_owned() };
        assert_eq!(state_and_wait(&outcome, 1, UnknownOutcome::Hold), (DeliveryState::Unknown, None));
        assert_eq!(state_and_wait(&outcome, 1, UnknownOutcome::Resend), (DeliveryState::Deferred, Some(30)));
        assert_eq!(state_and_wait(&outcome, 2, UnknownOutcome::Resend), (DeliveryState::Deferred, Some(300)));
        assert_eq!(state_and_wait(&outcome, 8, UnknownOutcome::Resend), (DeliveryState::Unknown, None));
        assert!(after(&outcome, 1, UnknownOutcome::Resend, NOW).counts);
    }
}
