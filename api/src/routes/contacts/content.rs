//! What sent contacts said. It is stored nowhere twice: it is rendered again from the mailing and the frozen row.

use std::collections::HashMap;
use std::sync::Arc;

use delivery::message::SentMailing;
use domain::content::Rendered;
use domain::internetviesti::{InternetviestiId, Wish, choose};
use persistence::contacts::StoredContact;
use persistence::internetviestit::{self, VersionText};
use persistence::mailings::{self, StoredMailing};
use persistence::{Reader, StoreResult};
use uuid::Uuid;

/// The mailings these contacts came from, each once.
///
/// # Errors
/// A failure of the database.
pub(super) fn mailings_of(
    reader: &mut Reader<'_>,
    contacts: &[StoredContact],
) -> StoreResult<HashMap<Uuid, StoredMailing>> {
    let mut found = HashMap::new();
    for mailing_id in contacts.iter().filter_map(|stored| stored.contact.mailing_id) {
        if !found.contains_key(&mailing_id)
            && let Some(mailing) = mailings::find(reader, mailing_id)?
        {
            found.insert(mailing_id, mailing);
        }
    }
    Ok(found)
}

/// What a contact said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The language of the version, where it is not that of the frozen row.
    pub(super) language: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) text: String,
}

/// What messages in the portal say to the party, by their ids: in its service language, as they are now.
///
/// # Errors
/// A failure of the database.
pub(super) fn portal_messages(
    reader: &mut Reader<'_>,
    contacts: &[StoredContact],
    service_language: &str,
) -> StoreResult<HashMap<InternetviestiId, Said>> {
    let ids: Vec<InternetviestiId> = contacts.iter().filter_map(|stored| stored.contact.internetviesti_id).collect();
    let mut versions: HashMap<InternetviestiId, Vec<VersionText>> = HashMap::new();
    for version in internetviestit::texts(reader, &ids)? {
        versions.entry(version.internetviesti_id).or_default().push(version);
    }
    let wish = Wish { party: Some(service_language), ..Wish::default() };
    let chosen = |(id, mut versions): (InternetviestiId, Vec<VersionText>)| {
        let languages: Vec<&str> = versions.iter().map(|version| version.language.as_str()).collect();
        let index = choose(&languages, wish)?;
        let VersionText { language, title, text, .. } = versions.swap_remove(index);
        Some((id, Said { language: Some(language), subject: Some(title), text }))
    };
    Ok(versions.into_iter().filter_map(chosen).collect())
}

/// What each of the contacts said, in their order; `None` for one that no mailing sent and that is no message in the portal. Content that cannot be rendered any more is
/// `None` too, and logged: it must not hide the other contacts.
pub(super) fn render(
    contacts: &[StoredContact],
    mailings: HashMap<Uuid, StoredMailing>,
    mut portal: HashMap<InternetviestiId, Said>,
) -> Vec<Option<Said>> {
    let compiled: HashMap<Uuid, Arc<SentMailing>> = mailings
        .into_iter()
        .filter_map(|(mailing_id, mailing)| match SentMailing::new(mailing) {
            Ok(mailing) => Some((mailing_id, mailing)),
            Err(error) => {
                log::error!("mailing {mailing_id}: {error}");
                None
            }
        })
        .collect();
    contacts
        .iter()
        .map(|stored| match stored.contact.internetviesti_id {
            // A party has one contact of a message.
            Some(id) => portal.remove(&id),
            None => render_one(stored, &compiled).map(|rendered| Said {
                language: None,
                subject: rendered.subject,
                text: rendered.text,
            }),
        })
        .collect()
}

fn render_one(stored: &StoredContact, compiled: &HashMap<Uuid, Arc<SentMailing>>) -> Option<Rendered> {
    let mailing = compiled.get(&stored.contact.mailing_id?)?;
    let row = stored.row.as_ref()?;
    match mailing.render(row.version_no, &row.merge_values) {
        Ok(rendered) => Some(rendered),
        Err(error) => {
            log::error!("contact {}: {error}", stored.contact.contact_id);
            None
        }
    }
}
