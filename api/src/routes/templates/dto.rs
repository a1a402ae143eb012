//! Templates in JSON. What they must satisfy is decided in `domain::template`.

use chrono::{DateTime, Utc};
use domain::eligibility::Channel;
use domain::mailing::Format;
use domain::occasion::OccasionKind;
use domain::template::{self, Binding, LanguageVersion};
use persistence::templates::StoredTemplate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;

/// A template as it is written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "folder_id": "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55",
    "name": "Vesikatko",
    "format": "markdown",
    "language_versions": [
        {"language": "fi", "subject": "Vesikatko {{ property.name }}",
         "body": "Hei {{ recipient.first_name|default('asukas') }}, vesi on poikki."},
        {"language": "sv", "subject": "Vattenavbrott {{ property.name }}",
         "body": "Hej {{ recipient.first_name|default('boende') }}, vattnet är avstängt."}
    ]
}))]
pub struct TemplateRequest {
    /// The folder it is kept in; the folder's channel is the template's.
    pub folder_id: Uuid,
    /// What it is called, once a folder; at most 200 characters.
    #[schema(example = "Vesikatko", min_length = 1, max_length = 200)]
    pub name: String,
    /// What the bodies are written in: `text` (default), `markdown` or `html`. Text messages are always `text`.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(text|markdown|html)$", default = "text", example = "markdown")]
    pub format: Format,
    /// The occasion it serves; null for none.
    #[serde(default)]
    pub occasion: Option<TemplateOccasion>,
    /// What it says, once a language; at least one and at most 50.
    #[schema(min_items = 1, max_items = 50)]
    pub language_versions: Vec<TemplateLanguageVersion>,
}

/// That a template serves an occasion. It may then use the occasion's merge fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateOccasion {
    /// `overdue_key_loan`, `move_in_inspection_due`, `points_statement` or `workflow`.
    #[schema(
        value_type = String,
        pattern = "^(overdue_key_loan|move_in_inspection_due|points_statement|workflow)$",
        example = "overdue_key_loan"
    )]
    pub kind: OccasionKind,
    /// Which workflow is meant, as the system that has them calls it; needed for `workflow` and for nothing else.
    #[serde(default)]
    #[schema(example = json!(null), max_length = 200)]
    pub workflow_ref: Option<String>,
    /// Whether it is the one taken where none is named. One template of an occasion, workflow and channel can be; where none is
    /// marked and there is only one, it is that one.
    #[serde(default)]
    #[schema(default = false)]
    pub default: bool,
}

/// What a template says in one language. Subject and body are templates over the merge fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateLanguageVersion {
    /// BCP 47. The version `sv` also serves people of `sv-FI`.
    #[schema(example = "fi")]
    pub language: String,
    /// A mailing by e-mail or internetviesti needs one before it is sent; a text message has none.
    #[serde(default)]
    #[schema(example = "Vesikatko {{ property.name }}", max_length = 1000)]
    pub subject: Option<String>,
    /// Uses the fields of `GET /merge-fields`.
    #[schema(example = "Hei {{ recipient.first_name|default('asukas') }}!", min_length = 1)]
    pub body: String,
    /// The files that go with this version, in this order: ids that `POST /attachments` gave. At most 10, and 20 MiB together.
    #[serde(default)]
    #[schema(max_items = 10, example = json!([]))]
    pub attachment_ids: Vec<Uuid>,
}

/// A template as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    /// Its id.
    template_id: Uuid,
    /// Goes up with each save; also the ETag.
    #[schema(example = 3)]
    version: i64,
    /// The folder it is kept in.
    folder_id: Uuid,
    /// What it is called.
    #[schema(example = "Vesikatko")]
    name: String,
    /// That of its folder: `email`, `sms`, `letter` or `internetviesti`.
    #[schema(value_type = String, example = "email")]
    channel: Channel,
    /// What the bodies are written in.
    #[schema(value_type = String, example = "markdown")]
    format: Format,
    /// The occasion it serves.
    #[schema(required = true)]
    occasion: Option<TemplateOccasion>,
    /// What it says, once a language.
    language_versions: Vec<TemplateLanguageVersion>,
    /// When it was added.
    created_at: DateTime<Utc>,
    /// The subject of the token it was added with.
    #[schema(example = "portal")]
    created_by: String,
    /// When it was last saved.
    updated_at: DateTime<Utc>,
    /// The subject of the token it was last saved with.
    #[schema(example = "portal")]
    updated_by: String,
}

