//! Who may be sent what: the purposes, the channels, and the reasons why someone is left out (RULES 3).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A way in which a message reaches its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
    Letter,
    /// A message in the residents' portal.
    Internetviesti,
}

impl Channel {
    /// Every channel, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Email, Self::Sms, Self::Letter, Self::Internetviesti];

    /// Those that mailings can be sent through.
    pub const ENABLED: [Self; 2] = [Self::Email, Self::Internetviesti];

    /// Those for which mailings can be composed and previewed.
    pub const COMPOSED: [Self; 3] = [Self::Email, Self::Sms, Self::Internetviesti];

    /// Whether mailings can be sent through it.
    pub fn is_enabled(self) -> bool {
        Self::ENABLED.contains(&self)
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Letter => "letter",
            Self::Internetviesti => "internetviesti",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}

/// Why a message is sent; decides which permission it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Danger or damage at hand: ignores quiet hours.
    Emergency,
    /// About the service itself, for instance a water cut.
    Service,
    /// Required by law, for instance the notice of a meeting.
    Statutory,
    /// Other information.
    Information,
    /// Needs the permission stored with the e-mail address or phone number.
    Marketing,
}

impl Purpose {
    /// Every purpose, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Emergency, Self::Service, Self::Statutory, Self::Information, Self::Marketing];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Service => "service",
            Self::Statutory => "statutory",
            Self::Information => "information",
            Self::Marketing => "marketing",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// What an e-mail address is worth; see [`crate::address::email::state`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressState {
    Missing,
    Invalid,
    Valid,
}

impl AddressState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Missing, Self::Invalid, Self::Valid];

    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Valid => "valid",
        }
    }

    /// Reads the word stored.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a phone number is worth; see [`crate::address::phone::read`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneState {
    Missing,
    /// No phone number at all.
    Invalid,
    /// A valid number that takes no text messages: a landline, a company's national number, a premium number.
    NotMobile,
    Mobile,
}

impl PhoneState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Invalid, Self::NotMobile, Self::Mobile];

    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::NotMobile => "not_mobile",
            Self::Mobile => "mobile",
        }
    }

    /// Reads the word stored.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What eligibility looks at in a party. Finite ([`all_facts`]), so that parties can be grouped and counted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartyFacts {
    pub deceased: bool,
    pub archived: bool,
    pub email: AddressState,
    /// Marketing permission of the e-mail address.
    pub email_marketing: bool,
    pub phone: PhoneState,
    /// Marketing permission of the phone number.
    pub phone_marketing: bool,
    /// Whether a letter can be addressed: [`crate::address::postal::is_complete`].
    pub has_postal_address: bool,
    /// Turvakielto. Leaves nobody out of individual messages.
    pub address_protected: bool,
}

/// Why someone is left out, as counted and shown. The words are stable: [`Reason::code`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Deceased,
    Archived,
    NoEmail,
    NoMobileNumber,
    NoPostalAddress,
    InvalidEmail,
    InvalidNumber,
    NoMarketingPermission,
    /// The address has been taken out of use by an unsubscribe, a complaint or a bounce.
    Suppressed,
    /// Others would see the protected address: group mail, a merged household letter.
    AddressProtected,
    /// The contents have no version in the party's language, and such parties are to be skipped.
    NoLanguageVersion,
    /// The mailing reminds of rows, and none of them is the party's and still due.
    NothingDue,
    /// The merge field named here is empty for this recipient and has no default.
    MissingValue(String),
}

const MISSING_VALUE: &str = "missing_value:";

