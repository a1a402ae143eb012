//! What mailings and templates give each other: the content of a template becomes that of a draft.

use domain::invalid::FieldError;
use domain::mailing::{Content, MailingDraft};
use domain::template::TemplateRef;
use persistence::Reader;
use persistence::templates::find;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// The template whose content a mailing took.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingTemplate {
    /// Its id.
    template_id: Uuid,
    /// The version that was taken. The content may have been changed in the mailing since, and the template too.
    #[schema(example = 3)]
    version: i64,
}

impl From<TemplateRef> for MailingTemplate {
    fn from(taken: TemplateRef) -> Self {
        let TemplateRef { template_id, version } = taken;
        Self { template_id, version }
    }
}

/// Gives a draft the content of a template, in all its languages. `written` is what the same request writes itself.
///
/// # Errors
/// 422 at `/template_id` for an unknown template, at `/contents/0` for what the template brings too.
pub(super) fn take(
    reader: &mut Reader<'_>,
    draft: &mut MailingDraft,
    template_id: Uuid,
    written: &[Content],
) -> Result<(), Problem> {
    let unknown = || FieldError::new("/template_id", "unknown_template", "There is no such template.");
    let stored = find(reader, template_id)?.ok_or_else(unknown)?;
    if let Some(index) = written.iter().position(|content| content.channel == stored.template.channel) {
        let message = format!(
            "The template brings what is said by {}; leave that out, and change it afterwards.",
            stored.template.channel.as_str()
        );
        return Err(FieldError::new(format!("/contents/{index}"), "content_and_template", message).into());
    }
    draft.take_template(&stored.template, TemplateRef { template_id, version: stored.version });
    Ok(())
}
