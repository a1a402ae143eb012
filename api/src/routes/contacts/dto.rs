//! A contact as the API shows it.

use chrono::{DateTime, Utc};
use domain::contact::Contact;
use persistence::contacts::{ContactRow, StoredContact};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::Said;
use crate::routes::register::visibility::Visibility;

/// One message with a party. Of a protected party, the address, what was said and which mailing it came from are null for callers
/// without the scope `parties:protected`: each of them may tell where the party lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactResponse {
    /// The contact's id.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    contact_id: Uuid,
    /// The thread the contact is in: the id of its first contact. A contact alone is a thread of one.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    thread_id: Uuid,
    /// The party.
    #[schema(example = 1042)]
    party_id: i64,
    /// `outbound` to the party, `inbound` from it. New values may appear.
    #[schema(example = "outbound")]
    direction: String,
    /// `email` or `internetviesti`. New values may appear.
    #[schema(example = "email")]
    channel: String,
    /// When the message was sent.
    #[schema(example = "2026-03-12T09:00:00.123456Z")]
    occurred_at: DateTime<Utc>,
    /// The mailing that sent it; null where there is none or it is hidden.
    #[schema(required = true, example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a22")]
    mailing_id: Option<Uuid>,
    /// The number of the party's row in that mailing; null where there is none or it is hidden.
    #[schema(required = true, example = 17)]
    row_no: Option<i64>,
    /// The delivery that carried it; null where there is none or it is hidden.
    #[schema(required = true, example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a33")]
    delivery_id: Option<Uuid>,
    /// The message in the portal that it is; null where it is none or it is hidden.
    #[schema(required = true, example = json!(null))]
    internetviesti_id: Option<i64>,
    /// The party's service language when it was sent (BCP 47).
    #[schema(required = true, example = "fi")]
    language: Option<String>,
    /// The address it went to; null where it is hidden.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    address: Option<String>,
    /// The subject as sent; null where there is none or it is hidden.
    #[schema(required = true, example = "Vesikatko 12.3.")]
    subject: Option<String>,
    /// The message as sent, as plain text; null where there is none or it is hidden.
    #[schema(required = true, example = "Hei Matti, vesi on poikki 12.3. klo 9–12.")]
    text: Option<String>,
}

impl ContactResponse {
    /// The contact as this caller sees it.
    pub(super) fn of(stored: StoredContact, said: Option<Said>, visibility: Visibility) -> Self {
        let StoredContact { contact, row_no, row } = stored;
        let Contact {
            contact_id,
            thread_id,
            party_id,
            direction,
            channel,
            occurred_at,
            mailing_id,
            delivery_id,
            internetviesti_id,
        } = contact;
        let (address, service_language) = match row {
            Some(ContactRow { address, language, .. }) => (address, Some(language)),
            None => (None, None),
        };
        let (language, subject, text) = match said {
            Some(Said { language, subject, text }) => (service_language.or(language), subject, Some(text)),
            None => (service_language, None, None),
        };
        let whole = Self {
            contact_id,
            thread_id,
            party_id,
            direction: direction.as_str().to_owned(),
            channel: channel.as_str().to_owned(),
            occurred_at,
            mailing_id,
            row_no,
            delivery_id,
            internetviesti_id,
            language,
            address,
            subject,
            text,
        };
        if visibility == Visibility::Redacted { whole.redacted() } else { whole }
    }

    /// Without the address, the content, which names houses and flats, and the mailing, whose recipients were chosen by them.
    fn redacted(self) -> Self {
        Self {
            mailing_id: None,
            row_no: None,
            delivery_id: None,
            internetviesti_id: None,
            address: None,
            subject: None,
            text: None,
            ..self
        }
    }
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactPage {
    /// The contacts, newest first.
    pub(super) items: Vec<ContactResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use domain::eligibility::Channel;
    use domain::ids::new_id;

    use super::*;

    fn sent() -> (StoredContact, Option<Said>) {
        let contact = Contact {
            internetviesti_id: Some(7),
            ..Contact::of_mailing(new_id(), 1042, Channel::Email, DateTime::UNIX_EPOCH, new_id(), new_id())
        };
        let row = ContactRow {
            address: Some("matti@example.fi".to_owned()),
            language: "fi".to_owned(),
            version_no: Some(0),
            merge_values: "{}".to_owned(),
        };
        let said = Said {
            language: Some("fi".to_owned()),
            subject: Some("Vesikatko Mäkikadulla".to_owned()),
            text: "Hei".to_owned(),
        };
        (StoredContact { contact, row_no: Some(17), row: Some(row) }, Some(said))
    }

    #[test]
    fn a_redacted_contact_tells_when_and_in_which_language_and_no_more() {
        let (stored, said) = sent();
        let shown = serde_json::to_value(ContactResponse::of(stored, said, Visibility::Redacted)).unwrap();
        for hidden in ["mailing_id", "row_no", "delivery_id", "internetviesti_id", "address", "subject", "text"] {
            assert!(shown[hidden].is_null(), "{hidden}: {shown}");
        }
        assert_eq!((&shown["party_id"], &shown["language"]), (&1042.into(), &"fi".into()));
        assert_eq!((&shown["direction"], &shown["channel"]), (&"outbound".into(), &"email".into()));
    }

    #[test]
    fn others_see_all_of_it() {
        for visibility in [Visibility::Open, Visibility::Disclosed] {
            let (stored, said) = sent();
            let shown = serde_json::to_value(ContactResponse::of(stored, said, visibility)).unwrap();
            assert!(shown.as_object().unwrap().values().all(|value| !value.is_null()), "{shown}");
        }
    }
}
