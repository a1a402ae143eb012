//! Forms with a file that becomes a template, and what came of it.

use domain::invalid::FieldError;
use domain::mailing::Format;
use domain::template::{Uploaded, read_upload};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::Template;
use crate::extract::{FileForm, FormFields};
use crate::problem::Problem;

/// A form with a file that becomes a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; FileForm reads it")]
pub struct TemplateUpload {
    /// A file named .txt, .md or .html, as UTF-8, or .docx without macros and password.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// The folder to keep it in; the folder's channel is the template's.
    folder_id: Uuid,
    /// What it is called, once a folder; by default as the file, without its extension.
    #[schema(nullable = false, example = "Vesikatko", max_length = 200)]
    name: Option<String>,
    /// The language (BCP 47) the file is written in.
    #[schema(example = "fi")]
    language: String,
    /// The subject, a template over the merge fields.
    #[schema(nullable = false, example = "Vesikatko {{ property.name }}", max_length = 1000)]
    subject: Option<String>,
    /// `text`, `markdown` or `html`: what a Word document becomes (by default `markdown`), or how a .txt file is meant. Other files
    /// are what they are.
    #[schema(nullable = false, pattern = "^(text|markdown|html)$", example = "markdown")]
    format: Option<String>,
}

impl FormFields for TemplateUpload {
    const NAMES: &'static [&'static str] = &["folder_id", "name", "language", "subject", "format"];
}

/// A form with a file that becomes a language version of a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; FileForm reads it")]
pub struct TemplateLanguageUpload {
    /// A file named .txt, .md or .html, as UTF-8, or .docx without macros and password, that gives the format of the template.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// The language (BCP 47) the file is written in.
    #[schema(example = "sv")]
    language: String,
    /// The subject; without it, the version that is there keeps its own.
    #[schema(nullable = false, example = "Vattenavbrott {{ property.name }}", max_length = 1000)]
    subject: Option<String>,
}

impl FormFields for TemplateLanguageUpload {
    const NAMES: &'static [&'static str] = &["language", "subject"];
}

/// A template that a file was read into.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadedTemplate {
    pub template: Template,
    /// What a Word document has beside text, and the template has not: `headers_and_footers`, `notes`, `pictures`, `text_boxes`.
    #[schema(example = json!(["pictures"]))]
    pub left_out: Vec<&'static str>,
}

/// The file of a form, read off the threads that answer.
///
/// # Errors
/// 422 for a file that gives no template.
pub async fn read<F>(
    form: &FileForm<F>,
    wanted: Option<Format>,
    channel: domain::eligibility::Channel,
) -> Result<Uploaded, Problem> {
    let (name, bytes) = (form.file.name.clone(), form.file.bytes.clone());
    let read = actix_web::web::block(move || read_upload(&name, &bytes, wanted, channel)).await;
    Ok(read.map_err(Problem::internal)??)
}

/// The format that a form asks for.
pub fn format(word: &str) -> Result<Format, Problem> {
    let known = [Format::Text, Format::Markdown, Format::Html];
    let unknown = || FieldError::new("/format", "unknown_value", "A format is text, markdown or html.");
    Ok(known.into_iter().find(|format| format.as_str() == word).ok_or_else(unknown)?)
}

/// Where in the form a field of the template's version at `index` stands.
pub fn in_form(pointer: &str, index: usize) -> String {
    match pointer.strip_prefix(&format!("/language_versions/{index}/")) {
        Some("body") => "/file".to_owned(),
        Some(field) => format!("/{field}"),
        None => pointer.to_owned(),
    }
}
