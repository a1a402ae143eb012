//! `GET /api/v1/templates`.

use actix_web::{get, web};
use domain::eligibility::Channel;
use domain::occasion::OccasionKind;
use persistence::templates::{self, TemplateFilter};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::TemplatePage;
use crate::auth::{Require, perm};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which templates to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTemplatesQuery {
    /// Only those in this folder.
    #[param(required = false, nullable = false)]
    folder_id: Option<Uuid>,
    /// Only those of this channel: `email`, `sms`, `letter` or `internetviesti`.
    #[param(required = false, nullable = false, pattern = "^(email|sms|letter|internetviesti)$", example = "email")]
    channel: Option<String>,
    /// Only those bound to this occasion.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(overdue_key_loan|move_in_inspection_due|points_statement|workflow)$",
        example = "workflow"
    )]
    occasion: Option<String>,
    /// Only those bound to this workflow.
    #[param(required = false, nullable = false, min_length = 1, example = "huoltopyynto")]
    workflow_ref: Option<String>,
    /// How many templates a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List templates.
///
/// In Finnish order of their names. Templates only: what was sent earlier is not among them.
#[utoipa::path(
    operation_id = "listTemplates",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(ListTemplatesQuery),
    responses((status = 200, description = "A page of templates.", body = TemplatePage)),
)]
#[get("/templates")]
pub async fn list_templates(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    query: QueryParams<ListTemplatesQuery>,
) -> Result<web::Json<TemplatePage>, Problem> {
    let ListTemplatesQuery { folder_id, channel, occasion, workflow_ref, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    if workflow_ref.as_deref() == Some("") {
        return Err(refused_parameter("workflow_ref", "out_of_range", "Give the reference of a workflow."));
    }
    let cursors = state.cursors.of(&("templates", folder_id, &channel, &occasion, &workflow_ref));
    let filter = TemplateFilter {
        folder_id,
        channel: channel.as_deref().map(channel_of).transpose()?,
        occasion: occasion.as_deref().map(occasion_of).transpose()?,
        workflow_ref,
    };
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let wanted = rows_for(limit);
    let rows = state.db.read(move |reader| Ok::<_, Problem>(templates::list(reader, &filter, after, wanted)?)).await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.template_id.to_string() });
    Ok(web::Json(TemplatePage { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Where a cursor stands, of a list by name and id.
pub(super) fn position(cursor: &str, cursors: &ListCursors) -> Result<(Vec<u8>, Uuid), Problem> {
    let cursor = cursors.open(cursor)?;
    let id = cursor.uuid()?;
    Ok((cursor.sort, id))
}

/// The channel of a query.
pub(super) fn channel_of(word: &str) -> Result<Channel, Problem> {
    Channel::parse(word).ok_or_else(|| {
        let known = Channel::ALL.map(Channel::as_str).join(", ");
        refused_parameter("channel", "unknown_value", format!("A channel is one of {known}."))
    })
}

/// The occasion of a query.
pub(super) fn occasion_of(word: &str) -> Result<OccasionKind, Problem> {
    OccasionKind::parse(word).ok_or_else(|| {
        let known = OccasionKind::ALL.map(OccasionKind::as_str).join(", ");
        refused_parameter("occasion", "unknown_value", format!("An occasion is one of {known}."))
    })
}
