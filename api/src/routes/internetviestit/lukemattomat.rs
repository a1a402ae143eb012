//! `GET /api/v1/internetviestit/lukemattomat`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use persistence::internetviestit::{ListFilter, Unread, unread};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer_list;
use super::nakokulma::{Asked, View};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::state::AppState;

/// Whose unread messages to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LukemattomatQuery {
    /// The party.
    #[param(minimum = 1, maximum = 9007199254740991i64, example = 1042)]
    osapuoli_id: i64,
}

/// How many messages a party has not read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lukemattomat {
    /// Of those addressed to the party.
    #[schema(example = 2)]
    viesteja: i64,
    /// Of the bulletins of its properties.
    #[schema(example = 1)]
    tiedotteita: i64,
}

/// Count a party's unread messages.
///
/// Of what is shown to it now. Cheap enough to be asked for on every page of a portal.
#[utoipa::path(
    operation_id = "getLukemattomat",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(LukemattomatQuery, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The counts.", body = Lukemattomat, headers(("ETag" = String, description = "Stands for the counts."))),
        (status = 304, description = "You have these counts."),
    ),
)]
#[get("/internetviestit/lukemattomat")]
pub async fn get_lukemattomat(
    caller: Permitted<InternetviestitRead>,
    query: QueryParams<LukemattomatQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let party_id = query.osapuoli_id;
    let asked = Asked { osapuoli_id: Some(party_id), kohde_id: None, kieli: None };
    let mut view = View::new(&request, &state, &caller, asked)?;
    let counts = state
        .db
        .read(move |reader| {
            let source = view.source_of_list(reader, true, true)?;
            let (now, today) = (view.now, view.today);
            let filter = ListFilter { source, reader: Some(party_id), changed_since: None, now, today };
            Ok::<_, Problem>(unread(reader, party_id, &filter)?)
        })
        .await?;
    let Unread { messages, bulletins } = counts;
    let counts = Lukemattomat { viesteja: messages, tiedotteita: bulletins };
    answer_list(&seen, &counts, &counts)
}
