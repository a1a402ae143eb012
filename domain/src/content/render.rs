//! From the contents of a mailing to the message of one recipient. Templates are compiled once and rendered for each.

use std::sync::{Mutex, PoisonError};

use minijinja::Environment;

use crate::content::engine::{self, Escape};
use crate::content::html;
use crate::content::markdown;
use crate::content::merge_fields::{MergeValues, TemplateFields, one_line};
use crate::content::template_check::{TemplateFault, read_template};
use crate::mailing::draft::{Content, Format};

/// The largest text or HTML of a message, in bytes.
pub const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// A message of one recipient, as far as its content goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// On one line; `None` where the version has no subject.
    pub subject: Option<String>,
    /// The text version; there always is one.
    pub text: String,
    /// The HTML version, of the formats `markdown` and `html`.
    pub html: Option<String>,
}

/// Why a recipient's message can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// This merge field has no value and its place in the template no `default`.
    #[error("{0} has no value")]
    MissingValue(String),
    /// Text or HTML is larger than [`MAX_OUTPUT_BYTES`].
    #[error("the message is larger than {MAX_OUTPUT_BYTES} bytes")]
    TooLarge,
    /// Anything else; templates that pass the check give no reason for it.
    #[error("{0}")]
    Other(String),
}

/// The content versions of a mailing, ready to be rendered from any thread.
#[derive(Debug)]
pub struct CompiledContent {
    env: Environment<'static>,
    versions: Vec<CompiledVersion>,
    fields: TemplateFields,
}

#[derive(Debug)]
struct CompiledVersion {
    format: Format,
    language: String,
    /// The names of the templates.
    subject: Option<String>,
    text: String,
    html: String,
    fields: TemplateFields,
    /// The last HTML and its text: without merge fields in it they are the same for everybody, and the conversion is slow.
    last_text: Mutex<Option<(String, String)>>,
}

impl CompiledContent {
    /// Compiles every version; an index into `contents` is what [`CompiledContent::render`] is asked with.
    pub fn new(contents: &[Content]) -> Result<Self, TemplateFault> {
        let mut env = engine::environment();
        let mut add = |name: &str, source: &str| {
            env.add_template_owned(name.to_owned(), source.to_owned())
                .map_err(|error| TemplateFault::at(source, 0, "template_syntax", error.to_string()))
        };
        let mut versions = Vec::with_capacity(contents.len());
        let mut fields = TemplateFields::default();
        for (index, content) in contents.iter().enumerate() {
            let Content { channel: _, language, subject, body, format, attachment_ids: _ } = content;
            let mut version = CompiledVersion {
                format: *format,
                language: language.clone(),
                subject: subject.as_ref().map(|_| Escape::None.template_name(index, "subject")),
                text: Escape::None.template_name(index, "body"),
                html: match format {
                    Format::Text | Format::Html => Escape::Html,
                    Format::Markdown => Escape::Markdown,
                }
                .template_name(index, "body"),
                fields: read_template(body)?,
                last_text: Mutex::new(None),
            };
            if let (Some(name), Some(source)) = (&version.subject, subject) {
                version.fields.extend(&read_template(source)?);
                add(name, source)?;
            }
            if *format != Format::Html {
                add(&version.text, body)?;
            }
            if *format != Format::Text {
                add(&version.html, body)?;
            }
            fields.extend(&version.fields);
            versions.push(version);
        }
        Ok(Self { env, versions, fields })
    }

    /// The message of one recipient in the version of this index.
    pub fn render(&self, index: usize, values: &MergeValues) -> Result<Rendered, RenderFault> {
        let version = self.version(index)?;
        let subject = self.subject(version, values)?;
        let (text, html) = match version.format {
            Format::Text => (self.template(&version.text, values)?, None),
            Format::Markdown => {
                let text = self.template(&version.text, values)?;
                let guarded = self.template_within(&version.html, values, MAX_OUTPUT_BYTES * 4)?;
                let html = markdown::to_html(&guarded, &version.language, MAX_OUTPUT_BYTES);
                (text, Some(html.ok_or(RenderFault::TooLarge)?))
            }
            Format::Html => {
                let html = self.template(&version.html, values)?;
                (version.text_of(&html)?, Some(html))
            }
        };
        Ok(Rendered { subject, text, html })
    }

    /// Whether [`CompiledContent::render`] would find a value for every field, without the work of making HTML or text: for
    /// going through all recipients before anything is sent.
    pub fn verify(&self, index: usize, values: &MergeValues) -> Result<(), RenderFault> {
        let version = self.version(index)?;
        self.subject(version, values)?;
        let body = match version.format {
            Format::Text | Format::Markdown => &version.text,
            Format::Html => &version.html,
        };
        self.template(body, values).map(|_| ())
    }

    /// The fields that any version uses.
    pub fn fields(&self) -> &TemplateFields {
        &self.fields
    }

    /// The fields that the version of this index uses, in subject and body.
    pub fn fields_of(&self, index: usize) -> Option<&TemplateFields> {
        self.versions.get(index).map(|version| &version.fields)
    }

    /// Whether any version uses a `property.*` field.
    pub fn uses_property(&self) -> bool {
        self.fields.uses_property()
    }

    /// Whether any version uses a personal field, see [`crate::content::MergeField::personal`].
    pub fn uses_personal_fields(&self) -> bool {
        self.fields.uses_personal_fields()
    }

    fn version(&self, index: usize) -> Result<&CompiledVersion, RenderFault> {
        self.versions.get(index).ok_or_else(|| RenderFault::Other(format!("there is no content version {index}")))
    }

    fn subject(&self, version: &CompiledVersion, values: &MergeValues) -> Result<Option<String>, RenderFault> {
        let subject = version.subject.as_ref().map(|name| self.template(name, values)).transpose()?;
        Ok(subject.map(|subject| one_line(&subject)))
    }

    fn template(&self, name: &str, values: &MergeValues) -> Result<String, RenderFault> {
        self.template_within(name, values, MAX_OUTPUT_BYTES)
    }

    fn template_within(&self, name: &str, values: &MergeValues, limit: usize) -> Result<String, RenderFault> {
        engine::render(&self.env, name, values, limit)
    }
}

impl CompiledVersion {
    /// The text version of `html`.
    fn text_of(&self, html: &str) -> Result<String, RenderFault> {
        let known = || self.last_text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = known().as_ref().filter(|(last, _)| last == html) {
            return Ok(text.clone());
        }
        let text = html::to_text(html);
        if text.len() > MAX_OUTPUT_BYTES {
            return Err(RenderFault::TooLarge);
        }
        *known() = Some((html.to_owned(), text.clone()));
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
