//! `GET /api/v1/key-loans`.

use actix_web::{HttpRequest, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{KeyLoanListItem, KeyLoanPage};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::routes::register::due::{Listing, due_state, list_due};
use crate::state::AppState;

/// Which key loans to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListKeyLoansQuery {
    /// `overdue`: not returned, and the time is over. `due_soon`: not returned, and the time will be over `within`. `open`:
    /// not returned, late or not. `returned`. By default all.
    #[param(required = false, nullable = false, pattern = "^(open|overdue|due_soon|returned)$", example = "due_soon")]
    state: Option<String>,
    /// How soon `due_soon` is (ISO 8601), for no other state: whole days, `P0D` to `P366D`, until the end of the day so many days from today in the
    /// deployment's time zone, or hours, `PT1H` to `PT48H`. By default `P7D`.
    #[param(
        required = false,
        nullable = false,
        pattern = "^P(([0-9]|[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])D|T([1-9]|[1-3][0-9]|4[0-8])H)$",
        example = "P7D"
    )]
    within: Option<String>,
    /// Only those of this party.
    #[param(required = false, nullable = false, example = 1042)]
    party_id: Option<i64>,
    /// Only those of this very property, not of those below it.
    #[param(required = false, nullable = false, example = 310)]
    property_id: Option<i64>,
    /// How many a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List key loans.
///
/// By the time until which each is due, the longest overdue first. What is late or due soon is worked out at each call. Of
/// protected parties, property, key and description are null without the scope `parties:protected`, and a list by `property_id`
/// leaves them out; with it they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listKeyLoans",
    tag = "key-loans",
    security(("bearer" = ["register:read"])),
    params(ListKeyLoansQuery),
    responses((status = 200, description = "A page of key loans.", body = KeyLoanPage)),
)]
#[get("/key-loans")]
pub async fn list_key_loans(
    caller: Require<RegisterRead>,
    query: QueryParams<ListKeyLoansQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<KeyLoanPage>, Problem> {
    let ListKeyLoansQuery { state: word, within, party_id, property_id, limit, cursor } = query.into_inner();
    let (now, zone) = (state.clock.now(), state.settings.time_zone);
    let due = due_state(word.as_deref(), within.as_deref(), "returned", now, zone)?;
    let asked = format!("{word:?} {within:?}");
    let listing = Listing { state: due, party_id, property_id, limit, cursor, asked };
    let (rows, next_cursor) = list_due(&state, &caller, &request, listing).await?;
    Ok(web::Json(KeyLoanPage { items: rows.into_iter().map(KeyLoanListItem::from).collect(), next_cursor }))
}