impl Reason {
    /// The stable code, for instance `no_email` or `missing_value:recipient.first_name`.
    pub fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Deceased => "deceased",
            Self::Archived => "archived",
            Self::NoEmail => "no_email",
            Self::NoMobileNumber => "no_mobile_number",
            Self::NoPostalAddress => "no_postal_address",
            Self::InvalidEmail => "invalid_email",
            Self::InvalidNumber => "invalid_number",
            Self::NoMarketingPermission => "no_marketing_permission",
            Self::Suppressed => "suppressed",
            Self::AddressProtected => "address_protected",
            Self::NoLanguageVersion => "no_language_version",
            Self::NothingDue => "nothing_due",
            Self::MissingValue(field) => return Cow::Owned(format!("{MISSING_VALUE}{field}")),
        })
    }

    /// Reads a code back.
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "deceased" => Self::Deceased,
            "archived" => Self::Archived,
            "no_email" => Self::NoEmail,
            "no_mobile_number" => Self::NoMobileNumber,
            "no_postal_address" => Self::NoPostalAddress,
            "invalid_email" => Self::InvalidEmail,
            "invalid_number" => Self::InvalidNumber,
            "no_marketing_permission" => Self::NoMarketingPermission,
            "suppressed" => Self::Suppressed,
            "address_protected" => Self::AddressProtected,
            "no_language_version" => Self::NoLanguageVersion,
            "nothing_due" => Self::NothingDue,
            _ => Self::MissingValue(code.strip_prefix(MISSING_VALUE).filter(|field| !field.is_empty())?.to_owned()),
        })
    }
}

/// The first reason of RULES 3 that keeps a party with `facts` from an individually addressed message, or `None` when
/// the party can be sent it. Suppressions are not among the facts: they belong to addresses.
pub fn exclusion(channel: Channel, purpose: Purpose, facts: &PartyFacts) -> Option<Reason> {
    if facts.deceased {
        return Some(Reason::Deceased);
    }
    if facts.archived {
        return Some(Reason::Archived);
    }
    let permitted = |permission: bool| purpose != Purpose::Marketing || permission;
    match channel {
        Channel::Email => match facts.email {
            AddressState::Missing => Some(Reason::NoEmail),
            AddressState::Invalid => Some(Reason::InvalidEmail),
            AddressState::Valid => (!permitted(facts.email_marketing)).then_some(Reason::NoMarketingPermission),
        },
        Channel::Sms => match facts.phone {
            PhoneState::Missing => Some(Reason::NoMobileNumber),
            PhoneState::Invalid | PhoneState::NotMobile => Some(Reason::InvalidNumber),
            PhoneState::Mobile => (!permitted(facts.phone_marketing)).then_some(Reason::NoMarketingPermission),
        },
        Channel::Letter => (!facts.has_postal_address).then_some(Reason::NoPostalAddress),
        Channel::Internetviesti => None,
    }
}

/// The reason that keeps back a message whose row is already frozen: only what must not wait for the next mailing is asked
/// again at dispatch (RULES 5).
pub fn exclusion_at_dispatch(deceased: bool, archived: bool) -> Option<Reason> {
    match (deceased, archived) {
        (true, _) => Some(Reason::Deceased),
        (false, true) => Some(Reason::Archived),
        (false, false) => None,
    }
}

/// Every combination of facts there is.
pub fn all_facts() -> impl Iterator<Item = PartyFacts> {
    const BOTH: [bool; 2] = [false, true];
    let addresses = AddressState::ALL.into_iter().flat_map(|email| PhoneState::ALL.map(|phone| (email, phone)));
    addresses.flat_map(|(email, phone)| {
        BOTH.into_iter().flat_map(move |deceased| {
            BOTH.into_iter().flat_map(move |archived| {
                BOTH.into_iter().flat_map(move |email_marketing| {
                    BOTH.into_iter().flat_map(move |phone_marketing| {
                        BOTH.into_iter().flat_map(move |has_postal_address| {
                            BOTH.into_iter().map(move |address_protected| PartyFacts {
                                deceased,
                                archived,
                                email,
                                email_marketing,
                                phone,
                                phone_marketing,
                                has_postal_address,
                                address_protected,
                            })
                        })
                    })
                })
            })
        })
    })
}

#[cfg(test)]
mod tests;
