//! `GET /api/v1/internetviestit/liitteet/{liite_id}/linkki`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use persistence::internetviestit::find_liite;
use serde::Serialize;
use utoipa::ToSchema;

use super::nakokulma::{Asked, View};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::links::{LIFETIME, Link};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// A link that a browser can follow without a token.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiLinkki {
    /// The address, relative to this service.
    #[schema(example = "/api/v1/internetviestit/liitteet/311?voimassa=1772000300&allekirjoitus=3q2-7w")]
    osoite: String,
    /// It leads nowhere from then on.
    vanhenee: DateTime<Utc>,
}

/// Get a short-lived link to an attachment.
///
/// For browsers, which follow links without a token. It lasts five minutes, and less when the message is withdrawn or expires.
#[utoipa::path(
    operation_id = "getInternetviestiLiiteLinkki",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("liite_id" = i64, Path, description = "The attachment.", example = 311)),
    responses((status = 200, description = "The link.", body = InternetviestiLinkki)),
)]
#[get("/internetviestit/liitteet/{liite_id}/linkki")]
pub async fn get_internetviesti_liite_linkki(
    caller: Permitted<InternetviestitRead>,
    liite_id: web::Path<i64>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let liite_id = liite_id.into_inner();
    let mut view = View::new(&request, &state, &caller, Asked::default())?;
    let until = view.now + LIFETIME;
    let found = state
        .db
        .read(move |reader| {
            let shown = view.of_one(reader)?;
            Ok::<_, Problem>(find_liite(reader, liite_id, &shown)?)
        })
        .await?;
    found.ok_or_else(Problem::not_found)?;
    let link = Link { liite_id, until: until.timestamp() };
    let signature = state.links.sign(link);
    let osoite =
        format!("{BASE}/internetviestit/liitteet/{liite_id}?voimassa={}&allekirjoitus={signature}", link.until);
    let vanhenee = DateTime::from_timestamp(link.until, 0).unwrap_or(until);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(InternetviestiLinkki { osoite, vanhenee }))
}
