//! `GET /api/v1/recipients/fields`.

use actix_web::{get, web};
use domain::recipient_query::known_fields;
use persistence::attributes;

use super::choices_dto::{RecipientField, RecipientFieldList};
use crate::auth::{Require, perm};
use crate::problem::Problem;
use crate::state::AppState;

/// List the fields of filters.
///
/// Every field that a condition may name, with its type and what may be asked of it, the customer's own included.
#[utoipa::path(
    operation_id = "getRecipientFields",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    responses((status = 200, description = "All of them.", body = RecipientFieldList)),
)]
#[get("/recipients/fields")]
pub async fn get_recipient_fields(
    _caller: Require<perm::RecipientsSearch>,
    state: web::Data<AppState>,
) -> Result<web::Json<RecipientFieldList>, Problem> {
    let declared = state.db.read(attributes::declared).await?;
    let fields = known_fields(&declared).into_iter().map(RecipientField::from).collect();
    Ok(web::Json(RecipientFieldList { fields }))
}
