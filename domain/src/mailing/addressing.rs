//! To whom a mailing is addressed: to, cc and bcc, each with recipients of its own, and whether they share a message (RULES 6).

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::address::email;
use crate::language;
use crate::mailing::draft::MailingDraft;
use crate::recipient_query::RecipientFilter;
use crate::register::PartyId;

/// The most addresses that the header of one message shows: more make a header that mail servers refuse or cut off.
pub const MAX_VISIBLE: i64 = 500;

/// How a recipient is addressed. Whoever is meant in several ways is addressed in the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressedAs {
    #[default]
    To,
    Cc,
    /// In no header: only the mail server is told.
    Bcc,
}

impl AddressedAs {
    /// All of them, the first one first.
    pub const ALL: [Self; 3] = [Self::To, Self::Cc, Self::Bcc];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether the header of a shared message shows the address.
    pub fn is_visible(self) -> bool {
        self != Self::Bcc
    }
}

/// Whether recipients share a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressing {
    /// Each `to` gets a message of its own; those in cc and bcc share one copy a language.
    #[default]
    Individual,
    /// One message a language, for all.
    Group,
}

/// Who is meant: the parties that match the filter or are named, and addresses that are no party's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipients {
    pub filter: Option<RecipientFilter>,
    pub party_ids: Vec<PartyId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<ExtraAddress>,
}

/// An address written by hand. It bears its language, has no `recipient.*` and no contact, and is never marketed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraAddress {
    pub email: String,
    /// Whose it is, for the people who send.
    #[serde(default)]
    pub name: Option<String>,
    /// BCP 47.
    pub language: String,
}

impl Recipients {
    /// Whether nobody is meant.
    pub fn is_nobody(&self) -> bool {
        let Self { filter, party_ids, addresses } = self;
        filter.is_none() && party_ids.is_empty() && addresses.is_empty()
    }

    /// The same in the form that is stored: ids sorted, each once; texts trimmed, languages in canonical case.
    #[must_use]
    pub fn normalized(self) -> Self {
        let Self { filter, mut party_ids, addresses } = self;
        party_ids.sort_unstable();
        party_ids.dedup();
        let addresses = addresses.into_iter().map(|ExtraAddress { email, name, language }| ExtraAddress {
            email: email.trim().to_owned(),
            name: name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            language: language::parse(language.trim()).unwrap_or_else(|| language.trim().to_owned()),
        });
        Self { filter, party_ids, addresses: addresses.collect() }
    }
}

impl MailingDraft {
    /// The parties that to, cc and bcc name one by one, their filters included.
    pub fn named_parties(&self) -> BTreeSet<PartyId> {
        let mut ids = BTreeSet::new();
        for (_, _, Recipients { filter, party_ids, addresses: _ }) in self.addressed() {
            ids.extend(party_ids);
            filter.iter().for_each(|filter| filter.collect_named_parties(&mut ids));
        }
        ids
    }

    /// To, cc and bcc with who is meant by them, and the pointer to each in the draft.
    pub fn addressed(&self) -> [(AddressedAs, &'static str, &Recipients); 3] {
        [
            (AddressedAs::To, "/recipients", &self.recipients),
            (AddressedAs::Cc, "/cc", &self.cc),
            (AddressedAs::Bcc, "/bcc", &self.bcc),
        ]
    }

    /// The extra addresses, as they stand in an envelope, each in the first of to, cc and bcc that names it.
    pub fn extra_addresses(&self) -> impl Iterator<Item = (AddressedAs, String, &ExtraAddress)> {
        let mut seen = HashSet::new();
        let all = self.addressed().into_iter().flat_map(|(addressed_as, _, recipients)| {
            recipients.addresses.iter().map(move |extra| (addressed_as, extra))
        });
        all.filter_map(move |(addressed_as, extra)| {
            let address = email::envelope_address(&extra.email)?;
            seen.insert(address.clone()).then_some((addressed_as, address, extra))
        })
    }

    /// Whether those addressed so share one message a language, which then can have no values of any one of them.
    pub fn shares_message(&self, addressed_as: AddressedAs) -> bool {
        match self.addressing {
            Addressing::Group => true,
            Addressing::Individual => addressed_as != AddressedAs::To,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailing::draft::tests::a_draft;

    fn extra(email: &str, language: &str) -> ExtraAddress {
        ExtraAddress { email: email.to_owned(), name: Some(" ".to_owned()), language: language.to_owned() }
    }

    #[test]
    fn words_read_back() {
        for one in AddressedAs::ALL {
            assert_eq!(AddressedAs::parse(one.as_str()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        assert_eq!(AddressedAs::parse("From"), None);
    }

    #[test]
    fn an_extra_address_is_addressed_once_in_the_first_way() {
        let mut draft = a_draft();
        draft.recipients.addresses = vec![extra("a@b.fi", "fi"), extra("c@d.fi", "fi")];
        draft.cc.addresses = vec![extra("c@D.fi", "sv"), extra("e@f.fi", "sv")];
        draft.bcc.addresses = vec![extra("e@f.fi", "fi"), extra("none", "fi"), extra("g@h.fi", "fi")];
        let found: Vec<_> =
            draft.extra_addresses().map(|(as_, address, extra)| (as_, address, &*extra.language)).collect();
        let expected = [
            (AddressedAs::To, "a@b.fi".to_owned(), "fi"),
            (AddressedAs::To, "c@d.fi".to_owned(), "fi"),
            (AddressedAs::Cc, "e@f.fi".to_owned(), "sv"),
            (AddressedAs::Bcc, "g@h.fi".to_owned(), "fi"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn all_of_a_group_share_and_of_others_the_copies() {
        let group = MailingDraft { addressing: Addressing::Group, ..a_draft() };
        for one in AddressedAs::ALL {
            assert!(group.shares_message(one));
            assert_eq!(a_draft().shares_message(one), one != AddressedAs::To);
        }
    }

    #[test]
    fn recipients_are_stored_sorted_and_trimmed() {
        let recipients =
            Recipients { filter: None, party_ids: vec![2, 1, 2], addresses: vec![extra(" a@b.fi ", "FI")] };
        let normal = recipients.normalized();
        assert_eq!(normal.party_ids, [1, 2]);
        let expected = ExtraAddress { email: "a@b.fi".to_owned(), name: None, language: "fi".to_owned() };
        assert_eq!(normal.addresses, [expected]);
        assert!(!normal.is_nobody() && Recipients::default().is_nobody());
    }
}
