use std::collections::HashSet;

use super::*;

const GOOD: PartyFacts = PartyFacts {
    deceased: false,
    archived: false,
    email: AddressState::Valid,
    email_marketing: true,
    phone: PhoneState::Mobile,
    phone_marketing: true,
    has_postal_address: true,
    address_protected: false,
};

#[test]
fn whoever_has_everything_can_be_sent_anything() {
    for channel in Channel::ALL {
        for purpose in Purpose::ALL {
            assert_eq!(exclusion(channel, purpose, &GOOD), None, "{channel:?} {purpose:?}");
        }
    }
}

#[test]
fn reasons_come_in_the_order_of_the_rules() {
    let deceased = PartyFacts { deceased: true, archived: true, email: AddressState::Missing, ..GOOD };
    assert_eq!(exclusion(Channel::Email, Purpose::Marketing, &deceased), Some(Reason::Deceased));
    let archived = PartyFacts { deceased: false, ..deceased };
    assert_eq!(exclusion(Channel::Email, Purpose::Marketing, &archived), Some(Reason::Archived));
    let no_email = PartyFacts { archived: false, email_marketing: false, ..archived };
    assert_eq!(exclusion(Channel::Email, Purpose::Marketing, &no_email), Some(Reason::NoEmail));
    let invalid = PartyFacts { email: AddressState::Invalid, ..no_email };
    assert_eq!(exclusion(Channel::Email, Purpose::Marketing, &invalid), Some(Reason::InvalidEmail));
    let not_permitted = PartyFacts { email: AddressState::Valid, ..invalid };
    assert_eq!(exclusion(Channel::Email, Purpose::Marketing, &not_permitted), Some(Reason::NoMarketingPermission));
}

#[test]
fn each_channel_asks_for_its_own_address() {
    let no_email = PartyFacts { email: AddressState::Missing, ..GOOD };
    let no_phone = PartyFacts { phone: PhoneState::Missing, ..GOOD };
    let bad_phone = PartyFacts { phone: PhoneState::Invalid, ..GOOD };
    let landline = PartyFacts { phone: PhoneState::NotMobile, ..GOOD };
    let no_street = PartyFacts { has_postal_address: false, ..GOOD };
    for (facts, channel, reason) in [
        (&no_email, Channel::Email, Some(Reason::NoEmail)),
        (&no_email, Channel::Sms, None),
        (&no_phone, Channel::Sms, Some(Reason::NoMobileNumber)),
        (&bad_phone, Channel::Sms, Some(Reason::InvalidNumber)),
        (&landline, Channel::Sms, Some(Reason::InvalidNumber)),
        (&no_phone, Channel::Email, None),
        (&no_street, Channel::Letter, Some(Reason::NoPostalAddress)),
        (&no_street, Channel::Email, None),
        (&no_email, Channel::Internetviesti, None),
    ] {
        assert_eq!(exclusion(channel, Purpose::Information, facts), reason, "{channel:?} {facts:?}");
    }
}

#[test]
fn only_marketing_by_email_or_sms_needs_the_permission_of_that_address() {
    let no_email_permission = PartyFacts { email_marketing: false, ..GOOD };
    let no_phone_permission = PartyFacts { phone_marketing: false, ..GOOD };
    for purpose in Purpose::ALL {
        let expected = (purpose == Purpose::Marketing).then_some(Reason::NoMarketingPermission);
        assert_eq!(exclusion(Channel::Email, purpose, &no_email_permission), expected);
        assert_eq!(exclusion(Channel::Sms, purpose, &no_phone_permission), expected);
        assert_eq!(exclusion(Channel::Email, purpose, &no_phone_permission), None);
        assert_eq!(exclusion(Channel::Sms, purpose, &no_email_permission), None);
        let none = PartyFacts { email_marketing: false, phone_marketing: false, ..GOOD };
        assert_eq!(exclusion(Channel::Letter, purpose, &none), None);
        assert_eq!(exclusion(Channel::Internetviesti, purpose, &none), None);
    }
}

#[test]
fn address_protection_leaves_nobody_out_of_individual_messages() {
    for facts in all_facts() {
        let unprotected = PartyFacts { address_protected: false, ..facts };
        for channel in Channel::ALL {
            for purpose in Purpose::ALL {
                assert_eq!(exclusion(channel, purpose, &facts), exclusion(channel, purpose, &unprotected));
            }
        }
    }
}

#[test]
fn all_facts_are_every_combination_once() {
    let all: Vec<_> = all_facts().collect();
    assert_eq!(all.len(), 3 * 4 * (1 << 6));
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn every_word_reads_back() {
    for channel in Channel::ALL {
        assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
    }
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
    }
    for state in AddressState::ALL {
        assert_eq!(AddressState::parse(state.as_str()), Some(state));
    }
    for state in PhoneState::ALL {
        assert_eq!(PhoneState::parse(state.as_str()), Some(state));
    }
    for reason in [
        Reason::Deceased,
        Reason::Archived,
        Reason::NoEmail,
        Reason::NoMobileNumber,
        Reason::NoPostalAddress,
        Reason::InvalidEmail,
        Reason::InvalidNumber,
        Reason::NoMarketingPermission,
        Reason::Suppressed,
        Reason::AddressProtected,
        Reason::NoLanguageVersion,
        Reason::MissingValue("recipient.first_name".to_owned()),
    ] {
        assert_eq!(Reason::parse(&reason.code()), Some(reason));
    }
    for nonsense in ["", "gone", "missing_value", "missing_value:"] {
        assert_eq!(Reason::parse(nonsense), None, "{nonsense}");
    }
}
