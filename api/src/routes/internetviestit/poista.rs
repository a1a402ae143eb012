//! `DELETE /api/v1/internetviestit/{internetviesti_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::internetviestit::{Author, withdraw};

use super::muokkaa::changeable;
use crate::auth::Require;
use crate::auth::perm::InternetviestitWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Withdraw a message.
///
/// For good: portals are answered 404 at once, for its attachments too, and are told its id where they ask what changed. The tool
/// still sees it, with its changes.
#[utoipa::path(
    operation_id = "deleteInternetviesti",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:write"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), IfMatchHeader),
    responses(
        (status = 204, description = "It has been withdrawn."),
        (status = 409, description = "It has been withdrawn before: `internetviesti_withdrawn`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/internetviestit/{internetviesti_id:[0-9]+}")]
pub async fn delete_internetviesti(
    caller: Require<InternetviestitWrite>,
    state: web::Data<AppState>,
    internetviesti_id: web::Path<i64>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let author = Author { subject: caller.subject.clone(), at: state.clock.now(), mailing_id: None };
    state
        .db
        .write(move |writer| {
            let stored = changeable(writer, id)?;
            seen.check_version(stored.version)?;
            Ok::<_, Problem>(withdraw(writer, &stored, &author)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
