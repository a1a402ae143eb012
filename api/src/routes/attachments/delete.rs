//! `DELETE /api/v1/attachments/{attachment_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::attachments::{self, Deletion};
use uuid::Uuid;

use crate::auth::{Require, perm};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Delete an attachment.
///
/// Only one that nothing names: no mailing, draft or sent, no message of a portal, and no version of a template.
#[utoipa::path(
    operation_id = "deleteAttachment",
    tag = "attachments",
    security(("bearer" = ["mailings:write"])),
    params(("attachment_id" = Uuid, Path, description = "The attachment.")),
    responses(
        (status = 204, description = "The attachment is gone."),
        (status = 409, description = "A mailing, a message of a portal or a template names it: `attachment_in_use`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/attachments/{attachment_id}")]
pub async fn delete_attachment(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsWrite>,
    attachment_id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let attachment_id = attachment_id.into_inner();
    match state.db.write(move |writer| attachments::delete(writer, attachment_id)).await? {
        Deletion::Done => Ok(HttpResponse::NoContent().finish()),
        Deletion::Unknown => Err(Problem::not_found()),
        Deletion::InUse => {
            let detail = "A mailing, a message of a portal or a version of a template names this attachment. Take it out of the \
                          draft or the message first, or delete the template; what was sent stays.";
            Err(Problem::new(Code::AttachmentInUse, detail))
        }
    }
}
