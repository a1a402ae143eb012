//! `POST /api/v1/recipients/search`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, post, web};
use domain::eligibility::{Channel, PartyFacts, Purpose, Reason, all_facts, exclusion};
use domain::invalid::FieldError;
use domain::recipient_query::{Condition, check};
use domain::service_language::LanguageSource;
use persistence::Reader;
use persistence::recipient_query::{self, FactsCount, RecipientRow, RecipientSearch};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::RecipientFilter;
use super::words::{enabled_channel, purpose};
use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::extract::JsonBody;
use crate::paging::{Cursor, CursorFault, DEFAULT_LIMIT, FilterHash, MAX_LIMIT};
use crate::problem::Problem;
use crate::state::AppState;

/// Whom to look for, and for which kind of message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "email",
    "purpose": "service",
    "filter": {"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "property_id", "op": "eq", "value": "1001"}}
    ]}
}))]
pub struct SearchRecipientsRequest {
    /// The channel they are to be reached by: `email`. Others are known, but not enabled in this deployment.
    #[schema(example = "email")]
    channel: String,
    /// Why they are written to: `emergency`, `service`, `statutory`, `information` or `marketing`.
    #[schema(example = "service")]
    purpose: String,
    filter: RecipientFilter,
    /// Only those who can (true) or cannot (false) be sent such a message. Narrows the items, not the counts.
    #[serde(default)]
    #[schema(nullable = false)]
    eligible: Option<bool>,
    /// Leave the items out. By default false.
    #[serde(default)]
    count_only: bool,
    /// How many items a page has, 1 to 200. By default 50.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before, with everything else unchanged.
    #[serde(default)]
    #[schema(nullable = false)]
    cursor: Option<String>,
}

/// A page of the people found, and the counts of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientSearchPage {
    /// In Finnish order of their names, then by id.
    items: Vec<FoundRecipient>,
    /// Continues the list; null at its end.
    #[schema(required = true)]
    next_cursor: Option<String>,
    counts: RecipientCounts,
}

/// A person found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundRecipient {
    /// Null for a protected party, unless the token has the scope `parties:protected`; so are `kind`, `name` and `address`.
    #[schema(required = true, example = 1042)]
    party_id: Option<i64>,
    /// Whether the party's address is protected.
    protected: bool,
    /// `person` or `company`.
    #[schema(required = true, example = "person")]
    kind: Option<String>,
    /// The name; see `party_id`.
    #[schema(required = true, example = "Virtanen Matti")]
    name: Option<String>,
    /// The language the party is served in (BCP 47).
    #[schema(example = "fi")]
    service_language: String,
    /// Where the language comes from: `party` (its own setting), `contract`, or `assumed` (the deployment's default).
    #[schema(example = "contract")]
    language_source: String,
    /// Whether no language is known of the party.
    language_assumed: bool,
    /// Whether the party can be sent such a message by this channel.
    eligible: bool,
    /// Why not: for instance `no_email`, `invalid_email`, `no_marketing_permission`, `archived`, `deceased`.
    #[schema(required = true, example = json!(null))]
    reason: Option<String>,
    /// The reason of every channel asked for.
    reasons: Vec<ChannelReason>,
    /// The address that the message would go to.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    address: Option<String>,
}

/// Why a party cannot be reached by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelReason {
    /// The channel.
    #[schema(example = "email")]
    channel: String,
    /// The reason.
    #[schema(example = "no_email")]
    code: String,
}

/// How many were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientCounts {
    /// All that match the filter.
    #[schema(example = 180)]
    matched: i64,
    /// Those who can be sent such a message.
    #[schema(example = 171)]
    eligible: i64,
    /// Those whose address is protected.
    #[schema(example = 2)]
    protected: i64,
    /// Those who cannot, by reason.
    excluded: Vec<ReasonCount>,
    /// Those who can, by service language.
    by_language: Vec<LanguageCount>,
}

/// How many are left out for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    /// The reason.
    #[schema(example = "no_email")]
    pub reason: String,
    /// How many people.
    #[schema(example = 7)]
    pub count: i64,
}

