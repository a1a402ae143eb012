//! Which templates there are, and which serve an occasion.

use domain::eligibility::Channel;
use domain::occasion::OccasionKind;
use domain::template::default_among;
use uuid::Uuid;

use super::stored::{StoredTemplate, TEMPLATE, load};
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// Which templates to list: those that meet all that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    pub folder_id: Option<Uuid>,
    pub channel: Option<Channel>,
    /// Bound to this occasion.
    pub occasion: Option<OccasionKind>,
    /// Bound to this workflow.
    pub workflow_ref: Option<String>,
}

/// A page of templates in Finnish order of their names, behind the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &TemplateFilter,
    after: Option<(Vec<u8>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<StoredTemplate>> {
    let mut sql = matching(filter);
    if let Some((key, id)) = after {
        sql.sql(" AND (sort_key, template_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY sort_key, template_id LIMIT ").bind(limit);
    load(reader, sql)
}

/// The templates bound to an occasion for a channel, in Finnish order of their names; `workflow_ref` only of
/// [`OccasionKind::Workflow`].
///
/// # Errors
/// A failure of the database.
pub fn of_occasion(
    reader: &mut Reader<'_>,
    occasion: OccasionKind,
    workflow_ref: Option<&str>,
    channel: Channel,
) -> StoreResult<Vec<StoredTemplate>> {
    let mut sql = matching(&TemplateFilter {
        folder_id: None,
        channel: Some(channel),
        occasion: Some(occasion),
        workflow_ref: Some(workflow_ref.unwrap_or_default().to_owned()),
    });
    sql.sql(" ORDER BY sort_key, template_id");
    load(reader, sql)
}

/// Of these, the one taken where none is named, by [`default_among`].
///
/// # Errors
/// A failure of the database.
pub fn default_of_occasion(
    reader: &mut Reader<'_>,
    occasion: OccasionKind,
    workflow_ref: Option<&str>,
    channel: Channel,
) -> StoreResult<Option<StoredTemplate>> {
    let bound = of_occasion(reader, occasion, workflow_ref, channel)?;
    let is_marked = |stored: &StoredTemplate| stored.template.occasion.as_ref().is_some_and(|binding| binding.default);
    let marked: Vec<bool> = bound.iter().map(is_marked).collect();
    Ok(default_among(&marked).and_then(|index| bound.into_iter().nth(index)))
}

fn matching(filter: &TemplateFilter) -> Fragment {
    let TemplateFilter { folder_id, channel, occasion, workflow_ref } = filter;
    let mut sql = Fragment::new(TEMPLATE);
    sql.sql(" WHERE TRUE");
    if let Some(folder_id) = folder_id {
        sql.sql(" AND folder_id = ").bind(*folder_id);
    }
    if let Some(channel) = channel {
        sql.sql(" AND channel = ").bind(channel.as_str());
    }
    if let Some(occasion) = occasion {
        sql.sql(" AND occasion = ").bind(occasion.as_str());
    }
    if let Some(workflow_ref) = workflow_ref {
        sql.sql(" AND occasion IS NOT NULL AND workflow_ref = ").bind(workflow_ref.as_str());
    }
    sql
}
