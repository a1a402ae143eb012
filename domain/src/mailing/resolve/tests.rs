use super::*;
use crate::eligibility::{AddressState, PhoneState};
use crate::mailing::addressing::Addressing;
use crate::mailing::draft::tests::{a_content, a_draft};
use crate::service_language::LanguageSource;

fn person(party_id: PartyId, address: &str) -> Recipient {
    Recipient {
        party_id,
        name: format!("Person {party_id}"),
        first_name: Some("Åsa".to_owned()),
        last_name: None,
        email_address: Some(address.to_owned()),
        mobile_number: None,
        street: None,
        postal_code: None,
        city: None,
        facts: PartyFacts {
            deceased: false,
            archived: false,
            email: AddressState::Valid,
            email_marketing: false,
            phone: PhoneState::Missing,
            phone_marketing: false,
            has_postal_address: false,
            address_protected: false,
        },
        language: ServiceLanguage { language: "fi".to_owned(), source: LanguageSource::Party },
        property: None,
    }
}

fn protected(party_id: PartyId, address: &str) -> Recipient {
    let person = person(party_id, address);
    Recipient { facts: PartyFacts { address_protected: true, ..person.facts }, ..person }
}

fn resolver(addressing: Addressing, dedupe: Option<Dedupe>, body: &str) -> Resolver {
    let contents = vec![a_content("fi", body), a_content("sv", body)];
    Resolver::new(Arc::new(MailingDraft { addressing, dedupe, contents, ..a_draft() })).unwrap()
}

/// Whether each is in the shared message, and whose message it shares.
fn shared(resolver: &mut Resolver, people: &[(Recipient, AddressedAs)]) -> Vec<(bool, Option<i64>)> {
    let rows = people.iter().flat_map(|(person, addressed_as)| resolver.resolve(person, *addressed_as));
    rows.map(|row| (row.together, row.shared_with)).collect()
}

use AddressedAs::{Bcc, Cc, To};

#[test]
fn in_a_group_all_share_but_the_protected_and_what_servers_would_refuse() {
    let mut group = resolver(Addressing::Group, None, "Vesi on poikki.");
    let people = [
        (person(1, "a@b.fi"), To),
        (protected(2, "p@b.fi"), To),
        (person(3, "a@b.fi"), To),
        (person(4, "ä@b.fi"), To),
        (person(5, "c@b.fi"), Cc),
        (person(6, "d@b.fi"), Bcc),
        (protected(7, "p@b.fi"), Bcc),
        (person(8, "p@b.fi"), Bcc),
        (person(9, "c@b.fi"), Bcc),
    ];
    let expected = [
        (true, None),
        (false, None),
        (false, Some(1)),
        (false, None),
        (true, None),
        (true, None),
        (false, Some(2)),
        (true, None),
        (false, Some(5)),
    ];
    assert_eq!(shared(&mut group, &people), expected);
    assert_eq!(group.visible(), &BTreeMap::from([(0, 2)]), "bcc is in no header");
}

#[test]
fn individually_only_the_copies_are_shared() {
    let mut individual = resolver(Addressing::Individual, None, "Hei {{ recipient.first_name|default('asukas') }}.");
    let people = [
        (person(1, "a@b.fi"), To),
        (person(2, "a@b.fi"), To),
        (person(3, "a@b.fi"), Cc),
        (person(4, "a@b.fi"), Bcc),
        (protected(5, "a@b.fi"), Cc),
    ];
    let expected = [(false, None), (false, None), (true, None), (false, Some(3)), (false, None)];
    assert_eq!(
        shared(&mut individual, &people),
        expected,
        "a copy has an address once, though what is personal is not shared"
    );
    let mut common = resolver(Addressing::Individual, None, "Vesi on poikki.");
    let expected = [(false, None), (false, Some(1)), (false, Some(1)), (false, Some(1)), (false, None)];
    assert_eq!(shared(&mut common, &people), expected);
}

#[test]
fn whoever_shares_a_message_has_no_values_of_their_own() {
    for (body, reason) in [
        ("Hei {{ recipient.first_name }}", Some("missing_value:recipient.first_name")),
        ("{{ recipient.language }}", Some("missing_value:recipient.language")),
        ("Hei {{ recipient.first_name|default('asukas') }}", None),
        ("{{ mailing.name }}", None),
    ] {
        let mut individual = resolver(Addressing::Individual, None, body);
        assert_eq!(individual.resolve(&person(1, "a@b.fi"), To)[0].reason, None, "{body}");
        let extra =
            ExtraAddress { email: "x@b.fi".to_owned(), name: Some("Huolto".to_owned()), language: "sv".to_owned() };
        let rows = [
            individual.resolve(&person(2, "b@b.fi"), Cc).remove(0),
            individual.resolve_address(&extra, "x@b.fi", To),
            individual.resolve_address(&extra, "y@b.fi", Bcc),
        ];
        for row in rows {
            assert_eq!(row.reason.map(|reason| reason.code().into_owned()).as_deref(), reason, "{body}");
        }
    }
}

#[test]
fn an_extra_address_gets_the_version_of_its_language_or_none() {
    let mut group = resolver(Addressing::Group, None, "Vesi on poikki.");
    let extra = |language: &str| ExtraAddress { email: "x@b.fi".to_owned(), name: None, language: language.to_owned() };
    let row = group.resolve_address(&extra("sv-FI"), "x@b.fi", To);
    assert_eq!((row.party_id, row.version, row.together), (None, Some(1), true));
    let row = group.resolve_address(&extra("en"), "z@b.fi", To);
    assert_eq!((row.reason, row.version, row.together), (Some(Reason::NoLanguageVersion), None, false));
    assert_eq!(group.lacking_languages(), &BTreeMap::from([("en".to_owned(), 1)]));
}
