//! `GET /api/v1/internetviestit/{internetviesti_id}/ketju`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use persistence::internetviestit::{chain, find_shown};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer_list;
use super::nakokulma::View;
use super::viesti_dto::InternetviestiOtsikko;
use super::yksi::InternetviestiQuery;
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::state::AppState;

/// A message and what corrects it or follows it up.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiKetju {
    /// The headers, oldest first; at most 200.
    viestit: Vec<InternetviestiOtsikko>,
}

/// Read the chain of a message.
///
/// The message, those it corrects or follows up, and those that correct it or follow it up, as far as they are shown now and to
/// this caller. Of no chain: the message alone.
#[utoipa::path(
    operation_id = "getInternetviestiKetju",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), InternetviestiQuery, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The chain.", body = InternetviestiKetju, headers(("ETag" = String, description = "Stands for the chain."))),
        (status = 304, description = "You have this chain."),
    ),
)]
#[get("/internetviestit/{internetviesti_id}/ketju")]
pub async fn get_internetviesti_ketju(
    caller: Permitted<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<InternetviestiQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let mut view = View::new(&request, &state, &caller, query.into_inner().into())?;
    let (heads, view) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let shown = view.of_one(reader)?;
                find_shown(reader, id, &shown)?.ok_or_else(Problem::not_found)?;
                let heads = chain(reader, id, shown.source.as_ref(), view.now, view.today)?;
                Ok::<_, Problem>((heads, view))
            })
        })
        .await?;
    let viestit = heads.into_iter().map(|head| InternetviestiOtsikko::new(head, &view.kielet)).collect();
    let ketju = InternetviestiKetju { viestit };
    answer_list(&seen, &ketju, &ketju)
}
