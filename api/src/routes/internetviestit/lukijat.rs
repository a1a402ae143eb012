//! `GET /api/v1/internetviestit/{internetviesti_id}/lukijat`.

use actix_web::{HttpRequest, get, web};
use chrono::{DateTime, Utc};
use persistence::internetviestit::{self, Audience, Reading, find};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Require;
use crate::auth::perm::InternetviestitRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which of the audience to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLukijatQuery {
    /// Only those who have read it (`true`), or have not (`false`).
    #[param(required = false, nullable = false)]
    luettu: Option<bool>,
    /// How many people a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// One of the audience of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiLukija {
    /// The party.
    #[schema(example = 1042)]
    osapuoli_id: i64,
    /// Its name.
    #[schema(example = "Virtanen Matti")]
    nimi: String,
    /// The property through which it is meant; null when the message is addressed to the party itself.
    #[schema(required = true, example = 1004)]
    kohde_id: Option<i64>,
    /// When it marked the message as read; null when it has not.
    #[schema(required = true)]
    luettu: Option<DateTime<Utc>>,
}

/// A page of the audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiLukijaPage {
    /// The people, in Finnish order of names.
    items: Vec<InternetviestiLukija>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    next_cursor: Option<String>,
    /// How many the audience has today.
    #[schema(example = 40)]
    yleiso: i64,
    /// How many of them have read it.
    #[schema(example = 12)]
    lukeneita: i64,
    /// How many of them are protected and meant by where they live: counted, and listed only with the scope `parties:protected`.
    #[schema(example = 1)]
    suojattuja: i64,
}

/// List the audience of a message, and who of it has read it.
///
/// The parties it is addressed to, and those who have one of its roles today at its properties. Protected parties that are meant by
/// where they live are counted only; with the scope `parties:protected` they are listed, and it is audited that they were.
#[utoipa::path(
    operation_id = "listInternetviestiLukijat",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), ListLukijatQuery),
    responses((status = 200, description = "A page of the audience.", body = InternetviestiLukijaPage)),
)]
#[get("/internetviestit/{internetviesti_id}/lukijat")]
pub async fn list_internetviesti_lukijat(
    caller: Require<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<ListLukijatQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<InternetviestiLukijaPage>, Problem> {
    let id = internetviesti_id.into_inner();
    let ListLukijatQuery { luettu, limit, cursor } = query.into_inner();
    let (limit, cursors) = (paging::limit(limit)?, state.cursors.of(&("lukijat", id, luettu)));
    let after = match cursor.map(|cursor| cursors.open(&cursor)).transpose()? {
        Some(cursor) => Some((cursor.sort.clone(), cursor.numeric_id()?)),
        None => None,
    };
    let (today, see_protected) = (state.today(), may_see_protected(&caller));
    let (found, audience) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                find(reader, id)?.ok_or_else(Problem::not_found)?;
                let rows = rows_for(limit);
                let found = internetviestit::readers(reader, id, today, see_protected, luettu, after, rows)?;
                Ok::<_, Problem>((found, internetviestit::audience(reader, id, today)?))
            })
        })
        .await?;
    let position = |one: &Reading| Cursor { sort: one.sort_key.clone(), id: one.party_id.to_string() };
    let (found, next_cursor) = cut(found, limit, &cursors, position);
    let by_residence = found.iter().filter(|one| one.property_id.is_some());
    let shown = by_residence.map(|one| (one.party_id, Visibility::of(one.address_protected, see_protected)));
    disclosure::record(&state, &caller, &request, disclosed(shown)).await?;
    let lukija = |Reading { party_id, name, property_id, read_at, .. }| InternetviestiLukija {
        osapuoli_id: party_id,
        nimi: name,
        kohde_id: property_id,
        luettu: read_at,
    };
    let Audience { people, readers, protected } = audience;
    Ok(web::Json(InternetviestiLukijaPage {
        items: found.into_iter().map(lukija).collect(),
        next_cursor,
        yleiso: people,
        lukeneita: readers,
        suojattuja: protected,
    }))
}
