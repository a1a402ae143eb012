//! `POST /api/v1/templates/{template_id}/versions/{version}/restore`.

use actix_web::http::header;
use actix_web::{HttpResponse, post, web};
use domain::template::Template as DomainTemplate;
use persistence::templates::{Save, find_version};
use uuid::Uuid;

use super::dto::Template;
use super::saving::{existing, replace, save_by};
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Restore what a template said.
///
/// Takes format and language versions of an earlier version again, as a new version. Name, folder and occasion stay as they are,
/// and the text is checked as at every save.
#[utoipa::path(
    operation_id = "restoreTemplateVersion",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(
        ("template_id" = Uuid, Path, description = "The template."),
        ("version" = i64, Path, description = "The version to take the text of.", minimum = 1, example = 2),
        IfMatchHeader,
    ),
    responses(
        (status = 200, description = "The template, with the text of that version.", body = Template, headers(("ETag" = String, description = "Its version."))),
        (status = 422, description = "The text uses what the template must not use any more: `validation_failed`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/templates/{template_id}/versions/{version}/restore")]
pub async fn restore_template_version(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    path: web::Path<(Uuid, i64)>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (template_id, version) = path.into_inner();
    let save = Save { restored_from: Some(version), ..save_by(&caller.subject, state.clock.now()) };
    let stored = state
        .db
        .write(move |writer| {
            let old = existing(writer, template_id)?;
            let earlier = find_version(writer, template_id, version)?.ok_or_else(Problem::not_found)?.template;
            let DomainTemplate { format, language_versions, .. } = earlier;
            let template = DomainTemplate { format, language_versions, ..old.template.clone() };
            replace(writer, &old, &template, &save, |current| seen.check(current))
        })
        .await?;
    let etag = ETag::of_version(stored.version);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag.header_value())).json(Template::from(stored)))
}