/// A template in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSummary {
    /// Its id.
    template_id: Uuid,
    /// Goes up with each save.
    #[schema(example = 3)]
    version: i64,
    /// What If-Match takes.
    #[schema(example = "\"3\"")]
    etag: String,
    /// The folder it is kept in.
    folder_id: Uuid,
    /// What it is called.
    #[schema(example = "Vesikatko")]
    name: String,
    /// `email`, `sms`, `letter` or `internetviesti`.
    #[schema(value_type = String, example = "email")]
    channel: Channel,
    /// What the bodies are written in.
    #[schema(value_type = String, example = "markdown")]
    format: Format,
    /// The occasion it serves.
    #[schema(required = true)]
    occasion: Option<TemplateOccasion>,
    /// The languages it has versions in.
    #[schema(example = json!(["fi", "sv"]))]
    languages: Vec<String>,
    /// When it was last saved.
    updated_at: DateTime<Utc>,
}

/// A page of templates, in Finnish order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplatePage {
    /// The templates.
    pub items: Vec<TemplateSummary>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub next_cursor: Option<String>,
}

impl TemplateRequest {
    /// The template of a folder of this channel.
    pub fn into_template(self, channel: Channel) -> template::Template {
        let Self { folder_id, name, format, occasion, language_versions } = self;
        template::Template {
            folder_id,
            name,
            channel,
            format,
            occasion: occasion.map(Into::into),
            language_versions: language_versions.into_iter().map(Into::into).collect(),
        }
        .normalized()
    }
}

impl From<template::Template> for TemplateRequest {
    fn from(template: template::Template) -> Self {
        let template::Template { folder_id, name, channel: _, format, occasion, language_versions } = template;
        Self {
            folder_id,
            name,
            format,
            occasion: occasion.map(Into::into),
            language_versions: language_versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<TemplateOccasion> for Binding {
    fn from(occasion: TemplateOccasion) -> Self {
        let TemplateOccasion { kind, workflow_ref, default } = occasion;
        Self { kind, workflow_ref, default }
    }
}

impl From<Binding> for TemplateOccasion {
    fn from(binding: Binding) -> Self {
        let Binding { kind, workflow_ref, default } = binding;
        Self { kind, workflow_ref, default }
    }
}

impl From<TemplateLanguageVersion> for LanguageVersion {
    fn from(version: TemplateLanguageVersion) -> Self {
        let TemplateLanguageVersion { language, subject, body, attachment_ids } = version;
        Self { language, subject, body, attachment_ids }
    }
}

impl From<LanguageVersion> for TemplateLanguageVersion {
    fn from(version: LanguageVersion) -> Self {
        let LanguageVersion { language, subject, body, attachment_ids } = version;
        Self { language, subject, body, attachment_ids }
    }
}

impl From<StoredTemplate> for Template {
    fn from(stored: StoredTemplate) -> Self {
        let StoredTemplate {
            template_id,
            version,
            template,
            sort_key: _,
            created_at,
            created_by,
            updated_at,
            updated_by,
        } = stored;
        let channel = template.channel;
        let TemplateRequest { folder_id, name, format, occasion, language_versions } = template.into();
        Self {
            template_id,
            version,
            folder_id,
            name,
            channel,
            format,
            occasion,
            language_versions,
            created_at,
            created_by,
            updated_at,
            updated_by,
        }
    }
}

impl From<StoredTemplate> for TemplateSummary {
    fn from(stored: StoredTemplate) -> Self {
        let StoredTemplate { template_id, version, template, updated_at, .. } = stored;
        Self {
            template_id,
            version,
            etag: ETag::of_version(version).to_string(),
            folder_id: template.folder_id,
            name: template.name,
            channel: template.channel,
            format: template.format,
            occasion: template.occasion.map(Into::into),
            languages: template.language_versions.into_iter().map(|version| version.language).collect(),
            updated_at,
        }
    }
}
