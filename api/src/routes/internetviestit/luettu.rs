//! `POST /api/v1/internetviestit/{internetviesti_id}/luettu`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::invalid::FieldError;
use persistence::internetviestit::mark_read;
use serde::Deserialize;
use utoipa::ToSchema;

use super::nakokulma::{Asked, View};
use super::yksi::shown;
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// Who has read the message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"osapuoli_id": 1042}))]
pub struct LuettuPyynto {
    /// The party. With a resident's token for one party it may be left out.
    #[schema(nullable = true, example = 1042)]
    osapuoli_id: Option<i64>,
}

/// Mark a message as read by a party.
///
/// Set by the portal, when the party has opened the message. Repeating it changes nothing. 404 when the message is not shown to
/// the party now.
#[utoipa::path(
    operation_id = "markInternetviestiLuettu",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207)),
    request_body = LuettuPyynto,
    responses((status = 204, description = "It is marked as read.")),
)]
#[post("/internetviestit/{internetviesti_id}/luettu")]
pub async fn mark_internetviesti_luettu(
    caller: Permitted<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    request: HttpRequest,
    state: web::Data<AppState>,
    body: JsonBody<LuettuPyynto>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let only = caller.party_ids.as_deref().and_then(|parties| <[i64; 1]>::try_from(parties).ok()).map(|[only]| only);
    let Some(party_id) = body.osapuoli_id.or(only) else {
        return Err(FieldError::new("/osapuoli_id", "required", "Say which party has read the message.").into());
    };
    let asked = Asked { osapuoli_id: Some(party_id), kohde_id: None, kieli: None };
    let mut view = View::new(&request, &state, &caller, asked)?;
    let now = state.clock.now();
    state
        .db
        .write(move |writer| {
            shown(writer, id, &mut view)?;
            Ok::<_, Problem>(mark_read(writer, id, party_id, now)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
