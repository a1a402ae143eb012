//! What a draft is refused for, at save and at send, and where.

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::content::{MAX_BODY, MAX_SUBJECT};
use crate::mailing::About;
use crate::mailing::addressing::{Addressing, ExtraAddress};
use crate::mailing::draft::tests::{a_content, a_draft};
use crate::recipient_query::Known;
use crate::register::MAX_ID;

const TODAY: NaiveDate = NaiveDate::MIN;

fn refusals(check: Checked<()>) -> Vec<(String, &'static str)> {
    check.err().unwrap_or_default().into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn saved(change: impl FnOnce(&mut MailingDraft)) -> Vec<(String, &'static str)> {
    let mut draft = a_draft();
    change(&mut draft);
    refusals(draft.check(&Known::on(TODAY)))
}

fn sent(change: impl FnOnce(&mut MailingDraft)) -> Vec<(String, &'static str)> {
    let mut draft = a_draft();
    change(&mut draft);
    assert_eq!(draft.check(&Known::on(TODAY)), Ok(()));
    refusals(draft.check_sendable())
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn a_complete_draft_can_be_saved_and_sent() {
    assert_eq!(saved(|_| {}), []);
    assert_eq!(sent(|_| {}), []);
}

#[test]
fn an_unfinished_draft_can_be_saved() {
    let draft: MailingDraft = serde_json::from_str(r#"{"purpose":"marketing"}"#).unwrap();
    assert_eq!(draft.check(&Known::on(TODAY)), Ok(()));
    let lacking = ["/name", "/delivery/channels", "/recipients"].map(|pointer| (pointer.to_owned(), "required"));
    let mut expected = lacking.to_vec();
    expected.push(("/purpose".to_owned(), "purpose_not_available"));
    assert_eq!(refusals(draft.check_sendable()), expected);
}

#[test]
fn a_text_message_is_composed_but_not_sent() {
    let sms = |change: &dyn Fn(&mut Content)| {
        saved(|draft| {
            draft.delivery.channels = vec![Channel::Sms];
            draft.contents[0] = Content { channel: Channel::Sms, subject: None, ..a_content("fi", "Hei") };
            change(&mut draft.contents[0]);
        })
    };
    assert_eq!(sms(&|_| ()), []);
    assert_eq!(sms(&|content| content.subject = Some("Hei".to_owned())), one("/contents/0/subject", "not_for_channel"));
    assert_eq!(sms(&|content| content.format = Format::Markdown), one("/contents/0/format", "not_for_channel"));
    let file = |content: &mut Content| content.attachment_ids = vec![Uuid::nil()];
    assert_eq!(sms(&file), one("/contents/0/attachment_ids", "not_for_channel"));
    let mut draft = a_draft();
    draft.delivery.channels = vec![Channel::Sms];
    draft.contents[0].channel = Channel::Sms;
    assert_eq!(refusals(draft.check_sendable()), one("/delivery/channels/0", "channel_not_enabled"));
}

#[test]
fn the_fields_of_an_occasion_are_for_drafts_about_its_rows() {
    let body = |draft: &mut MailingDraft| draft.contents[0].body = "{{ loan.key }}".to_owned();
    assert_eq!(saved(body), one("/contents/0/body", "merge_field_of_occasion"));
    let about = |occasion| Some(About { occasion, ids: vec![Uuid::nil()] });
    for (occasion, faults) in [
        (OccasionKind::OverdueKeyLoan, Vec::new()),
        (OccasionKind::MoveInInspectionDue, one("/contents/0/body", "merge_field_of_occasion")),
    ] {
        let told = saved(|draft| {
            body(draft);
            draft.about = about(occasion);
        });
        assert_eq!(told, faults, "{occasion:?}");
    }
}

#[test]
fn each_fault_is_refused_where_it_is() {
    let long = "x".repeat(MAX_SUBJECT + 1);
    assert_eq!(saved(|draft| draft.name = "a\nb".to_owned()), one("/name", "control_character"));
    assert_eq!(saved(|draft| draft.name = long.clone()), one("/name", "too_long"));
    assert_eq!(
        saved(|draft| draft.delivery.channels = vec![Channel::Email, Channel::Letter]),
        one("/delivery/channels/1", "channel_not_enabled")
    );
    assert_eq!(
        saved(|draft| draft.delivery.channels = vec![Channel::Email; 2]),
        one("/delivery/channels/1", "duplicate_channel")
    );
    let attached = |ids: &[u128]| {
        let ids = ids.iter().copied().map(Uuid::from_u128).collect();
        saved(|draft| draft.contents[0].attachment_ids = ids)
    };
    assert_eq!(attached(&[1, 2, 1]), one("/contents/0/attachment_ids/2", "duplicate_attachment"));
    assert_eq!(attached(&(0..10).collect::<Vec<_>>()), []);
    assert_eq!(attached(&(0..11).collect::<Vec<_>>()), one("/contents/0/attachment_ids", "too_many_values"));
    assert_eq!(saved(|draft| draft.recipients.party_ids = vec![1, 0]), one("/recipients/party_ids/1", "invalid_value"));
    assert_eq!(
        saved(|draft| draft.recipients.party_ids = vec![MAX_ID + 1]),
        one("/recipients/party_ids/0", "invalid_value")
    );
    assert_eq!(
        saved(|draft| draft.recipients.party_ids = vec![1; 10_001]),
        one("/recipients/party_ids", "too_many_values")
    );
    assert_eq!(saved(|draft| draft.contents = vec![a_content("fi", ""); 101]), one("/contents", "too_many_values"));
    assert_eq!(
        saved(|draft| draft.contents[0].channel = Channel::Letter),
        one("/contents/0/channel", "channel_not_enabled")
    );
    assert_eq!(
        saved(|draft| draft.contents[0].language = "suomi!".to_owned()),
        one("/contents/0/language", "invalid_language")
    );
    assert_eq!(
        saved(|draft| draft.contents.push(a_content("FI", ""))),
        one("/contents/1/language", "duplicate_content")
    );
    assert_eq!(saved(|draft| draft.contents[0].subject = Some(long.clone())), one("/contents/0/subject", "too_long"));
    assert_eq!(saved(|draft| draft.contents[0].body = "x".repeat(MAX_BODY + 1)), one("/contents/0/body", "too_long"));
    assert_eq!(
        saved(|draft| draft.fallback_language = Some("-".to_owned())),
        one("/fallback_language", "invalid_language")
    );
    assert_eq!(
        saved(|draft| draft.missing_language = MissingLanguage::Fallback),
        one("/fallback_language", "fallback_language_required")
    );
    assert_eq!(
        saved(|draft| draft.sender.name = Some("a\r\nBcc: b@c.fi".to_owned())),
        one("/sender/name", "control_character")
    );
}

#[test]
fn template_faults_name_line_and_column() {
    let mut draft = a_draft();
    draft.contents[0].subject = Some("{{ recipient.nam }}".to_owned());
    draft.contents.push(a_content("sv", "Hej\n{% set x = 1 %}"));
    let errors = draft.check(&Known::on(TODAY)).unwrap_err();
    assert_eq!(
        errors[0],
        FieldError::new(
            "/contents/0/subject",
            "unknown_merge_field",
            "Line 1, column 4: there is no merge field `recipient.nam`. Did you mean `recipient.name`?"
        )
    );
    assert_eq!((errors[1].pointer.as_str(), errors[1].code), ("/contents/1/body", "template_construct_not_allowed"));
    assert!(errors[1].message.starts_with("Line 2, column 4: "), "{}", errors[1].message);
}

#[test]
fn sender_addresses_are_single_usable_addresses() {
    for (address, usable) in [
        ("tiedote@example.fi", true),
        ("tiedote@ääkkönen.fi", true),
        ("Isännöinti <tiedote@example.fi>", false),
        ("a@b.fi, c@d.fi", false),
        ("a@b.fi\r\nBcc: c@d.fi", false),
        ("tiedote", false),
        ("a@localhost", false),
    ] {
        let expected = |pointer| if usable { vec![] } else { one(pointer, "invalid_address") };
        assert_eq!(
            saved(|draft| draft.sender.address = Some(address.to_owned())),
            expected("/sender/address"),
            "{address}"
        );
        assert_eq!(
            saved(|draft| draft.sender.reply_to = Some(address.to_owned())),
            expected("/sender/reply_to"),
            "{address}"
        );
    }
}

#[test]
fn a_filter_is_checked_in_its_place() {
    let errors = saved(|draft| draft.recipients.filter = Some(serde_json::from_str("{}").unwrap()));
    assert_eq!(errors, one("/recipients/filter", "exactly_one_key"));
}

#[test]
fn a_send_needs_what_a_draft_may_lack() {
    assert_eq!(sent(|draft| draft.name = " ".to_owned()), one("/name", "required"));
    assert_eq!(sent(|draft| draft.delivery.channels = vec![]), one("/delivery/channels", "required"));
    assert_eq!(sent(|draft| draft.recipients.party_ids = vec![]), one("/recipients", "required"));
    assert_eq!(sent(|draft| draft.sender.address = None), one("/sender/address", "required"));
    assert_eq!(sent(|draft| draft.contents = vec![]), one("/contents", "required"));
    assert_eq!(sent(|draft| draft.contents[0].subject = None), one("/contents/0/subject", "required"));
    assert_eq!(sent(|draft| draft.contents[0].body = " \n".to_owned()), one("/contents/0/body", "required"));
    assert_eq!(sent(|draft| draft.purpose = Purpose::Marketing), one("/purpose", "purpose_not_available"));
}

#[test]
fn the_fallback_language_needs_a_content() {
    let fallback = |language: &str| {
        let language = language.to_owned();
        sent(|draft| {
            draft.missing_language = MissingLanguage::Fallback;
            draft.fallback_language = Some(language);
        })
    };
    assert_eq!(fallback("fi"), []);
    assert_eq!(fallback("fi-FI"), []);
    assert_eq!(fallback("sv"), one("/fallback_language", "fallback_language_without_content"));
}

fn saved_codes(change: impl FnOnce(&mut MailingDraft)) -> Vec<(String, &'static str)> {
    let mut draft = a_draft();
    change(&mut draft);
    let errors = draft.normalized().check(&Known::on(TODAY)).err().unwrap_or_default();
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn cc_and_bcc_are_checked_as_the_recipients_are() {
    let extra = |email: &str, language: &str| ExtraAddress {
        email: email.to_owned(),
        name: None,
        language: language.to_owned(),
    };
    let codes = saved_codes(|draft| {
        draft.recipients.addresses = vec![extra("a@b.fi", "fi"), extra("a@B.fi", "sv")];
        draft.cc.addresses = vec![extra("a@b", "fi"), extra("c@d.fi, e@f.fi", "suomi ")];
        draft.cc.party_ids = vec![0];
        draft.bcc.filter = Some(serde_json::from_str(r#"{"text":"a","party_ids":[1]}"#).unwrap());
        draft.bcc.addresses = vec![ExtraAddress { name: Some("a\nb".to_owned()), ..extra("a@b.fi", "fi") }];
    });
    let pointers: Vec<&str> = codes.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let expected = [
        "/recipients/addresses/1/email",
        "/cc/party_ids/0",
        "/cc/addresses/0/email",
        "/cc/addresses/1/email",
        "/cc/addresses/1/language",
        "/bcc/filter",
        "/bcc/addresses/0/name",
    ];
    assert_eq!(pointers, expected, "{codes:?}");
    let many = saved_codes(|draft| {
        draft.cc.addresses = (0..1001).map(|number| extra(&format!("a{number}@b.fi"), "fi")).collect();
    });
    assert_eq!(many, [("/cc/addresses".to_owned(), "too_many_values")]);
}

#[test]
fn only_email_has_cc_bcc_groups_and_extra_addresses() {
    let extra = || vec![ExtraAddress { email: "a@b.fi".to_owned(), name: None, language: "fi".to_owned() }];
    for channels in [vec![Channel::Internetviesti], vec![Channel::Email, Channel::Internetviesti]] {
        let by_email = channels.contains(&Channel::Email);
        let mut expected = vec![("/cc", "email_only"), ("/bcc", "email_only"), ("/addressing", "email_only")];
        expected.extend((!by_email).then_some(("/recipients/addresses", "email_only")));
        let codes = saved_codes(|draft| {
            draft.delivery.channels = channels;
            draft.cc.party_ids = vec![3];
            draft.bcc.party_ids = vec![4];
            draft.addressing = Addressing::Group;
            draft.recipients.addresses = extra();
        });
        assert_eq!(codes.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect::<Vec<_>>(), expected);
    }
    let codes = saved_codes(|draft| {
        draft.purpose = Purpose::Marketing;
        draft.recipients.addresses = extra();
        draft.bcc.addresses = extra();
    });
    let code = "address_not_marketable";
    assert_eq!(codes, [("/recipients/addresses".to_owned(), code), ("/bcc/addresses".to_owned(), code)]);
}

#[test]
fn what_a_group_gets_speaks_of_no_recipient() {
    let codes = saved_codes(|draft| {
        draft.addressing = Addressing::Group;
        draft.contents[0].subject = Some("{{ property.name|default('-') }}".to_owned());
        draft.contents[0].body =
            "{{ recipient.language }}{% if recipient.city %}x{% endif %}{{ mailing.name }}".to_owned();
    });
    let code = "recipient_field_in_group";
    let expected = [("/contents/0/subject", code), ("/contents/0/body", code), ("/contents/0/body", code)];
    assert_eq!(codes.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect::<Vec<_>>(), expected);
}
