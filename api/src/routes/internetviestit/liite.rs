//! `GET /api/v1/internetviestit/liitteet/{liite_id}`.

use std::ops::Range;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ByteRangeSpec, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, web};
use domain::attachment::{content_disposition, header_type};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use persistence::internetviestit::{ServedLiite, Shown, find_liite};
use serde::Deserialize;
use utoipa::IntoParams;

use super::nakokulma::{Asked, View};
use super::{CACHE, VARY};
use crate::auth::Permitted;
use crate::auth::perm::InternetviestitRead;
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::extract::QueryParams;
use crate::links::Link;
use crate::problem::{Code, Problem};
use crate::routes::attachments::content::FileBytes;
use crate::routes::attachments::unreachable;
use crate::state::AppState;

/// What a signed link has.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiiteQuery {
    /// Until when the link holds, in seconds since 1970; of a signed link.
    #[param(required = false, nullable = false, example = 1772000300)]
    voimassa: Option<i64>,
    /// The signature; of a signed link.
    #[param(required = false, nullable = false, example = "3q2-7w")]
    allekirjoitus: Option<String>,
}

/// `Range` in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; the handler reads it")]
pub struct RangeHeader {
    /// Some of the bytes (RFC 9110, section 14), for instance `bytes=0-1023`. Of several ranges, and of what is none, all of the file
    /// is answered.
    #[param(rename = "Range", required = false, nullable = false, example = "bytes=0-1023")]
    range: Option<String>,
}

/// Who may read an attachment: the bearer of a token, or whoever follows a signed link.
pub enum LiiteCaller {
    Token(Permitted<InternetviestitRead>),
    Link,
}

impl FromRequest for LiiteCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let token = Permitted::from_request(request, payload);
        let request = request.clone();
        async move {
            let query = QueryParams::<LiiteQuery>::extract(&request).await;
            let liite_id = request.match_info().get("liite_id").and_then(|id| id.parse().ok());
            let (Ok(query), Some(liite_id)) = (query, liite_id) else { return token.await.map(Self::Token) };
            let (Some(until), Some(signature)) = (query.voimassa, &query.allekirjoitus) else {
                return token.await.map(Self::Token);
            };
            let state = AppState::of(&request)?;
            let now = state.clock.now();
            if state.links.verify(Link { liite_id, until }, signature, now) {
                return Ok(Self::Link);
            }
            // A link that has ended leads nowhere, and a wrong one is told apart from it by nobody.
            Err(Problem::not_found())
        }
        .boxed_local()
    }
}

/// Download an attachment of a message.
///
/// The bytes as they were uploaded, meant to be saved and not shown: `Content-Disposition` is always `attachment`. 404 unless the
/// message is shown now, and to this caller. Instead of a token, a signed link may be followed.
#[utoipa::path(
    operation_id = "getInternetviestiLiite",
    tag = "internetviestit",
    security((), ("bearer" = ["internetviestit:read"])),
    params(("liite_id" = i64, Path, description = "The attachment.", example = 311), LiiteQuery, RangeHeader, IfNoneMatchHeader),
    responses(
        (
            status = 200,
            description = "The bytes.",
            content((FileBytes = "application/octet-stream")),
            headers(
                ("ETag" = String, description = "Stands for the bytes."),
                ("Content-Disposition" = String, description = "`attachment`, with the name (RFC 6266)."),
                ("Accept-Ranges" = String, description = "`bytes`."),
            ),
        ),
        (
            status = 206,
            description = "The bytes that were asked for.",
            content((FileBytes = "application/octet-stream")),
            headers(("Content-Range" = String, description = "Which bytes these are, and of how many.")),
        ),
        (status = 304, description = "You have these bytes."),
        (status = 416, description = "The range is not in the file: `range_not_satisfiable`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/internetviestit/liitteet/{liite_id}")]
pub async fn get_internetviesti_liite(
    caller: LiiteCaller,
    liite_id: web::Path<i64>,
    _query: QueryParams<LiiteQuery>,
    seen: IfNoneMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let liite_id = liite_id.into_inner();
    let mut view = match &caller {
        LiiteCaller::Token(caller) => Some(View::new(&request, &state, caller, Asked::default())?),
        LiiteCaller::Link => None,
    };
    let (now, today) = (state.clock.now(), state.today());
    let found = state
        .db
        .read(move |reader| {
            let shown = match &mut view {
                Some(view) => view.of_one(reader)?,
                None => Shown { source: None, now, today },
            };
            Ok::<_, Problem>(find_liite(reader, liite_id, &shown)?)
        })
        .await?;
    answer(&state, &request, &seen, found.ok_or_else(Problem::not_found)?).await
}

async fn answer(
    state: &AppState,
    request: &HttpRequest,
    seen: &IfNoneMatch,
    liite: ServedLiite,
) -> Result<HttpResponse, Problem> {
    let etag = ETag::of_digest(&liite.sha256);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ETAG, etag.header_value()))
        .insert_header((header::CACHE_CONTROL, CACHE))
        .insert_header((header::VARY, VARY));
    if seen.matches(&etag) {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    answer
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"))
        .insert_header((header::CONTENT_TYPE, header_type(&liite.content_type).into_owned()))
        .insert_header((header::CONTENT_DISPOSITION, content_disposition(&liite.file_name)));
    let Some(range) = wanted(request, &etag, liite.size)? else {
        let (size, pieces) = state.files.stream(&liite.sha256).await.map_err(unreachable)?;
        return Ok(answer.no_chunking(size).streaming(pieces));
    };
    let (start, end) = (range.start, range.end);
    let pieces = state.files.stream_range(&liite.sha256, range).await.map_err(unreachable)?;
    Ok(answer
        .status(StatusCode::PARTIAL_CONTENT)
        .insert_header((header::CONTENT_RANGE, format!("bytes {start}-{}/{}", end.saturating_sub(1), liite.size)))
        .no_chunking(end.saturating_sub(start))
        .streaming(pieces))
}

/// The bytes asked for; `None` for all of them: without `Range`, with one of another unit, one that cannot be read, several of them, or
/// an `If-Range` of other bytes.
///
/// # Errors
/// 416, when there are no such bytes.
fn wanted(request: &HttpRequest, etag: &ETag, size: u64) -> Result<Option<Range<u64>>, Problem> {
    let headers = request.headers();
    if headers.get(header::IF_RANGE).is_some_and(|tag| tag.as_bytes() != etag.as_str().as_bytes()) {
        return Ok(None);
    }
    let given = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let Some(header::Range::Bytes(specs)) = given else { return Ok(None) };
    let [spec] = specs.as_slice() else { return Ok(None) };
    match ByteRangeSpec::to_satisfiable_range(spec, size) {
        Some((first, last)) => Ok(Some(first..last.saturating_add(1))),
        None => {
            let problem = Problem::new(Code::RangeNotSatisfiable, format!("The file has {size} bytes."));
            let told = HeaderValue::from_str(&format!("bytes */{size}")).map_err(Problem::internal)?;
            Err(problem.with_header(header::CONTENT_RANGE, told))
        }
    }
}
