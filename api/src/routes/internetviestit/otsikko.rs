//! `GET /api/v1/internetviestit/{internetviesti_id}/otsikot`.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::answer_one;
use super::nakokulma::View;
use super::viesti_dto::InternetviestiOtsikko;
use super::yksi::{InternetviestiQuery, shown};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::state::AppState;

/// Read the header of a message.
///
/// 404 unless it is shown now, and to this caller. The ETag stands for the version and the language.
#[utoipa::path(
    operation_id = "getInternetviestiOtsikko",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), InternetviestiQuery, IfNoneMatchHeader),
    responses(
        (
            status = 200,
            description = "The header.",
            body = InternetviestiOtsikko,
            headers(
                ("ETag" = String, description = "The version and the language."),
                ("Content-Language" = String, description = "The language served."),
                ("Vary" = String, description = "What the answer depends on."),
            ),
        ),
        (status = 304, description = "You have this version in this language."),
    ),
)]
#[get("/internetviestit/{internetviesti_id}/otsikot")]
pub async fn get_internetviesti_otsikko(
    caller: Permitted<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<InternetviestiQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let mut view = View::new(&request, &state, &caller, query.into_inner().into())?;
    let (head, view) = state
        .db
        .read(move |reader| {
            let head = shown(reader, id, &mut view)?;
            Ok::<_, Problem>((head, view))
        })
        .await?;
    let version = head.version;
    let otsikko = InternetviestiOtsikko::new(head, &view.kielet);
    Ok(answer_one(&seen, version, &otsikko.kieli, &otsikko))
}
