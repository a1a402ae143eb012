//! A template as a recipient would get it, for those who write it: nothing is left out for want of a value, and what has none
//! is named.

use super::Template;
use crate::content::{CompiledContent, MergeValues, RenderFault, Rendered, TemplateFault};
use crate::eligibility::Channel;
use crate::internetviesti::{MessageFormat, Written, served};

/// A merge field that the version uses and that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyField {
    pub name: String,
    /// Whether its place has no `default`: a mailing would leave this recipient out with `missing_value`.
    pub excludes: bool,
}

/// A version as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where a value is missing that must not be, the field's name stands in brackets.
    pub rendered: Rendered,
    /// Sorted by name.
    pub empty_fields: Vec<EmptyField>,
    /// Every field that the version uses, sorted by name.
    pub fields: Vec<&'static str>,
}

/// Renders the version of this index as a mailing would, and as a portal would show it where it is for that channel.
///
/// # Errors
/// [`RenderFault::TooLarge`], and [`RenderFault::Other`] for what a template that passes its check gives no reason for.
pub fn show(template: &Template, index: usize, values: &MergeValues) -> Result<Shown, RenderFault> {
    let other = |fault: TemplateFault| RenderFault::Other(fault.to_string());
    let contents: Vec<_> = template.contents().into_iter().skip(index).take(1).collect();
    let compiled = CompiledContent::new(&contents).map_err(other)?;
    let fields: Vec<&'static str> = compiled.fields().iter().collect();
    let mut excluding: Vec<String> = Vec::new();
    let mut shown = values.clone();
    let rendered = loop {
        match compiled.render(0, &shown) {
            // Each time round another field gets its mark, so that this ends.
            Err(RenderFault::MissingValue(field)) if !excluding.contains(&field) => {
                shown.set(&field, Some(&format!("[{field}]")));
                excluding.push(field);
            }
            answer => break answer?,
        }
    };
    let rendered = match (template.channel, contents.first()) {
        (Channel::Internetviesti, Some(content)) => in_portal(&content.language, rendered)?,
        _ => rendered,
    };
    let empty = fields.iter().filter(|name| values.get(name).is_none());
    let empty_fields = empty.map(|name| EmptyField {
        name: (*name).to_owned(),
        excludes: excluding.iter().any(|excluding| excluding == name),
    });
    Ok(Shown { rendered, empty_fields: empty_fields.collect(), fields })
}

/// A message as portals are given it.
fn in_portal(language: &str, rendered: Rendered) -> Result<Rendered, RenderFault> {
    let Rendered { subject, text, html } = rendered;
    let (message, format) = match html {
        Some(html) => (html, MessageFormat::Html),
        None => (text, MessageFormat::Text),
    };
    let title = subject.clone().unwrap_or_default();
    let written = Written { language: language.to_owned(), title, message, format, attachment_ids: Vec::new() };
    let (html, text) = served(&written).map_err(|_too_large| RenderFault::TooLarge)?;
    Ok(Rendered { subject, text, html: Some(html) })
}
