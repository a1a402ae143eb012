//! `POST /api/v1/template-uploads`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::invalid::FieldError;
use domain::template::{LanguageVersion, Template as DomainTemplate, Uploaded};
use uuid::Uuid;

use super::dto::Template;
use super::saving::{add, channel_of_folder, created, save_by};
use super::upload_dto::{TemplateUpload, UploadedTemplate, format, in_form, read};
use crate::auth::{Require, perm};
use crate::extract::FileForm;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, once};
use crate::problem::Problem;
use crate::state::AppState;

/// Add a template from a file.
///
/// Text, markdown and HTML are taken as they are. Of a Word document, paragraphs, headings, lists, tables, links, bold and italic are
/// taken. Further languages are uploaded to the template afterwards. What the file says is checked as of every template: `errors`
/// tell line and column of what it became.
#[utoipa::path(
    operation_id = "uploadTemplate",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(IdempotencyKeyHeader),
    request_body(content = TemplateUpload, content_type = "multipart/form-data", description = "The file, and where to keep it."),
    responses(
        (
            status = 201,
            description = "The template.",
            body = UploadedTemplate,
            headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
        ),
        (status = 409, description = "The folder has a template of this name (`template_name_taken`), or the same request is being worked on (`request_in_flight`).", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/template-uploads")]
pub async fn upload_template(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    form: FileForm<TemplateUpload>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, form.digest()));
    let folder_id = form.required("folder_id")?;
    let no_id = |_| FieldError::new("/folder_id", "invalid_value", "The id of a folder is a UUID.");
    let folder_id: Uuid = folder_id.parse().map_err(no_id)?;
    let wanted = form.field("format").map(format).transpose()?;
    let language = form.required("language")?.to_owned();
    let channel = state.db.read(move |reader| channel_of_folder(reader, folder_id)).await?;
    let Uploaded { format, body, left_out } = read(&form, wanted, channel).await?;
    let name = form.field("name").map_or_else(|| stem(&form.file.name), str::to_owned);
    let subject = form.field("subject").map(str::to_owned);
    let version = LanguageVersion { language, subject, body, attachment_ids: Vec::new() };
    let language_versions = vec![version];
    let template = DomainTemplate { folder_id, name, channel, format, occasion: None, language_versions }.normalized();
    let save = save_by(&caller.subject, state.clock.now());
    once(&state, context, move |writer| {
        // Deleted since it was looked at, it is unknown now.
        channel_of_folder(writer, folder_id)?;
        let stored =
            add(writer, &template, &save).map_err(|problem| problem.with_pointers(|pointer| in_form(pointer, 0)))?;
        let body = UploadedTemplate { template: Template::from(stored.clone()), left_out: left_out.clone() };
        created(&stored, &body)
    })
    .await
}

/// A file's name without folders and extension.
fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}
