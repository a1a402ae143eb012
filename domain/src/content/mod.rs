//! What a message says: the merge fields, which templates are allowed, and how a template becomes the message of one
//! recipient (RULES 5).

mod engine;
mod html;
mod markdown;
pub mod merge_fields;
mod render;
mod template_check;
mod template_walk;
mod version_check;

pub(crate) use html::{escape as escape_html, to_text as html_to_text};
pub(crate) use markdown::to_html as markdown_to_html;
pub use merge_fields::{
    MERGE_FIELDS, MergeField, MergeValues, TemplateFields, is_of_recipient, merge_field, tells_residence,
};
pub use render::{CompiledContent, MAX_OUTPUT_BYTES, RenderFault, Rendered};
pub use template_check::{TemplateFault, check_template, check_template_of, read_template};
#[cfg(test)]
pub(crate) use version_check::{MAX_BODY, MAX_SUBJECT};
pub(crate) use version_check::{Version, check_version, not_a_language};
