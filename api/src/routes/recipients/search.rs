//! `POST /api/v1/recipients/search`.

use actix_web::{HttpRequest, post, web};
use domain::recipient_query::{Known, RecipientFilter};
use domain::service_language::LanguageSource;
use persistence::recipient_query::{self, FactsCount, RecipientRow, RecipientSearch};
use persistence::{Reader, saved_queries};

use super::asked::Asked;
use super::explaining::Why;
use super::search_dto::{ChannelReason, FoundRecipient, RecipientSearchPage, SearchRecipientsRequest};
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
    let today = state.today();
    let body = body.into_inner();
    let filter: RecipientFilter = body.filter.clone().into();
    let known = known(&state, filter.clone()).await?;
    let asked = Asked::read(body, filter, &known, &state.cursors)?;
    let see_protected = may_see_protected(&caller);
    let search = RecipientSearch {
        condition: asked.condition.clone(),
        today,
        default_language: state.settings.default_language.clone(),
        see_protected,
    };
    let looking = asked.clone();
    let Found { counts, mut rows, why } =
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
        explain: why.explain,
        conflict: why.conflict,
    }))
}

/// What a filter of a request is checked against.
///
/// # Errors
/// A failure of the database.
pub(in crate::routes) async fn known(state: &AppState, filter: RecipientFilter) -> Result<Known, Problem> {
    let today = state.today();
    Ok(state.db.read(move |reader| saved_queries::known(reader, today, [&filter])).await?)
}

/// What the database answered.
struct Found {
    counts: Vec<FactsCount>,
    rows: Vec<RecipientRow>,
    why: Why,
}

fn find(reader: &mut Reader<'_>, search: &RecipientSearch, asked: &Asked) -> Result<Found, Problem> {
    let counts = recipient_query::count(reader, search)?;
    let why = asked.explaining.as_ref().map(|explaining| explaining.explain(reader, search, &counts)).transpose()?;
    let why = why.unwrap_or_default();
    if asked.count_only {
        return Ok(Found { counts, rows: Vec::new(), why });
    }
    let limit = i64::try_from(asked.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let ids = recipient_query::page_ids(reader, search, asked.facts.as_deref(), asked.after.clone(), limit)?;
    let rows = recipient_query::details(reader, &ids, search.today, &search.default_language, None)?;
    Ok(Found { counts, rows, why })
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
