//! What adding and changing a message share: its files are taken in first, then it is held against the register and written.

use actix_web::web::{self, Bytes};
use delivery::files::sha256;
use domain::internetviesti::{Internetviesti, State, check};
use domain::invalid::FieldError;
use persistence::attachments::{self, StoredAttachment};
use persistence::internetviestit::StoredInternetviesti;
use persistence::{Writer, internetviestit, register};
use uuid::Uuid;

use super::pyynto_dto::{GivenFile, InternetviestiPyynto};
use crate::problem::Problem;
use crate::routes::attachments::taking_in::{Received, take_in};
use crate::state::AppState;

/// How many unknown ids are named.
const NAMED: usize = 20;

/// A message whose files have been taken in.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) message: Internetviesti,
    pub(super) state: State,
    attachments: Vec<StoredAttachment>,
}

/// Checks what can be checked without the database, and takes in the files that were given.
///
/// # Errors
/// 422 with every fault; 503.
pub(super) async fn prepare(state: &AppState, subject: &str, asked: InternetviestiPyynto) -> Result<Prepared, Problem> {
    let (mut message, target, files) = asked.read()?;
    check(&message, target == State::Draft)?;
    let mut taken = Vec::with_capacity(files.len());
    for GivenFile { pointer, version, name, declared, bytes } in files {
        if bytes.len() > state.settings.attachment_limit {
            let detail = format!("A file has at most {} bytes.", state.settings.attachment_limit);
            return Err(FieldError::new(pointer, "too_large", detail).into());
        }
        let bytes = Bytes::from(bytes);
        let hashed = web::block(move || (sha256(&bytes), bytes)).await;
        let (sha256, bytes) = hashed.map_err(Problem::internal)?;
        let received = Received { pointer: &pointer, name: &name, declared: declared.as_deref(), sha256, bytes };
        let stored = take_in(state, subject, received).await?;
        let list = match version {
            None => Some(&mut message.attachment_ids),
            Some(index) => message.versions.get_mut(index).map(|version| &mut version.attachment_ids),
        };
        list.into_iter().for_each(|list| list.push(stored.attachment.attachment_id));
        taken.push(stored);
    }
    check(&message, target == State::Draft)?;
    Ok(Prepared { message, state: target, attachments: taken })
}

impl Prepared {
    /// In the transaction that writes the message: adds its files, and holds it against what there is. Gives the message with the
    /// audience of the one it corrects; once published, its audience is its own.
    ///
    /// # Errors
    /// 422, 503.
    pub(super) fn complete(
        &self,
        writer: &mut Writer<'_>,
        own: Option<&StoredInternetviesti>,
    ) -> Result<Internetviesti, Problem> {
        for stored in &self.attachments {
            if !attachments::insert(writer, stored)? {
                return Err(Problem::unavailable("a file was deleted while it was being taken in"));
            }
        }
        let mut message = self.message.clone();
        let mut errors = unknown_targets(writer, &message)?;
        errors.extend(unknown_files(writer, &message)?);
        let is_published = own.is_some_and(|own| own.state == State::Published);
        if let Some(earlier) = message.corrects.filter(|_| !is_published) {
            let own = own.map(|own| own.internetviesti_id);
            match internetviestit::find(writer, earlier)? {
                Some(found) if found.state != State::Draft && Some(earlier) != own => {
                    errors.extend(message.inherit_audience(&found.message).err().into_iter().flatten());
                }
                _ => {
                    let detail = "There is no such message that has been published.";
                    errors.push(FieldError::new("/korjaa_id", "unknown_message", detail));
                }
            }
        }
        if errors.is_empty() { Ok(message) } else { Err(errors.into()) }
    }
}

fn unknown_targets(writer: &mut Writer<'_>, message: &Internetviesti) -> Result<Vec<FieldError>, Problem> {
    let parties = register::known_parties(writer, &message.party_ids)?;
    let properties = register::known_properties(writer, &message.property_ids)?;
    let unknown = |list: &'static str, code, ids: &[i64], known: &std::collections::HashSet<i64>| {
        let missing = ids.iter().enumerate().filter(|(_, id)| !known.contains(id)).take(NAMED);
        let error = |(index, id)| {
            FieldError::new(format!("/{list}/{index}"), code, format!("There is no {id} in the register."))
        };
        missing.map(error).collect::<Vec<_>>()
    };
    let mut errors = unknown("osapuoli_idt", "unknown_party", &message.party_ids, &parties);
    errors.extend(unknown("kohde_idt", "unknown_property", &message.property_ids, &properties));
    Ok(errors)
}

fn unknown_files(writer: &mut Writer<'_>, message: &Internetviesti) -> Result<Vec<FieldError>, Problem> {
    let known = attachments::by_ids(writer, &message.attachments())?;
    let unknown = |base: String, ids: &[Uuid]| {
        let missing = ids.iter().enumerate().filter(|(_, id)| !known.iter().any(|one| one.attachment_id == **id));
        let detail = "There is no such file; upload it first.";
        let error = |(index, _)| FieldError::new(format!("{base}/tiedosto_idt/{index}"), "unknown_attachment", detail);
        missing.map(error).collect::<Vec<_>>()
    };
    let mut errors = unknown(String::new(), &message.attachment_ids);
    for (index, version) in message.versions.iter().enumerate() {
        errors.extend(unknown(format!("/versiot/{index}"), &version.attachment_ids));
    }
    Ok(errors)
}
