//! A template from a file: text, markdown, HTML or a Word document. What it is, is read from its bytes; its name must agree.

use super::docx;
use crate::attachment::{FileType, kinds_of};
use crate::eligibility::Channel;
use crate::invalid::FieldError;
use crate::mailing::Format;

/// The body that a file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    pub format: Format,
    pub body: String,
    /// What a Word document has beside text, and the template has not: `headers_and_footers`, `notes`, `pictures`, `text_boxes`.
    pub left_out: Vec<&'static str>,
}

/// What a file is called after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Markdown,
    Html,
    Docx,
}

impl Kind {
    /// What a file is called; where its name has no extension, what its bytes are.
    fn of(name: &str, bytes: &[u8]) -> Option<Self> {
        let Some((_, extension)) = name.trim().rsplit_once('.') else {
            return Some(if kinds_of(bytes) == [FileType::Docx] { Self::Docx } else { Self::Text });
        };
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "docx" => Some(Self::Docx),
            _ => None,
        }
    }

    /// The formats that a template can get from it, the usual one first.
    fn formats(self, channel: Channel) -> &'static [Format] {
        match (self, channel) {
            (Self::Text, _) => &[Format::Text, Format::Markdown],
            (Self::Markdown, _) => &[Format::Markdown],
            (Self::Html, _) => &[Format::Html],
            (Self::Docx, Channel::Sms) => &[Format::Text],
            (Self::Docx, Channel::Email | Channel::Letter | Channel::Internetviesti) => {
                &[Format::Markdown, Format::Html, Format::Text]
            }
        }
    }
}

/// Reads a file for a template of a channel. `wanted` is the format that the template has, or is to have; without it the file
/// decides.
///
/// # Errors
/// At `/file`: `template_type_refused`, `format_mismatch`, `empty_file`, `not_text`, and of documents `docx_damaged`,
/// `docx_too_large`, `docx_not_allowed`.
pub fn read_upload(name: &str, bytes: &[u8], wanted: Option<Format>, channel: Channel) -> Result<Uploaded, FieldError> {
    let refuse = |code, message: String| FieldError::new("/file", code, message);
    let kind = Kind::of(name, bytes)
        .ok_or_else(|| refuse("template_type_refused", "Upload a file named .txt, .md, .html or .docx.".to_owned()))?;
    let wanted = wanted.or((channel == Channel::Sms).then_some(Format::Text));
    let possible = kind.formats(channel);
    let usual = possible.first().copied().unwrap_or_default();
    let format = wanted.unwrap_or(usual);
    if !possible.contains(&format) {
        let message = format!("The template is written in {}, which this file cannot give.", format.as_str());
        return Err(refuse("format_mismatch", message));
    }
    if bytes.is_empty() {
        return Err(refuse("empty_file", "The file is empty; choose one with content.".to_owned()));
    }
    let (body, left_out) = match kind {
        Kind::Text | Kind::Markdown | Kind::Html => (text(bytes)?, Vec::new()),
        Kind::Docx => {
            if kinds_of(bytes) != [FileType::Docx] {
                return Err(refuse("template_type_refused", not_a_docx(bytes).to_owned()));
            }
            let document = docx::read(bytes).map_err(|fault| {
                let (code, message) = fault.told();
                refuse(code, message.to_owned())
            })?;
            let body = match format {
                Format::Text => docx::text(&document.blocks),
                Format::Markdown => docx::markdown(&document.blocks),
                Format::Html => docx::html(&document.blocks),
            };
            (body, document.left_out.into_iter().collect())
        }
    };
    Ok(Uploaded { format, body, left_out })
}

fn not_a_docx(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            "The file is an older Word document, or one with a password; save it as .docx, without a password."
        }
        _ => "What the file holds is no Word document, or one with macros; save it as .docx, without macros.",
    }
}

/// Text as UTF-8, its lines ended as here.
fn text(bytes: &[u8]) -> Result<String, FieldError> {
    let refused = || {
        let message = "The file is no text in UTF-8; save it with that encoding.";
        FieldError::new("/file", "not_text", message)
    };
    let text = std::str::from_utf8(bytes).map_err(|_not_utf8| refused())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    match text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
        true => Err(refused()),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests;
