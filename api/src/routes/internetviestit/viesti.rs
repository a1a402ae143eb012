//! `GET /api/v1/internetviestit/{internetviesti_id}`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::internetviesti::InternetviestiId;
use persistence::Reader;
use persistence::internetviestit::{ServedBody, body};

use super::answer_one;
use super::nakokulma::View;
use super::viesti_dto::Internetviesti;
use super::yksi::{InternetviestiQuery, shown};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::problem::Problem;
use crate::state::AppState;

/// Read a message.
///
/// 404 unless it is shown now, and to this caller. Served in the language asked for, else the party's, else the browser's: in some
/// language always. The ETag stands for the version and the language.
#[utoipa::path(
    operation_id = "getInternetviesti",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), InternetviestiQuery, IfNoneMatchHeader),
    responses(
        (
            status = 200,
            description = "The message.",
            body = Internetviesti,
            headers(
                ("ETag" = String, description = "The version and the language."),
                ("Content-Language" = String, description = "The language served."),
                ("Vary" = String, description = "What the answer depends on."),
            ),
        ),
        (status = 304, description = "You have this version in this language."),
    ),
)]
#[get("/internetviestit/{internetviesti_id}")]
pub async fn get_internetviesti(
    caller: Permitted<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<InternetviestiQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let id = internetviesti_id.into_inner();
    let mut view = View::new(&request, &state, &caller, query.into_inner().into())?;
    let (version, kieli, message) =
        state.db.read(move |reader| reader.snapshot(|reader| find(reader, id, &mut view))).await?;
    Ok(answer_one(&seen, version, &kieli, &message))
}

fn find(
    reader: &mut Reader<'_>,
    id: InternetviestiId,
    view: &mut View,
) -> Result<(i64, String, Internetviesti), Problem> {
    let head = shown(reader, id, view)?;
    let (version, kieli) = (head.version, view.kielet.choose(&head).map(|version| version.language.clone()));
    let kieli = kieli.ok_or_else(Problem::not_found)?;
    let ServedBody { html, text, liitteet } = body(reader, id, &kieli)?.ok_or_else(Problem::not_found)?;
    let liitteet = liitteet.into_iter().map(Into::into).collect();
    Ok((version, kieli, Internetviesti::new(head, &view.kielet, html, text, liitteet)))
}
