//! `GET /api/v1/contact-lists/{list_id}/reach`.

use actix_web::{get, web};
use persistence::recipient_query::{RecipientSearch, count};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::condition;
use super::members::purpose;
use super::members_dto::ContactListReach;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::state::AppState;

/// For which kind of message.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContactListReachQuery {
    /// Why they would be written to: `emergency`, `service`, `statutory`, `information` (default) or `marketing`.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(emergency|service|statutory|information|marketing)$",
        default = "information",
        example = "service"
    )]
    purpose: Option<String>,
}

/// Count who on a contact list can be reached.
///
/// Channel by channel: how many it reaches, and why it does not reach the others. Channels that are not enabled in this
/// deployment are counted too.
#[utoipa::path(
    operation_id = "getContactListReach",
    tag = "contact-lists",
    security(("bearer" = ["lists:read"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), ContactListReachQuery),
    responses(
        (status = 200, description = "The counts.", body = ContactListReach),
        (status = 409, description = "Its saved query cannot be used: `contact_list_unusable`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/contact-lists/{list_id}/reach")]
pub async fn get_contact_list_reach(
    state: web::Data<AppState>,
    caller: Require<perm::ListsRead>,
    list_id: web::Path<Uuid>,
    query: QueryParams<ContactListReachQuery>,
) -> Result<web::Json<ContactListReach>, Problem> {
    let list_id = list_id.into_inner();
    let purpose = purpose(query.purpose.as_deref())?;
    let see_protected = may_see_protected(&caller);
    let (today, default_language) = (state.today(), state.settings.default_language.clone());
    let counted = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let condition = condition(reader, list_id, today)?;
                let default_language = default_language.clone();
                let search = RecipientSearch { condition, today, default_language, see_protected };
                Ok::<_, Problem>(count(reader, &search)?)
            })
        })
        .await?;
    Ok(web::Json(ContactListReach::new(purpose, &counted)))
}
