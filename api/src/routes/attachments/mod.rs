//! Attachments: files taken in, to be named by the contents of mailings.

pub mod content;
pub mod create;
pub mod delete;
pub mod dto;
pub mod get;
pub(in crate::routes) mod taking_in;

use delivery::files::FilesError;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::etag::ETag;
use crate::problem::Problem;

/// The version of every attachment: none ever changes.
fn etag() -> ETag {
    ETag::of_version(1)
}

/// A fault of the file store: one that may pass, or a file that should be there.
pub(in crate::routes) fn unreachable(error: FilesError) -> Problem {
    match error {
        FilesError::Store(_) => Problem::unavailable(error),
        FilesError::Open { .. } | FilesError::Missing(_) | FilesError::Damaged(_) => Problem::internal(error),
    }
}

/// Registers the operations on attachments.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_attachment)
        .service(get::get_attachment)
        .service(content::get_attachment_content)
        .service(delete::delete_attachment);
}
