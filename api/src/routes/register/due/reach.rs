//! By which channel somebody who is late can be reminded.

use domain::eligibility::{Channel, PartyFacts, Purpose, exclusion};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a message of the purpose `service` reaches the party by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReminderReach {
    /// `email` or `sms`.
    #[schema(example = "sms")]
    channel: String,
    /// Whether it does.
    #[schema(example = false)]
    reachable: bool,
    /// Why it does not, for instance `no_mobile_number`; null when it does.
    #[schema(required = true, example = "no_mobile_number")]
    reason: Option<String>,
}

impl ReminderReach {
    /// By e-mail and by text message.
    pub(super) fn of(facts: &PartyFacts) -> Vec<Self> {
        let reach = |channel: Channel| {
            let reason = exclusion(channel, Purpose::Service, facts).map(|reason| reason.code().into_owned());
            Self { channel: channel.as_str().to_owned(), reachable: reason.is_none(), reason }
        };
        [Channel::Email, Channel::Sms].map(reach).into()
    }
}
