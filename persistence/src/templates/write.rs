//! Saving templates, each save as a version.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use domain::template::{Template, TemplateRef};
use domain::text::{fold, sort_key};
use uuid::Uuid;

use super::stored::{TEMPLATE, load};
use crate::attachments;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};

/// Who saves, when, and what it is made of.
#[derive(Debug, Clone)]
pub struct Save {
    /// Subject of the token.
    pub subject: String,
    pub at: DateTime<Utc>,
    /// The version whose text is taken again.
    pub restored_from: Option<i64>,
}

/// What another template has that only one can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The name, in the same folder.
    Name,
    /// To be the default of the occasion, workflow and channel: the template of this name is.
    Default(String),
}

/// What of a template another one has already; `but` is the template itself.
///
/// # Errors
/// A failure of the database.
pub fn taken(reader: &mut Reader<'_>, template: &Template, but: Option<Uuid>) -> StoreResult<Option<Taken>> {
    let mut sql = Fragment::new(TEMPLATE);
    sql.sql(" WHERE folder_id = ").bind(template.folder_id).sql(" AND name_key = ").bind(fold(&template.name));
    let is_other = |template_id| but != Some(template_id);
    if load(reader, sql)?.iter().any(|stored| is_other(stored.template_id)) {
        return Ok(Some(Taken::Name));
    }
    let Some(binding) = template.occasion.as_ref().filter(|binding| binding.default) else { return Ok(None) };
    let mut sql = Fragment::new(TEMPLATE);
    sql.sql(" WHERE is_default AND occasion = ").bind(binding.kind.as_str());
    sql.sql(" AND workflow_ref = ").bind(binding.workflow_ref.clone().unwrap_or_default());
    sql.sql(" AND channel = ").bind(template.channel.as_str());
    let marked = load(reader, sql)?.into_iter().find(|stored| is_other(stored.template_id));
    Ok(marked.map(|stored| Taken::Default(stored.template.name)))
}

/// Adds a template as version 1. The caller has checked, in this transaction, its folder, its attachments and [`taken`].
///
/// # Errors
/// A failure of the database.
pub fn insert(writer: &mut Writer<'_>, template_id: Uuid, template: &Template, save: &Save) -> StoreResult<()> {
    let columns = Columns::of(template)?;
    let mut sql = Fragment::new(
        "INSERT INTO template (template_id, version, folder_id, channel, name_key, sort_key, occasion, workflow_ref, \
         is_default, content, created_at, created_by, updated_at, updated_by) VALUES ",
    );
    sql.list([
        Value::from(template_id),
        1.into(),
        template.folder_id.into(),
        template.channel.as_str().into(),
        columns.name_key.into(),
        columns.sort_key.into(),
        columns.occasion.into(),
        columns.workflow_ref.into(),
        columns.is_default.into(),
        columns.content.into(),
        save.at.into(),
        save.subject.as_str().into(),
        save.at.into(),
        save.subject.as_str().into(),
    ]);
    sql.execute(writer.conn)?;
    record(writer, TemplateRef { template_id, version: 1 }, template, save)
}

/// Saves a template as the next `version`. The caller has checked as for [`insert`].
///
/// # Errors
/// A failure of the database.
pub fn update(writer: &mut Writer<'_>, next: TemplateRef, template: &Template, save: &Save) -> StoreResult<()> {
    let columns = Columns::of(template)?;
    let mut sql = Fragment::new("UPDATE template SET version = ");
    sql.bind(next.version).sql(", folder_id = ").bind(template.folder_id);
    sql.sql(", name_key = ").bind(columns.name_key).sql(", sort_key = ").bind(columns.sort_key);
    sql.sql(", occasion = ").bind(columns.occasion).sql(", workflow_ref = ").bind(columns.workflow_ref);
    sql.sql(", is_default = ").bind(columns.is_default).sql(", content = ").bind(columns.content);
    sql.sql(", updated_at = ").bind(save.at).sql(", updated_by = ").bind(save.subject.as_str());
    sql.sql(" WHERE template_id = ").bind(next.template_id);
    sql.execute(writer.conn)?;
    record(writer, next, template, save)
}

/// Deletes a template with all its versions.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, template_id: Uuid) -> StoreResult<()> {
    for statement in [
        "DELETE FROM template_attachment WHERE template_id = ",
        "DELETE FROM template_version WHERE template_id = ",
        "DELETE FROM template WHERE template_id = ",
    ] {
        let mut sql = Fragment::new(statement);
        sql.bind(template_id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

fn record(writer: &mut Writer<'_>, saved: TemplateRef, template: &Template, save: &Save) -> StoreResult<()> {
    let mut sql = Fragment::new(
        "INSERT INTO template_version (template_id, version, content, saved_at, saved_by, restored_from) VALUES ",
    );
    sql.list([
        Value::from(saved.template_id),
        saved.version.into(),
        json(template)?.into(),
        save.at.into(),
        save.subject.as_str().into(),
        save.restored_from.into(),
    ]);
    sql.execute(writer.conn)?;
    attachments::name_in_template(writer, saved.template_id, &template.attachment_ids())
}

fn json(template: &Template) -> StoreResult<String> {
    serde_json::to_string(template).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// The columns by which templates are found.
struct Columns {
    name_key: String,
    sort_key: Vec<u8>,
    occasion: Option<String>,
    workflow_ref: String,
    is_default: bool,
    content: String,
}

impl Columns {
    fn of(template: &Template) -> StoreResult<Self> {
        let binding = template.occasion.as_ref();
        Ok(Self {
            name_key: fold(&template.name),
            sort_key: sort_key(&template.name),
            occasion: binding.map(|binding| binding.kind.as_str().to_owned()),
            workflow_ref: binding.and_then(|binding| binding.workflow_ref.clone()).unwrap_or_default(),
            is_default: binding.is_some_and(|binding| binding.default),
            content: json(template)?,
        })
    }
}
