//! `GET /api/v1/mailings`.

use actix_web::{get, web};
use domain::mailing::MailingStatus;
use persistence::mailings::{self, MailingFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::mailing_dto::{MailingPage, MailingSummary};
use crate::auth::{Require, perm};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::state::AppState;

/// Which mailings, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMailingsQuery {
    /// Only those with this status: `draft`, `sending`, `paused`, `finished` or `cancelled`.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(draft|sending|paused|finished|cancelled)$",
        example = "sending"
    )]
    status: Option<String>,
    /// Only those handed over for things of this kind, as `origin` has it.
    #[param(required = false, nullable = false, example = "erp.work_order")]
    origin_kind: Option<String>,
    /// Only those handed over for this one; name its `origin_kind` too, for another kind may have the same.
    #[param(required = false, nullable = false, example = "2026-1184")]
    origin_ref: Option<String>,
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List mailings.
///
/// Newest first, each with how far it is.
#[utoipa::path(
    operation_id = "listMailings",
    tag = "mailings",
    security(("bearer" = ["mailings:read"])),
    params(ListMailingsQuery),
    responses((status = 200, description = "A page of mailings.", body = MailingPage)),
)]
#[get("/mailings")]
pub async fn list_mailings(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    query: QueryParams<ListMailingsQuery>,
) -> Result<web::Json<MailingPage>, Problem> {
    let limit = usize::try_from(paging::limit(query.limit)?).unwrap_or(1);
    let cursors = state.cursors.of(&("mailings", &query.status, &query.origin_kind, &query.origin_ref));
    let before = query.cursor.as_deref().map(|text| cursors.open(text)?.uuid()).transpose()?;
    let status = query.status.as_deref().map(status).transpose()?;
    let ListMailingsQuery { origin_kind, origin_ref, .. } = query.into_inner();
    let wanted = MailingFilter { status, origin_kind, origin_ref };
    let (mut found, progress) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let read = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
                let found = mailings::list(reader, &wanted, before, read)?;
                let ids: Vec<_> = found.iter().map(|mailing| mailing.mailing_id).collect();
                let progress = mailings::progress(reader, &ids)?;
                Ok::<_, Problem>((found, progress))
            })
        })
        .await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found
        .last()
        .filter(|_| more)
        .map(|last| cursors.seal(&Cursor { sort: Vec::new(), id: last.mailing_id.to_string() }));
    let items = found
        .into_iter()
        .map(|mailing| {
            let progress = progress.get(&mailing.mailing_id).copied().unwrap_or_default();
            MailingSummary::new(mailing, progress)
        })
        .collect();
    Ok(web::Json(MailingPage { items, next_cursor }))
}

fn status(word: &str) -> Result<MailingStatus, Problem> {
    MailingStatus::parse(word).ok_or_else(|| {
        let known = MailingStatus::ALL.map(MailingStatus::as_str).join(", ");
        refused_parameter("status", "unknown_value", format!("A status is one of {known}."))
    })
}
