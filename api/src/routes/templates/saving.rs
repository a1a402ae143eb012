//! What all ways of saving a template share, within the transaction that saves it.

use actix_web::http::{StatusCode, header};
use chrono::{DateTime, Utc};
use domain::attachment::check_attached_at;
use domain::eligibility::Channel;
use domain::ids::new_id;
use domain::invalid::FieldError;
use domain::template::{Template, TemplateRef};
use persistence::templates::{self, Save, StoredTemplate, Taken, find, find_folder};
use persistence::{Reader, Writer};
use serde::Serialize;
use uuid::Uuid;

use crate::etag::ETag;
use crate::idempotency::StoredReply;
use crate::problem::{Code, Problem};
use crate::routes::BASE;

/// The channel of a folder that a request names.
///
/// # Errors
/// 422 `unknown_folder` at `/folder_id`.
pub(in crate::routes) fn channel_of_folder(reader: &mut Reader<'_>, folder_id: Uuid) -> Result<Channel, Problem> {
    let unknown = || FieldError::new("/folder_id", "unknown_folder", "There is no such folder; add it first.");
    Ok(find_folder(reader, folder_id)?.ok_or_else(unknown)?.channel)
}

/// A template that is there.
///
/// # Errors
/// 404.
pub(super) fn existing(reader: &mut Reader<'_>, template_id: Uuid) -> Result<StoredTemplate, Problem> {
    find(reader, template_id)?.ok_or_else(Problem::not_found)
}

/// Who saves, and when.
pub(in crate::routes) fn save_by(subject: &str, at: DateTime<Utc>) -> Save {
    Save { subject: subject.to_owned(), at, restored_from: None }
}

/// Holds a template against its own rules and against what else there is; `but` is the template itself.
fn check(reader: &mut Reader<'_>, template: &Template, but: Option<Uuid>) -> Result<(), Problem> {
    template.check()?;
    let found = persistence::attachments::by_ids(reader, &template.attachment_ids())?;
    check_attached_at("/language_versions", &template.contents(), &found)?;
    match templates::taken(reader, template, but)? {
        None => Ok(()),
        Some(Taken::Name) => {
            let detail = "The folder has another template of this name. Choose another name, or another folder.";
            Err(Problem::new(Code::TemplateNameTaken, detail))
        }
        Some(Taken::Default(name)) => {
            let detail = format!(
                "The template {name:?} is the default of this occasion on this channel. Take the mark from it first."
            );
            Err(Problem::new(Code::OccasionDefaultTaken, detail))
        }
    }
}

/// Adds a template.
///
/// # Errors
/// 422 and 409 for what it must not be.
pub(in crate::routes) fn add(
    writer: &mut Writer<'_>,
    template: &Template,
    save: &Save,
) -> Result<StoredTemplate, Problem> {
    check(writer, template, None)?;
    let template_id = new_id();
    templates::insert(writer, template_id, template, save)?;
    existing(writer, template_id)
}

/// The answer to a request that added a template.
///
/// # Errors
/// 500, when `body` cannot be written as JSON.
pub(in crate::routes) fn created(stored: &StoredTemplate, body: &impl Serialize) -> Result<StoredReply, Problem> {
    let StoredTemplate { template_id, version, .. } = stored;
    let etag = ETag::of_version(*version);
    let reply = StoredReply::json(StatusCode::CREATED, body)?;
    let location = format!("{BASE}/templates/{template_id}");
    Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, etag.as_str()))
}

/// Checks the next version of a template; `seen` then decides whether the caller may change it.
///
/// # Errors
/// 422 and 409 for what it must not be; what `seen` answers.
pub(super) fn replace(
    writer: &mut Writer<'_>,
    old: &StoredTemplate,
    template: &Template,
    save: &Save,
    seen: impl FnOnce(&ETag) -> Result<(), Problem>,
) -> Result<StoredTemplate, Problem> {
    let template_id = old.template_id;
    check(writer, template, Some(template_id))?;
    // Last, as RFC 9110, section 13.2.1, has it: a fault of the request is told whatever the version.
    seen(&ETag::of_version(old.version))?;
    templates::update(writer, TemplateRef { template_id, version: old.version.saturating_add(1) }, template, save)?;
    existing(writer, template_id)
}
