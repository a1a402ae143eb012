//! `POST /api/v1/recipients/{party_id}/explain`.

use actix_web::{HttpRequest, post, web};
use domain::eligibility::{Channel, PartyFacts, Purpose, exclusion};
use domain::invalid::FieldError;
use domain::recipient_query::{Condition, ExplainedNode, Known, Person, RecipientFilter, check, explain};
use domain::register::PartyId;
use persistence::Reader;
use persistence::recipient_query::{RecipientSearch, Truth, details, person, truths};

use super::person_dto::{ChannelEligibility, ExplainRecipientRequest, ExplainedRecipient, PersonCondition};
use super::search::known;
use super::words::{enabled_channel, purpose};
use crate::auth::perm::{Permission as _, RegisterRead};
use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// The most channels asked about in one call.
const MAX_CHANNELS: usize = 4;

/// Explain one recipient.
///
/// Tells, condition by condition, why this person is found by the filter or not, and by which channels it can be reached.
/// `seen` has the values that a condition compared; it takes the scope `register:read`. Of a protected party, without the scope
/// `parties:protected`, whatever would tell where it lives or how to call it is null.
#[utoipa::path(
    operation_id = "explainRecipient",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    params((
        "party_id" = i64,
        Path,
        description = "The ERP's id of the party.",
        example = 1042,
        minimum = 1,
        maximum = 9_007_199_254_740_991_i64,
    )),
    request_body = ExplainRecipientRequest,
    responses((status = 200, description = "Why the person is in or out.", body = ExplainedRecipient)),
)]
#[post("/recipients/{party_id}/explain")]
pub async fn explain_recipient(
    state: web::Data<AppState>,
    caller: Require<perm::RecipientsSearch>,
    party_id: web::Path<i64>,
    request: HttpRequest,
    body: JsonBody<ExplainRecipientRequest>,
) -> Result<web::Json<ExplainedRecipient>, Problem> {
    let party_id = party_id.into_inner();
    let (today, see_protected) = (state.today(), may_see_protected(&caller));
    let body = body.into_inner();
    let filter: RecipientFilter = body.filter.clone().into();
    let known = known(&state, filter.clone()).await?;
    let asked = Asked::read(body, &filter, known, caller.may(RegisterRead::SCOPE))?;
    let search = RecipientSearch {
        condition: asked.condition.clone(),
        today,
        default_language: state.settings.default_language.clone(),
        see_protected,
    };
    let looked = state.db.read(move |reader| reader.snapshot(|reader| look(reader, &search, party_id, &asked))).await?;
    let (protected, answer) = looked.ok_or_else(Problem::not_found)?;
    if protected && see_protected {
        disclosure::record(&state, &caller, &request, vec![party_id]).await?;
    }
    Ok(web::Json(answer))
}

/// The request, checked.
struct Asked {
    condition: Condition,
    nodes: Vec<ExplainedNode>,
    known: Known,
    channels: Vec<(Channel, Purpose)>,
    sees_values: bool,
}

impl Asked {
    fn read(
        body: ExplainRecipientRequest,
        filter: &RecipientFilter,
        known: Known,
        sees_values: bool,
    ) -> Result<Self, Problem> {
        let ExplainRecipientRequest { filter: _, channels, purpose: word } = body;
        let mut errors = Vec::new();
        let purpose = match (word.as_deref(), channels.is_empty()) {
            (Some(word), _) => purpose("/purpose", word).map_err(|error| errors.push(error)).ok(),
            (None, true) => None,
            (None, false) => {
                let message = "Say why they are written to: which permission it takes depends on that.";
                errors.push(FieldError::new("/purpose", "required", message));
                None
            }
        };
        if channels.len() > MAX_CHANNELS {
            let message = format!("Ask about at most {MAX_CHANNELS} channels.");
            errors.push(FieldError::new("/channels", "too_many_values", message));
        }
        let mut asked = Vec::with_capacity(channels.len());
        for (at, word) in channels.iter().enumerate() {
            match enabled_channel(&format!("/channels/{at}"), word) {
                Ok(channel) => asked.extend(purpose.map(|purpose| (channel, purpose))),
                Err(error) => errors.push(error),
            }
        }
        let condition = check(filter, "/filter", &known).map_err(|faults| errors.extend(faults));
        let Ok(condition) = condition else { return Err(Problem::invalid(errors)) };
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let nodes = explain(filter, "/filter", &known)?;
        Ok(Self { condition, nodes, known, channels: asked, sees_values })
    }

    fn eligibility(&self, facts: &PartyFacts) -> Vec<ChannelEligibility> {
        let of_channel = |(channel, purpose): &(Channel, Purpose)| {
            let reason = exclusion(*channel, *purpose, facts).map(|reason| reason.code().into_owned());
            ChannelEligibility { channel: channel.as_str().to_owned(), eligible: reason.is_none(), reason }
        };
        self.channels.iter().map(of_channel).collect()
    }
}

/// Whether the person is protected, and the answer; `None` when there is no such person.
fn look(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    party_id: PartyId,
    asked: &Asked,
) -> Result<Option<(bool, ExplainedRecipient)>, Problem> {
    let RecipientSearch { condition, today, default_language, see_protected } = search;
    let Some(person) = person(reader, party_id, *today, default_language, *see_protected)? else { return Ok(None) };
    let Some(row) = details(reader, &[party_id], *today, default_language, None)?.pop() else { return Ok(None) };
    let alone = asked.nodes.iter().map(|node| &node.alone);
    let remaining = asked.nodes.iter().filter_map(|node| node.remaining.as_ref());
    let conditions: Vec<&Condition> = std::iter::once(condition).chain(alone).chain(remaining).collect();
    let mut answers = truths(reader, search, party_id, &conditions)?.into_iter().map(told);
    let matches = answers.next().flatten();
    let alone: Vec<Option<bool>> = answers.by_ref().take(asked.nodes.len()).collect();
    let nodes = asked.nodes.iter().zip(alone).map(|(node, matches)| PersonCondition {
        pointer: node.pointer.clone(),
        matches,
        remaining: node.remaining.as_ref().and_then(|_| answers.next().flatten()),
        seen: seen(&person, node, asked),
    });
    let conditions = nodes.collect();
    // Archived and deceased people are found only when they are named.
    let lists: Vec<Condition> = condition.named_lists().into_iter().map(Condition::ListMember).collect();
    let on_a_list = truths(reader, search, party_id, &lists.iter().collect::<Vec<_>>())?.contains(&Truth::True);
    let named = on_a_list || condition.named_parties().contains(&party_id);
    let not_searched = match (person.party.deceased, person.party.archived) {
        _ if named => None,
        (true, _) => Some("deceased"),
        (false, true) => Some("archived"),
        (false, false) => None,
    };
    let answer = ExplainedRecipient {
        party_id,
        protected: person.party.address_protected,
        found: if not_searched.is_some() { Some(false) } else { matches },
        matches,
        not_searched: not_searched.map(str::to_owned),
        conditions,
        channels: asked.eligibility(&row.facts),
    };
    Ok(Some((answer.protected, answer)))
}

fn told(truth: Truth) -> Option<bool> {
    match truth {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Hidden => None,
    }
}

fn seen(person: &Person, node: &ExplainedNode, asked: &Asked) -> Option<Vec<String>> {
    if asked.sees_values { person.seen_by(&node.node, &asked.known) } else { None }
}
