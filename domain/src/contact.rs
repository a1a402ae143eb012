//! A contact: one message to or from a party, in a thread on its card.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::eligibility::Channel;
use crate::internetviesti::InternetviestiId;
use crate::register::PartyId;

/// Who wrote to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the party to us.
    Inbound,
    /// From us to the party.
    Outbound,
}

impl Direction {
    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "inbound" => Some(Self::Inbound),
            "outbound" => Some(Self::Outbound),
            _ => None,
        }
    }
}

/// One contact. What was said is not here: a sent contact points at its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub contact_id: Uuid,
    /// The id of the thread's main contact; a contact alone is a thread of one and bears its own id here.
    pub thread_id: Uuid,
    pub party_id: PartyId,
    pub direction: Direction,
    pub channel: Channel,
    pub occurred_at: DateTime<Utc>,
    /// The mailing that sent it, if one did.
    pub mailing_id: Option<Uuid>,
    /// The delivery whose message this is, if it was sent by us.
    pub delivery_id: Option<Uuid>,
    /// The message in the portal that it is, if it is one.
    pub internetviesti_id: Option<InternetviestiId>,
}

impl Contact {
    /// The contact that a message of a mailing makes of its recipient: a thread of its own.
    pub fn of_mailing(
        contact_id: Uuid,
        party_id: PartyId,
        channel: Channel,
        occurred_at: DateTime<Utc>,
        mailing_id: Uuid,
        delivery_id: Uuid,
    ) -> Self {
        Self {
            contact_id,
            thread_id: contact_id,
            party_id,
            direction: Direction::Outbound,
            channel,
            occurred_at,
            mailing_id: Some(mailing_id),
            delivery_id: Some(delivery_id),
            internetviesti_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::new_id;

    #[test]
    fn a_sent_message_is_a_thread_of_its_own() {
        let id = new_id();
        let contact = Contact::of_mailing(id, 7, Channel::Email, DateTime::UNIX_EPOCH, new_id(), new_id());
        assert_eq!(contact.thread_id, id);
        assert_eq!(contact.direction, Direction::Outbound);
    }

    #[test]
    fn direction_words_read_back() {
        for direction in [Direction::Inbound, Direction::Outbound] {
            assert_eq!(Direction::parse(direction.as_str()), Some(direction));
        }
        assert_eq!(Direction::parse("sideways"), None);
    }
}
