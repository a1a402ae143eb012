//! `POST /api/v1/recipient-queries/{query_id}/run`.

use actix_web::http::header;
use actix_web::{HttpResponse, post, web};
use domain::eligibility::{Channel, Purpose};
use domain::recipient_query::{RecipientFilter, check};
use persistence::recipient_query::{FactsCount, RecipientSearch, count};
use persistence::saved_queries::{self, find, save_counts};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::{RecipientQuery, StoredRun};
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::recipients::counting::counts_for;
use crate::routes::recipients::words::{enabled_channel, purpose};
use crate::state::AppState;

/// For which kind of message to count.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"channel": "email", "purpose": "service"}))]
pub struct RunRecipientQueryRequest {
    /// The channel people are to be reached by: `email` or `internetviesti`.
    #[schema(pattern = "^(email|internetviesti)$", example = "email")]
    channel: String,
    /// Why they are written to.
    #[schema(pattern = "^(emergency|service|statutory|information|marketing)$", example = "service")]
    purpose: String,
}

/// Run a saved query.
///
/// Counts who matches now and who of them can be sent such a message, and keeps the counts with the query until the next run. The
/// people themselves are found with `POST /recipients/search` and the filter `{"query_id": …}`.
#[utoipa::path(
    operation_id = "runRecipientQuery",
    tag = "recipient-queries",
    security(("bearer" = ["recipients:search"])),
    params(("query_id" = Uuid, Path, description = "The saved query.")),
    request_body = RunRecipientQueryRequest,
    responses((status = 200, description = "The saved query with the new counts.", body = RecipientQuery, headers(("ETag" = String, description = "The version of what is shown.")))),
)]
#[post("/recipient-queries/{query_id}/run")]
pub async fn run_recipient_query(
    state: web::Data<AppState>,
    caller: Require<perm::RecipientsSearch>,
    query_id: web::Path<Uuid>,
    body: JsonBody<RunRecipientQueryRequest>,
) -> Result<HttpResponse, Problem> {
    let (query_id, see_protected) = (query_id.into_inner(), may_see_protected(&caller));
    let asked = read(&body)?;
    let (today, default_language) = (state.today(), state.settings.default_language.clone());
    let (version, counted) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let saved = find(reader, query_id, see_protected)?.ok_or_else(Problem::not_found)?;
                // By its id, so that whatever goes round in a circle is told.
                let itself = RecipientFilter { query_id: Some(query_id), ..RecipientFilter::default() };
                let condition = check(&itself, "", &saved_queries::known(reader, today, [&itself])?)?;
                let search =
                    RecipientSearch { condition, today, default_language: default_language.clone(), see_protected };
                Ok::<_, Problem>((saved.version, count(reader, &search)?))
            })
        })
        .await?;
    let json = stored(asked, version, &counted)?;
    let now = state.clock.now();
    let body = state
        .db
        .write(move |writer| {
            // It may have been deleted meanwhile.
            find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?;
            save_counts(writer, query_id, see_protected, json.clone(), now)?;
            RecipientQuery::new(find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, body.etag()?.header_value())).json(body))
}

fn read(body: &RunRecipientQueryRequest) -> Result<(Channel, Purpose), Problem> {
    match (enabled_channel("/channel", &body.channel), purpose("/purpose", &body.purpose)) {
        (Ok(channel), Ok(purpose)) => Ok((channel, purpose)),
        (channel, purpose) => Err(Problem::invalid(channel.err().into_iter().chain(purpose.err()).collect())),
    }
}

fn stored((channel, purpose): (Channel, Purpose), version: i64, counted: &[FactsCount]) -> Result<String, Problem> {
    let run = StoredRun {
        version,
        channel: channel.as_str().to_owned(),
        purpose: purpose.as_str().to_owned(),
        counts: counts_for(channel, purpose, counted),
    };
    serde_json::to_string(&run).map_err(Problem::internal)
}
