//! `POST /api/v1/templates/{template_id}/upload`.

use actix_web::http::header;
use actix_web::{HttpResponse, post, web};
use domain::language;
use domain::template::{LanguageVersion, Uploaded};
use uuid::Uuid;

use super::saving::{existing, replace, save_by};
use super::upload_dto::{TemplateLanguageUpload, UploadedTemplate, in_form, read};
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::FileForm;
use crate::problem::Problem;
use crate::state::AppState;

/// Add or replace a language version of a template from a file.
///
/// The other languages stay; of the version that is there its attachments stay too.
#[utoipa::path(
    operation_id = "uploadTemplateLanguage",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("template_id" = Uuid, Path, description = "The template."), IfMatchHeader),
    request_body(content = TemplateLanguageUpload, content_type = "multipart/form-data", description = "The file, and its language."),
    responses((
        status = 200,
        description = "The template, with that version.",
        body = UploadedTemplate,
        headers(("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/templates/{template_id}/upload")]
pub async fn upload_template_language(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    template_id: web::Path<Uuid>,
    seen: IfMatch,
    form: FileForm<TemplateLanguageUpload>,
) -> Result<HttpResponse, Problem> {
    let template_id = template_id.into_inner();
    let tag = form.required("language")?;
    let tag = language::parse(tag).unwrap_or_else(|| tag.to_owned());
    let subject = form.field("subject").map(str::to_owned);
    let old = state.db.read(move |reader| existing(reader, template_id)).await?;
    let Uploaded { body, left_out, .. } = read(&form, Some(old.template.format), old.template.channel).await?;
    let save = save_by(&caller.subject, state.clock.now());
    let stored = state
        .db
        .write(move |writer| {
            let old = existing(writer, template_id)?;
            let mut template = old.template.clone();
            let versions = &mut template.language_versions;
            let index = versions.iter().position(|version| version.language == tag).unwrap_or(versions.len());
            match versions.get_mut(index) {
                Some(version) => {
                    version.body.clone_from(&body);
                    version.subject = subject.clone().or_else(|| version.subject.take());
                }
                None => versions.push(LanguageVersion {
                    language: tag.clone(),
                    subject: subject.clone(),
                    body: body.clone(),
                    attachment_ids: Vec::new(),
                }),
            }
            replace(writer, &old, &template, &save, |current| seen.check(current))
                .map_err(|problem| problem.with_pointers(|pointer| in_form(pointer, index)))
        })
        .await?;
    let etag = ETag::of_version(stored.version);
    let body = UploadedTemplate { template: stored.into(), left_out };
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag.header_value())).json(body))
}
