//! `DELETE /api/v1/attributes/{register}/{name}`.

use actix_web::{HttpResponse, delete, web};
use persistence::attributes;

use super::writing::{before, named};
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Take an attribute's declaration back.
///
/// The rows keep their values, which are held to no type any more. Filters that name the attribute are refused from then on.
#[utoipa::path(
    operation_id = "deleteAttribute",
    tag = "attributes",
    security(("bearer" = ["register:write"])),
    params(
        ("register" = String, Path, description = "`party` or `property`.", example = "party", pattern = "^(party|property)$"),
        (
            "name" = String,
            Path,
            description = "The name: a lower-case snake word of at most 64 characters.",
            example = "customer_class",
            pattern = "^[a-z][a-z0-9_]{0,63}$",
        ),
        IfMatchHeader,
    ),
    responses((status = 204, description = "The declaration is gone.")),
)]
#[delete("/attributes/{register}/{name}")]
pub async fn delete_attribute(
    _caller: Require<RegisterWrite>,
    path: web::Path<(String, String)>,
    seen: IfMatch,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (register, name) = named(path.into_inner())?;
    state
        .db
        .write(move |writer| {
            let stored = before(writer, register, &name)?.ok_or_else(Problem::not_found)?;
            seen.check(&ETag::of_version(stored.version))?;
            Ok::<_, Problem>(attributes::delete(writer, register, &name)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
