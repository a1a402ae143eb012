//! What portals are given of a message: HTML that is safe to show, and the same as text.

use ammonia::Builder;

use super::{MessageFormat, Written};
use crate::content::{escape_html, html_to_text, markdown_to_html};

/// The largest message as HTML, in bytes.
const MAX_HTML: usize = 1 << 20;

/// A message that is larger than a mebibyte as HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// The HTML and the text of a version.
///
/// The HTML is a fragment without scripts, styles, forms and frames; links open apart and tell nobody where from. Elements
/// and attributes that are not allowed are left out, not refused.
///
/// # Errors
/// [`TooLarge`].
pub fn served(version: &Written) -> Result<(String, String), TooLarge> {
    let (html, text) = match version.format {
        MessageFormat::Text => (paragraphs(&version.message), Some(version.message.clone())),
        MessageFormat::Markdown => {
            (markdown_to_html(&version.message, &version.language, MAX_HTML).ok_or(TooLarge)?, None)
        }
        MessageFormat::Html => (version.message.clone(), None),
    };
    let html = cleaned(&html);
    if html.len() > MAX_HTML {
        return Err(TooLarge);
    }
    let text = text.unwrap_or_else(|| html_to_text(&html));
    Ok((html, text))
}

fn cleaned(html: &str) -> String {
    let cleaned = Builder::default()
        // An image would call another server, and tell it who reads.
        .rm_tags(["img", "map", "area"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(html)
        .to_string();
    cleaned.trim().to_owned()
}

/// Paragraphs are parted by empty lines; a line ends where it ends.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraphs =
        text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|text| !text.trim().is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", escape_html(paragraph).replace('\n', "<br>\n"))).collect()
}
