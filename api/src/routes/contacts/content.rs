//! What sent contacts said. It is stored nowhere twice: it is rendered again from the mailing and the frozen row.

use std::collections::HashMap;
use std::sync::Arc;

use delivery::message::SentMailing;
use domain::content::Rendered;
use persistence::contacts::StoredContact;
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

/// What each of the contacts said, in their order; `None` for one that no mailing sent. Content that cannot be rendered any more is
/// `None` too, and logged: it must not hide the other contacts.
pub(super) fn render(contacts: &[StoredContact], mailings: HashMap<Uuid, StoredMailing>) -> Vec<Option<Rendered>> {
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
    contacts.iter().map(|stored| render_one(stored, &compiled)).collect()
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
