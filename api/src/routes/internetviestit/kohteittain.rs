//! `GET /api/v1/internetviestit/{internetviesti_id}/lukijat/kohteittain`.

use actix_web::{get, web};
use persistence::internetviestit::{self, UnitReading, find};
use serde::Serialize;
use utoipa::ToSchema;

use super::yksi::SivuQuery;
use crate::auth::Require;
use crate::auth::perm::InternetviestitRead;
use crate::disclosure::may_see_protected;
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// A property through which people are meant by a bulletin.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiKohde {
    /// The property, for instance a unit.
    #[schema(example = 1004)]
    kohde_id: i64,
    /// Its name.
    #[schema(example = "A 4")]
    nimi: String,
    /// How many people are meant there.
    #[schema(example = 2)]
    yleiso: i64,
    /// How many of them have read it.
    #[schema(example = 1)]
    lukeneita: i64,
}

/// A page of properties.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiKohdePage {
    /// The properties, in Finnish order of names.
    items: Vec<InternetviestiKohde>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    next_cursor: Option<String>,
}

/// List the units of a bulletin's audience, and how many have read it in each.
///
/// Every property where somebody has one of its roles today. Protected parties count only with the scope `parties:protected`.
#[utoipa::path(
    operation_id = "listInternetviestiKohteet",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), SivuQuery),
    responses((status = 200, description = "A page of properties.", body = InternetviestiKohdePage)),
)]
#[get("/internetviestit/{internetviesti_id}/lukijat/kohteittain")]
pub async fn list_internetviesti_kohteet(
    caller: Require<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<SivuQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<InternetviestiKohdePage>, Problem> {
    let id = internetviesti_id.into_inner();
    let SivuQuery { limit, cursor } = query.into_inner();
    let (limit, cursors) = (paging::limit(limit)?, state.cursors.of(&("kohteittain", id)));
    let after = match cursor.map(|cursor| cursors.open(&cursor)).transpose()? {
        Some(cursor) => Some((cursor.sort.clone(), cursor.numeric_id()?)),
        None => None,
    };
    let (today, see_protected) = (state.today(), may_see_protected(&caller));
    let found = state
        .db
        .read(move |reader| {
            find(reader, id)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>(internetviestit::units(reader, id, today, see_protected, after, rows_for(limit))?)
        })
        .await?;
    let position = |unit: &UnitReading| Cursor { sort: unit.sort_key.clone(), id: unit.property_id.to_string() };
    let (found, next_cursor) = cut(found, limit, &cursors, position);
    let kohde = |UnitReading { property_id, name, people, readers, .. }| InternetviestiKohde {
        kohde_id: property_id,
        nimi: name,
        yleiso: people,
        lukeneita: readers,
    };
    Ok(web::Json(InternetviestiKohdePage { items: found.into_iter().map(kohde).collect(), next_cursor }))
}
