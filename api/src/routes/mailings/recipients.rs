//! `GET /api/v1/mailings/{mailing_id}/recipients`.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::attachment::content_disposition;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::recipient_lines::Download;
use super::resolving::Terms;
use crate::auth::{Require, perm};
use crate::csv_output::Separator;
use crate::disclosure::Recorder;
use crate::extract::{QueryParams, refused_parameter};
use crate::problem::Problem;
use crate::state::AppState;

/// How the columns are separated.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadRecipientsQuery {
    /// `comma` (RFC 4180; default), or `semicolon`, which Excel expects where a comma is the decimal sign, as in Finland.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(comma|semicolon)$",
        default = "comma",
        example = "semicolon"
    )]
    separator: Option<String>,
}

/// The recipients of a mailing as a table, a line each.
#[derive(Debug, ToSchema)]
#[schema(
    value_type = String,
    example = "row_no,addressed_as,party_id,protected,name,channel,address,language,content_language,status,reason,shared,message_id,attempts,sent_at,last_code,last_detail\r\n1,to,1042,false,Virtanen Matti,email,matti.virtanen@example.fi,fi,fi,planned,,,,,,,\r\n"
)]
#[expect(dead_code, reason = "describes a body that is streamed")]
pub struct RecipientsTable(String);

/// Download the recipients of a mailing as CSV.
///
/// Of a draft: whom it would be sent to now, and who would be left out and why (`status` `planned` or `skipped`). Of a sent mailing: the
/// frozen rows with what became of each, as they are when their part of the file is read.
///
/// UTF-8 with a byte order mark, which tells Excel the encoding; lines end with CRLF (RFC 4180). A cell that a spreadsheet would take
/// for a formula has an apostrophe before it. Of a protected party the id, name and address are empty, unless the token has the scope
/// `parties:protected`; then each disclosure is recorded.
#[utoipa::path(
    operation_id = "downloadMailingRecipients",
    tag = "mailings",
    security(("bearer" = ["mailings:read"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), DownloadRecipientsQuery),
    responses((
        status = 200,
        description = "The table, with a header line.",
        content((RecipientsTable = "text/csv")),
        headers(("Content-Disposition" = String, description = "`attachment`, with a name for the file.")),
    )),
)]
#[get("/mailings/{mailing_id}/recipients")]
pub async fn download_mailing_recipients(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsRead>,
    mailing_id: web::Path<Uuid>,
    request: HttpRequest,
    query: QueryParams<DownloadRecipientsQuery>,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    let separator = match query.separator.as_deref() {
        None => Separator::Comma,
        Some(word) => Separator::parse(word).ok_or_else(|| {
            refused_parameter("separator", "unknown_value", "A separator is one of comma, semicolon.")
        })?,
    };
    let terms = Terms::of(&state, &caller);
    let recorder = Recorder::of(&state, &caller, &request);
    let mut download = Download::start(state.db.clone(), mailing_id, terms, recorder, separator).await?;
    // What goes wrong at once is answered as a problem; later on the connection breaks off.
    let first = download.next().await?.unwrap_or_default();
    let rest = stream::try_unfold(download, |mut download| async move {
        let piece = download.next().await.inspect_err(|problem| log::error!("a download broke off: {problem:?}"))?;
        Ok::<_, actix_web::Error>(piece.map(|piece| (piece, download)))
    });
    let pieces = stream::once(std::future::ready(Ok(first))).chain(rest).map(|piece| piece.map(Bytes::from));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, content_disposition(&format!("recipients-{mailing_id}.csv"))))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(pieces))
}
