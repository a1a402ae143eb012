//! Mailings: composed as a draft, previewed, sent, and followed recipient by recipient.

mod about;
pub mod create;
pub mod delete;
pub mod deliveries;
pub mod draft_dto;
mod freezing;
pub mod get;
mod left_out;
pub mod list;
pub mod mailing_dto;
pub mod message;
pub mod preview;
mod preview_dto;
mod recipient_lines;
pub mod recipients;
pub(in crate::routes) mod resolving;
pub mod resume;
mod save_as_template;
pub mod send;
mod send_rules;
mod template;
mod unknown_parties;
pub mod update;

use domain::attachment::{Attachment, check_attached};
use domain::mailing::{MailingDraft, MailingStatus, Progress};
use persistence::Reader;
use persistence::mailings::{StoredMailing, find, progress};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// A mailing and how far it is.
fn with_progress(reader: &mut Reader<'_>, mailing_id: Uuid) -> Result<(StoredMailing, Progress), Problem> {
    let mailing = find(reader, mailing_id)?.ok_or_else(Problem::not_found)?;
    let progress = progress(reader, &[mailing_id])?.remove(&mailing_id).unwrap_or_default();
    Ok((mailing, progress))
}

/// A mailing that may still be changed, for the transaction that changes it.
fn draft(reader: &mut Reader<'_>, mailing_id: Uuid) -> Result<StoredMailing, Problem> {
    let mailing = find(reader, mailing_id)?.ok_or_else(Problem::not_found)?;
    if mailing.status == MailingStatus::Draft {
        return Ok(mailing);
    }
    let detail = format!("This mailing is {}; only a draft can be changed, deleted or sent.", mailing.status.as_str());
    Err(Problem::new(Code::MailingNotDraft, detail))
}

/// What the contents of a draft name, checked.
fn attached(reader: &mut Reader<'_>, draft: &MailingDraft) -> Result<Vec<Attachment>, Problem> {
    let found = persistence::attachments::by_ids(reader, &draft.attachment_ids())?;
    check_attached(&draft.contents, &found)?;
    Ok(found)
}

/// Registers the operations on mailings.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_mailing)
        .service(list::list_mailings)
        .service(get::get_mailing)
        .service(update::update_mailing)
        .service(delete::delete_mailing)
        .service(preview::preview_mailing)
        .service(save_as_template::create_template_of_mailing)
        .service(send::send_mailing)
        .service(resume::resume_mailing)
        .service(deliveries::list_mailing_deliveries)
        .service(recipients::download_mailing_recipients)
        .service(message::get_delivered_message);
}
