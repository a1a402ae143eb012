//! `POST /api/v1/recipients/search`.

use actix_web::{HttpRequest, post, web};
use domain::recipient_query::{Condition, ExplainedNode};
use domain::service_language::LanguageSource;
use persistence::Reader;
use persistence::recipient_query::{self, FactsCount, RecipientRow, RecipientSearch};

use super::asked::Asked;
use super::search_dto::{
    ChannelReason, ExplainedCondition, FoundRecipient, RecipientSearchPage, SearchRecipientsRequest,
};
use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// Find recipients.
///
/// Tells who matches the filter, who of them can be sent a message of this purpose by this channel, in which language, and
/// why the others cannot. Changes nothing.
#[utoipa::path(
    operation_id = "searchRecipients",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    request_body = SearchRecipientsRequest,
    responses((status = 200, description = "Who was found, and the counts.", body = RecipientSearchPage)),
)]
#[post("/recipients/search")]
pub async fn search_recipients(
    state: web::Data<AppState>,
    caller: Require<perm::RecipientsSearch>,
    request: HttpRequest,
    body: JsonBody<SearchRecipientsRequest>,
) -> Result<web::Json<RecipientSearchPage>, Problem> {
    let asked = Asked::read(body.into_inner(), &state).await?;
    let see_protected = may_see_protected(&caller);
    let search = RecipientSearch {
        condition: asked.condition.clone(),
        today: state.today(),
        default_language: state.settings.default_language.clone(),
        see_protected,
    };
    let looking = asked.clone();
    let Found { counts, mut rows, explain } =
        state.db.read(move |reader| reader.snapshot(|reader| find(reader, &search, &looking))).await?;
    let next_cursor = asked.cut_page(&mut rows);
    if see_protected {
        let seen = rows.iter().filter(|row| row.facts.address_protected).map(|row| row.party_id).collect();
        disclosure::record(&state, &caller, &request, seen).await?;
    }
    Ok(web::Json(RecipientSearchPage {
        items: rows.into_iter().map(|row| found_recipient(row, &asked, see_protected)).collect(),
        next_cursor,
        counts: asked.counts(&counts),
        explain,
    }))
}

/// What the database answered.
struct Found {
    counts: Vec<FactsCount>,
    rows: Vec<RecipientRow>,
    explain: Vec<ExplainedCondition>,
}

fn find(reader: &mut Reader<'_>, search: &RecipientSearch, asked: &Asked) -> Result<Found, Problem> {
    let counts = recipient_query::count(reader, search)?;
    let explain = explained(reader, search, &asked.explained)?;
    if asked.count_only {
        return Ok(Found { counts, rows: Vec::new(), explain });
    }
    let limit = i64::try_from(asked.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let ids = recipient_query::page_ids(reader, search, asked.facts.as_deref(), asked.after.clone(), limit)?;
    let rows = recipient_query::details(reader, &ids, search.today, &search.default_language, None)?;
    Ok(Found { counts, rows, explain })
}

fn explained(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    nodes: &[ExplainedNode],
) -> Result<Vec<ExplainedCondition>, Problem> {
    let conditions: Vec<&Condition> =
        nodes.iter().map(|node| &node.alone).chain(nodes.iter().filter_map(|node| node.remaining.as_ref())).collect();
    let mut counts = recipient_query::count_each(reader, search, &conditions)?.into_iter();
    let alone: Vec<i64> = counts.by_ref().take(nodes.len()).collect();
    let rows = nodes.iter().zip(alone).map(|(node, alone)| ExplainedCondition {
        pointer: node.pointer.clone(),
        alone,
        remaining: node.remaining.as_ref().and_then(|_| counts.next()),
    });
    Ok(rows.collect())
}

/// A row as the caller may see it: of a protected party only that it is there.
fn found_recipient(row: RecipientRow, asked: &Asked, see_protected: bool) -> FoundRecipient {
    let reason = asked.reason(&row.facts).map(|reason| reason.code().into_owned());
    let shown = see_protected || !row.facts.address_protected;
    FoundRecipient {
        party_id: shown.then_some(row.party_id),
        protected: row.facts.address_protected,
        kind: shown.then_some(row.kind),
        name: shown.then_some(row.name),
        language_source: row.language.source.as_str().to_owned(),
        language_assumed: row.language.source == LanguageSource::Assumed,
        service_language: row.language.language,
        eligible: reason.is_none(),
        reasons: reason
            .iter()
            .map(|code| ChannelReason { channel: asked.channel.as_str().to_owned(), code: code.clone() })
            .collect(),
        reason,
        address: row.email_address.filter(|_| shown),
    }
}