/// How many are served in a language.
#[derive(Debug, Serialize, ToSchema)]
pub struct LanguageCount {
    /// The service language (BCP 47).
    #[schema(example = "sv")]
    pub language: String,
    /// How many people.
    #[schema(example = 12)]
    pub count: i64,
}

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
    let asked = Asked::read(body.into_inner(), &state)?;
    let see_protected = may_see_protected(&caller);
    let search = RecipientSearch {
        condition: asked.condition.clone(),
        today: state.today(),
        default_language: state.settings.default_language.clone(),
        see_protected,
    };
    let looking = asked.clone();
    let (counts, mut rows) =
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
    }))
}

/// The request, checked.
#[derive(Clone)]
struct Asked {
    channel: Channel,
    purpose: Purpose,
    condition: Condition,
    /// The facts that the items are narrowed to.
    facts: Option<Vec<PartyFacts>>,
    count_only: bool,
    limit: usize,
    after: Option<(Vec<u8>, i64)>,
    filter_hash: FilterHash,
}

impl Asked {
    fn read(body: SearchRecipientsRequest, state: &AppState) -> Result<Self, Problem> {
        let filter_hash = FilterHash::of(&(&body.channel, &body.purpose, &body.filter, body.eligible));
        let mut errors = Vec::new();
        let channel = enabled_channel("/channel", &body.channel).map_err(|error| errors.push(error));
        let purpose = purpose("/purpose", &body.purpose).map_err(|error| errors.push(error));
        let limit = match body.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => usize::try_from(limit).unwrap_or(1),
            _ => {
                errors.push(FieldError::new("/limit", "out_of_range", format!("A limit is 1 to {MAX_LIMIT}.")));
                1
            }
        };
        let after = body.cursor.as_deref().map(|text| {
            let cursor = Cursor::decode(text, &filter_hash)?;
            Ok((cursor.sort.clone(), cursor.numeric_id()?))
        });
        let after = after.transpose().unwrap_or_else(|fault: CursorFault| {
            errors.push(fault.at("/cursor"));
            None
        });
        let condition = check(&body.filter.into(), "/filter", state.today()).map_err(|faults| errors.extend(faults));
        let (Ok(channel), Ok(purpose), Ok(condition)) = (channel, purpose, condition) else {
            return Err(Problem::invalid(errors));
        };
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let facts = body.eligible.map(|eligible| {
            all_facts().filter(|facts| exclusion(channel, purpose, facts).is_none() == eligible).collect()
        });
        Ok(Self { channel, purpose, condition, facts, count_only: body.count_only, limit, after, filter_hash })
    }

    fn reason(&self, facts: &PartyFacts) -> Option<Reason> {
        exclusion(self.channel, self.purpose, facts)
    }

    /// Cuts the row that was read beyond the page, and answers the cursor of what follows.
    fn cut_page(&self, rows: &mut Vec<RecipientRow>) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        let last = rows.last()?;
        Some(Cursor { sort: last.sort_key.clone(), id: last.party_id.to_string() }.encode(&self.filter_hash))
    }

    fn counts(&self, counted: &[FactsCount]) -> RecipientCounts {
        let mut counts =
            RecipientCounts { matched: 0, eligible: 0, protected: 0, excluded: Vec::new(), by_language: Vec::new() };
        let mut excluded: BTreeMap<String, i64> = BTreeMap::new();
        let mut languages: BTreeMap<String, i64> = BTreeMap::new();
        for FactsCount { facts, language, count } in counted {
            counts.matched += count;
            counts.protected += if facts.address_protected { *count } else { 0 };
            match self.reason(facts) {
                Some(reason) => *excluded.entry(reason.code().into_owned()).or_default() += count,
                None => {
                    counts.eligible += count;
                    *languages.entry(language.language.clone()).or_default() += count;
                }
            }
        }
        counts.excluded = excluded.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect();
        counts.by_language = languages.into_iter().map(|(language, count)| LanguageCount { language, count }).collect();
        counts
    }
}

fn find(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    asked: &Asked,
) -> Result<(Vec<FactsCount>, Vec<RecipientRow>), Problem> {
    let counts = recipient_query::count(reader, search)?;
    if asked.count_only {
        return Ok((counts, Vec::new()));
    }
    let limit = i64::try_from(asked.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let ids = recipient_query::page_ids(reader, search, asked.facts.as_deref(), asked.after.clone(), limit)?;
    let rows = recipient_query::details(reader, &ids, search.today, &search.default_language, None)?;
    Ok((counts, rows))
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
