//! `GET /api/v1/internetviestit/{internetviesti_id}/muokkaus`.

use actix_web::{HttpResponse, get, web};
use persistence::internetviestit::find;

use super::muokkaus_dto::InternetviestiMuokkaus;
use crate::auth::Require;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a message as it is kept, for the tool.
///
/// All its versions as they were written, its targets, and whatever its state. The ETag is for If-Match.
#[utoipa::path(
    operation_id = "getInternetviestiMuokkaus",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The message.", body = InternetviestiMuokkaus, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/internetviestit/{internetviesti_id}/muokkaus")]
pub async fn get_internetviesti_muokkaus(
    _caller: Require<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    seen: IfNoneMatch,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let stored = state.db.read(move |reader| reader.snapshot(|reader| find(reader, id))).await?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok(seen.answer(&ETag::of_version(stored.version), &InternetviestiMuokkaus::from(stored)))
}
