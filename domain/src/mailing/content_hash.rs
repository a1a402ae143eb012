//! The hash of what was approved: what `send` compares with what the preview showed (RULES 5).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::attachment::Attachment;
use crate::mailing::addressing::Addressing;
use crate::mailing::draft::MailingDraft;

impl MailingDraft {
    /// SHA-256 (hex) of everything that decides what is sent to whom: every field but the name, which counts only where a
    /// content uses `mailing.name`, and what is in the attachments that the contents name and what they are called. The same for drafts that differ only in the order of JSON keys or in whether a default
    /// is written out.
    pub fn content_hash(&self, attachments: &[Attachment]) -> String {
        let (dedupe, unknown_outcome) = (self.dedupe(), self.unknown_outcome());
        let uses_name = self.template_fields().any(|name| name == "mailing.name");
        let Self {
            name,
            purpose,
            delivery,
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender,
            missing_language,
            fallback_language,
            dedupe: _,
            unknown_outcome: _,
            template,
            origin,
            about,
        } = self.clone().normalized();
        let attached: Vec<_> = self.attachment_ids().iter().filter_map(|id| written(attachments, *id)).collect();
        let mut canonical = String::from("postitus mailing 1\n");
        write_canonical(
            &json!({
                "name": uses_name.then_some(name),
                "purpose": purpose,
                "delivery": delivery,
                "recipients": recipients,
                "cc": (!cc.is_nobody()).then_some(cc),
                "bcc": (!bcc.is_nobody()).then_some(bcc),
                "addressing": (addressing != Addressing::Individual).then_some(addressing),
                "contents": contents,
                "attachments": (!attached.is_empty()).then_some(attached),
                "sender": sender,
                "missing_language": missing_language,
                "fallback_language": fallback_language,
                "dedupe": dedupe,
                "unknown_outcome": unknown_outcome,
                "template": template,
                "origin": origin,
                "about": about,
            }),
            &mut canonical,
        );
        Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn written(attachments: &[Attachment], id: Uuid) -> Option<Value> {
    let found = attachments.iter().find(|attachment| attachment.attachment_id == id)?;
    let Attachment { attachment_id, file_name, content_type, size: _, sha256 } = found;
    Some(json!([attachment_id, file_name, content_type, sha256]))
}

/// JSON with sorted keys and without what says nothing: nulls, and `include_descendants: true`, which is the default.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(key, value)| !value.is_null() && (*key != "include_descendants" || **value != json!(true)))
                .collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in members {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::eligibility::{Channel, Purpose};
    use crate::mailing::draft::tests::{a_content, a_draft};
    use crate::mailing::draft::{Dedupe, Format, MissingLanguage, Mode, UnknownOutcome};
    use crate::mailing::{About, ExtraAddress, Origin};
    use crate::occasion::OccasionKind;
    use crate::template::TemplateRef;

    fn changed(change: impl FnOnce(&mut MailingDraft)) -> String {
        let mut draft = a_draft();
        change(&mut draft);
        draft.content_hash(&[])
    }

    fn filter(json: &str) -> Option<crate::recipient_query::RecipientFilter> {
        Some(serde_json::from_str(json).unwrap())
    }

    fn extra(email: &str, name: Option<&str>, language: &str) -> ExtraAddress {
        ExtraAddress { email: email.to_owned(), name: name.map(str::to_owned), language: language.to_owned() }
    }

    fn about(id: Uuid) -> Option<About> {
        Some(About { occasion: OccasionKind::OverdueKeyLoan, ids: vec![id] })
    }

    fn origin(kind: &str, reference: &str) -> Option<Origin> {
        Some(Origin { kind: kind.to_owned(), reference: reference.to_owned() })
    }

    #[test]
    fn content_hash_changes_with_every_field_but_the_name() {
        let text = |text: &str| Some(text.to_owned());
        let hashes = [
            changed(|_| {}),
            changed(|draft| draft.purpose = Purpose::Emergency),
            changed(|draft| draft.delivery.mode = Mode::All),
            changed(|draft| draft.delivery.channels = vec![]),
            changed(|draft| draft.delivery.channels = vec![Channel::Email, Channel::Sms]),
            changed(|draft| draft.delivery.channels = vec![Channel::Sms, Channel::Email]),
            changed(|draft| draft.recipients.filter = filter(r#"{"text":"a"}"#)),
            changed(|draft| draft.recipients.filter = filter(r#"{"text":"b"}"#)),
            changed(|draft| draft.recipients.party_ids = vec![1, 3]),
            changed(|draft| draft.recipients.party_ids = vec![1, 2, 3]),
            changed(|draft| draft.contents = vec![]),
            changed(|draft| draft.contents.push(a_content("sv", "Vattnet är avstängt."))),
            changed(|draft| draft.contents[0].channel = Channel::Sms),
            changed(|draft| draft.contents[0].language = "sv".to_owned()),
            changed(|draft| draft.contents[0].subject = None),
            changed(|draft| draft.contents[0].subject = text("Toinen")),
            changed(|draft| draft.contents[0].body = "Vesi on poikki!".to_owned()),
            changed(|draft| draft.contents[0].format = Format::Markdown),
            changed(|draft| draft.contents[0].format = Format::Html),
            changed(|draft| draft.contents[0].attachment_ids = vec![Uuid::from_u128(1)]),
            changed(|draft| draft.contents[0].attachment_ids = vec![Uuid::from_u128(1), Uuid::from_u128(2)]),
            changed(|draft| draft.contents[0].attachment_ids = vec![Uuid::from_u128(2), Uuid::from_u128(1)]),
            changed(|draft| draft.sender.name = text("Isännöinti")),
            changed(|draft| draft.sender.address = text("muu@example.fi")),
            changed(|draft| draft.sender.reply_to = text("muu@example.fi")),
            changed(|draft| draft.missing_language = MissingLanguage::Skip),
            changed(|draft| draft.missing_language = MissingLanguage::Fallback),
            changed(|draft| draft.fallback_language = text("fi")),
            changed(|draft| draft.dedupe = Some(Dedupe::None)),
            changed(|draft| draft.unknown_outcome = Some(UnknownOutcome::Hold)),
            changed(|draft| draft.recipients.addresses = vec![extra("a@b.fi", None, "fi")]),
            changed(|draft| draft.recipients.addresses = vec![extra("a@c.fi", None, "fi")]),
            changed(|draft| draft.recipients.addresses = vec![extra("a@b.fi", None, "sv")]),
            changed(|draft| draft.recipients.addresses = vec![extra("a@b.fi", Some("Huolto"), "fi")]),
            changed(|draft| draft.cc.addresses = vec![extra("a@b.fi", None, "fi")]),
            changed(|draft| draft.cc.party_ids = vec![3]),
            changed(|draft| draft.cc.filter = filter(r#"{"text":"a"}"#)),
            changed(|draft| draft.bcc.party_ids = vec![3]),
            changed(|draft| draft.addressing = Addressing::Group),
            changed(|draft| draft.template = Some(TemplateRef { template_id: Uuid::nil(), version: 1 })),
            changed(|draft| draft.template = Some(TemplateRef { template_id: Uuid::nil(), version: 2 })),
            changed(|draft| draft.origin = origin("key_loans", "1")),
            changed(|draft| draft.origin = origin("key_loans", "2")),
            changed(|draft| draft.origin = origin("leases", "1")),
            changed(|draft| draft.about = about(Uuid::nil())),
            changed(|draft| draft.about = about(Uuid::max())),
        ];
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
        assert_eq!(changed(|draft| draft.name = "Toinen".to_owned()), a_draft().content_hash(&[]));
        assert_eq!(a_draft().content_hash(&[]).len(), 64);
    }

    #[test]
    fn the_bytes_and_names_of_attachments_count_where_a_content_names_them() {
        let of = |id: u128, name: &str, sha256: &str| Attachment {
            attachment_id: Uuid::from_u128(id),
            file_name: name.to_owned(),
            content_type: "application/pdf".to_owned(),
            size: 1,
            sha256: sha256.to_owned(),
        };
        let mut draft = a_draft();
        assert_eq!(draft.content_hash(&[of(1, "a.pdf", "aa")]), a_draft().content_hash(&[]), "named by no content");
        draft.contents[0].attachment_ids = vec![Uuid::from_u128(1)];
        let hash = draft.content_hash(&[of(1, "a.pdf", "aa"), of(2, "b.pdf", "bb")]);
        assert_eq!(hash, draft.content_hash(&[of(1, "a.pdf", "aa")]), "others do not count");
        assert_ne!(hash, draft.content_hash(&[of(1, "a.pdf", "ab")]), "other bytes");
        assert_ne!(hash, draft.content_hash(&[of(1, "b.pdf", "aa")]), "another name");
    }

    #[test]
    fn the_name_counts_where_recipients_see_it() {
        let named = |name: &str| {
            changed(|draft| {
                draft.name = name.to_owned();
                draft.contents[0].subject = Some("{{ mailing.name }}".to_owned());
            })
        };
        assert_ne!(named("a"), named("b"));
        assert_eq!(named("a"), named("a"));
    }

    #[test]
    fn content_hash_does_not_ask_how_the_draft_was_written() {
        let expected = a_draft().content_hash(&[]);
        let defaults = [
            changed(|draft| draft.dedupe = Some(Dedupe::Address)),
            changed(|draft| draft.unknown_outcome = Some(UnknownOutcome::Resend)),
            changed(|draft| draft.sender.name = Some(" ".to_owned())),
            changed(|draft| draft.contents[0].language = "FI".to_owned()),
            changed(|draft| draft.recipients.party_ids = vec![2, 1, 2]),
        ];
        for hash in defaults {
            assert_eq!(hash, expected);
        }
        let one = r#"{"purpose":"service","name":"a","sender":{"address":"a@b.fi"},"recipients":{"filter":{"property":{"field":"city","op":"eq","value":"Espoo"}}}}"#;
        let other = r#"{"recipients":{"party_ids":[],"filter":{"property":{"include_descendants":true,"value":"Espoo","op":"eq","field":"city","values":null}}},
            "sender":{"reply_to":null,"address":"a@b.fi"},"contents":[],"missing_language":"refuse","delivery":{"channels":[],"mode":"fallback"},"dedupe":null,"purpose":"service"}"#;
        let hash = |json: &str| serde_json::from_str::<MailingDraft>(json).unwrap().content_hash(&[]);
        assert_eq!(hash(one), hash(other));
        assert_ne!(hash(one), hash(&other.replace("\"include_descendants\":true", "\"include_descendants\":false")));
    }

    #[test]
    fn canonical_json_sorts_keys_at_every_depth() {
        let mut out = String::new();
        let value: Value = serde_json::from_str(r#"{"b":{"d":1,"c":[null,"x\"y"]},"a":null}"#).unwrap();
        write_canonical(&value, &mut out);
        assert_eq!(out, r#"{"b":{"c":[null,"x\"y",],"d":1,},}"#);
    }
}
