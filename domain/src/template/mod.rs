//! Templates (viestipohjat): texts that the customers themselves keep for mailings to begin with, with their language versions.
//! Every save is a version of its own.

mod check;
mod docx;
mod serve;
mod show;
mod upload;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::eligibility::Channel;
use crate::invalid::FieldError;
use crate::language;
use crate::mailing::{Content, Format};
use crate::occasion::OccasionKind;

pub use check::check_folder_name;
pub use serve::{Why, choose};
pub use show::{EmptyField, Shown, show};
pub use upload::{Uploaded, read_upload};

/// That a template serves an occasion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub kind: OccasionKind,
    /// Which workflow, as the system that has them calls it; only of [`OccasionKind::Workflow`].
    #[serde(default)]
    pub workflow_ref: Option<String>,
    /// Whether it is the one taken where none is named; at most one of an occasion, workflow and channel is.
    #[serde(default)]
    pub default: bool,
}

/// What a template says in one language. Subject and body are templates over the merge fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageVersion {
    /// BCP 47.
    pub language: String,
    #[serde(default)]
    pub subject: Option<String>,
    pub body: String,
    #[serde(default)]
    pub attachment_ids: Vec<Uuid>,
}

/// A template as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub folder_id: Uuid,
    pub name: String,
    /// That of its folder.
    pub channel: Channel,
    /// What all bodies are written in.
    pub format: Format,
    #[serde(default)]
    pub occasion: Option<Binding>,
    pub language_versions: Vec<LanguageVersion>,
}

/// The template, and its version, that the content of a mailing was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRef {
    pub template_id: Uuid,
    pub version: i64,
}

impl Template {
    /// The same template in the form that is stored: texts trimmed, empty ones `None`, languages in canonical case. Subjects
    /// and bodies stay as written.
    #[must_use]
    pub fn normalized(self) -> Self {
        let Self { folder_id, name, channel, format, occasion, language_versions } = self;
        let versions = language_versions.into_iter().map(|version| LanguageVersion {
            language: language::parse(version.language.trim()).unwrap_or(version.language),
            subject: version.subject.filter(|subject| !subject.trim().is_empty()),
            ..version
        });
        let trimmed = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            folder_id,
            name: name.trim().to_owned(),
            channel,
            format,
            occasion: occasion
                .map(|binding| Binding { workflow_ref: binding.workflow_ref.and_then(trimmed), ..binding }),
            language_versions: versions.collect(),
        }
    }

    /// A template, still without folder and name, of what a mailing says by this channel.
    ///
    /// # Errors
    /// `no_content` when it says nothing by it, at `/folder_id`; `mixed_formats` when it is not written in one format.
    pub fn of_contents(contents: &[Content], channel: Channel) -> Result<Self, FieldError> {
        let mut said = contents.iter().filter(|content| content.channel == channel).peekable();
        let Some(format) = said.peek().map(|content| content.format) else {
            let message = format!("The mailing says nothing by {}; choose a folder of its channel.", channel.as_str());
            return Err(FieldError::new("/folder_id", "no_content", message));
        };
        let mut language_versions = Vec::new();
        for content in said {
            if content.format != format {
                let message = "The mailing's languages are written in different formats; a template has one.";
                return Err(FieldError::new("", "mixed_formats", message));
            }
            let Content { channel: _, language, subject, body, format: _, attachment_ids } = content.clone();
            language_versions.push(LanguageVersion { language, subject, body, attachment_ids });
        }
        let (folder_id, name) = (Uuid::nil(), String::new());
        Ok(Self { folder_id, name, channel, format, occasion: None, language_versions })
    }

    /// The occasion whose fields it may use.
    pub fn occasion_kind(&self) -> Option<OccasionKind> {
        self.occasion.as_ref().map(|binding| binding.kind)
    }

    /// The contents that a mailing takes from it: one a language.
    pub fn contents(&self) -> Vec<Content> {
        let content = |version: &LanguageVersion| {
            let LanguageVersion { language, subject, body, attachment_ids } = version.clone();
            Content { channel: self.channel, language, subject, body, format: self.format, attachment_ids }
        };
        self.language_versions.iter().map(content).collect()
    }

    /// The attachments that it names, each once, in order of their ids.
    pub fn attachment_ids(&self) -> Vec<Uuid> {
        let named = self.language_versions.iter().flat_map(|version| version.attachment_ids.iter().copied());
        let mut ids: Vec<Uuid> = named.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// Which of the templates bound to one occasion, workflow and channel is taken where none is named: the one marked as the
/// default, else the only one. `marked` tells of each whether it is marked.
pub fn default_among(marked: &[bool]) -> Option<usize> {
    marked.iter().position(|marked| *marked).or_else(|| (marked.len() == 1).then_some(0))
}

#[cfg(test)]
mod tests;
