//! `GET /api/v1/move-in-inspections`.

use actix_web::{HttpRequest, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{MoveInInspectionListItem, MoveInInspectionPage};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::routes::register::due::{Listing, due_state, list_due};
use crate::state::AppState;

/// Which move-in inspections to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMoveInInspectionsQuery {
    /// `overdue`: not answered, and the time is over. `due_soon`: not answered, and the time will be over `within`. `open`:
    /// not answered, late or not. `answered`. By default all.
    #[param(required = false, nullable = false, pattern = "^(open|overdue|due_soon|answered)$", example = "due_soon")]
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

/// List move-in inspections.
///
/// By the time until which each is due, the longest overdue first. What is late or due soon is worked out at each call. Of
/// protected parties, property and link are null without the scope `parties:protected`, and a list by `property_id`
/// leaves them out; with it they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listMoveInInspections",
    tag = "move-in-inspections",
    security(("bearer" = ["register:read"])),
    params(ListMoveInInspectionsQuery),
    responses((status = 200, description = "A page of move-in inspections.", body = MoveInInspectionPage)),
)]
#[get("/move-in-inspections")]
pub async fn list_move_in_inspections(
    caller: Require<RegisterRead>,
    query: QueryParams<ListMoveInInspectionsQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<MoveInInspectionPage>, Problem> {
    let ListMoveInInspectionsQuery { state: word, within, party_id, property_id, limit, cursor } = query.into_inner();
    let (now, zone) = (state.clock.now(), state.settings.time_zone);
    let due = due_state(word.as_deref(), within.as_deref(), "answered", now, zone)?;
    let asked = format!("{word:?} {within:?}");
    let listing = Listing { state: due, party_id, property_id, limit, cursor, asked };
    let (rows, next_cursor) = list_due(&state, &caller, &request, listing).await?;
    Ok(web::Json(MoveInInspectionPage {
        items: rows.into_iter().map(MoveInInspectionListItem::from).collect(),
        next_cursor,
    }))
}
