//! `GET /api/v1/internetviestit/otsikot`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, TimeDelta, Utc};
use persistence::internetviestit::{self, ListFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer_list;
use super::nakokulma::{Asked, View};
use super::viesti_dto::{InternetviestiOtsikko, InternetviestiOtsikkoPage};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// How far before now the next look begins: longer than a change takes to be written.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);

/// Whose headers to list: of a party, or of a property.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOtsikotQuery {
    /// The party whose messages to list. Either this or `kohde_id`.
    #[param(required = false, nullable = false, minimum = 1, maximum = 9007199254740991i64, example = 1042)]
    osapuoli_id: Option<i64>,
    /// The property whose bulletins to list. Either this or `osapuoli_id`.
    #[param(required = false, nullable = false, minimum = 1, maximum = 9007199254740991i64, example = 1)]
    kohde_id: Option<i64>,
    /// Of a party: also the bulletins of its properties today. By default false.
    #[param(required = false, nullable = false)]
    tiedotteet: Option<bool>,
    /// Of a property: also the bulletins from above it that reach down. By default true.
    #[param(required = false, nullable = false)]
    perityt: Option<bool>,
    /// The language wanted (BCP 47). Else the party's service language, `Accept-Language`, the deployment's own.
    #[param(
        required = false,
        nullable = false,
        pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$",
        example = "sv"
    )]
    kieli: Option<String>,
    /// Only those that changed or came into view after this instant: `haettu` of the answer before.
    #[param(required = false, nullable = false)]
    muuttunut_jalkeen: Option<DateTime<Utc>>,
    /// How many headers a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List the headers of a party's messages, or of a property's bulletins.
///
/// What is shown now, newest first. With `muuttunut_jalkeen` only what changed, and the ids of what went out of view: a portal
/// that polls takes little. The ETag stands for the page.
#[utoipa::path(
    operation_id = "listInternetviestiOtsikot",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(ListOtsikotQuery, IfNoneMatchHeader),
    responses(
        (
            status = 200,
            description = "A page of headers.",
            body = InternetviestiOtsikkoPage,
            headers(("ETag" = String, description = "Stands for the page."), ("Vary" = String, description = "What the answer depends on.")),
        ),
        (status = 304, description = "You have this page."),
        (
            status = 400,
            description = "`exactly_one_target`: neither or both of `osapuoli_id` and `kohde_id`; `invalid_query`; or `invalid_cursor`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[get("/internetviestit/otsikot")]
pub async fn list_internetviesti_otsikot(
    caller: Permitted<InternetviestitRead>,
    query: QueryParams<ListOtsikotQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let ListOtsikotQuery { osapuoli_id, kohde_id, tiedotteet, perityt, kieli, muuttunut_jalkeen, limit, cursor } =
        query.into_inner();
    let limit = paging::limit(limit)?;
    let (bulletins, inherited) = (tiedotteet.unwrap_or(false), perityt.unwrap_or(true));
    let cursors = state.cursors.of(&("otsikot", osapuoli_id, kohde_id, bulletins, inherited, muuttunut_jalkeen));
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let mut view = View::new(&request, &state, &caller, Asked { osapuoli_id, kohde_id, kieli })?;
    let haettu = view.now - OVERLAP;
    let (heads, removed, view) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let source = view.source_of_list(reader, bulletins, inherited)?;
                let (now, today) = (view.now, view.today);
                let filter =
                    ListFilter { source, reader: view.reader_party(), changed_since: muuttunut_jalkeen, now, today };
                let heads = internetviestit::list(reader, &filter, after, rows_for(limit))?;
                let removed = match (muuttunut_jalkeen, after) {
                    (Some(since), None) => internetviestit::withdrawn_since(reader, &filter, since)?,
                    _ => Vec::new(),
                };
                Ok::<_, Problem>((heads, removed, view))
            })
        })
        .await?;
    let (heads, next_cursor) = cut(heads, limit, &cursors, |head| Cursor::at(head.shown_at, head.internetviesti_id));
    let items = heads.into_iter().map(|head| InternetviestiOtsikko::new(head, &view.kielet)).collect();
    let page = InternetviestiOtsikkoPage { items, next_cursor, poistetut: removed, haettu };
    // `haettu` is another one each time, and says nothing of what is listed.
    answer_list(&seen, &(&page.items, &page.next_cursor, &page.poistetut), &page)
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<(DateTime<Utc>, i64), Problem> {
    let cursor = cursors.open(cursor)?;
    Ok((cursor.instant()?, cursor.numeric_id()?))
}
