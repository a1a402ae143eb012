//! One file in a multipart form.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use domain::invalid::FieldError;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::{Stream, StreamExt as _};

use super::json_body::discard;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// The field of the form.
const FIELD: &str = "file";
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a form may have around its file, in bytes.
const AROUND: usize = 64 * 1024;

/// The file of a `multipart/form-data` body, which has one field `file` and nothing else.
///
/// Another content type: 415. Not such a form: 400 `bad_request`. A file larger than `POSTITUS_ATTACHMENT_LIMIT`: 413. Other
/// fields, no file, or one without a name: 422 `validation_failed`.
#[derive(Debug)]
pub struct FileUpload {
    /// As the client wrote it.
    pub name: String,
    /// The content type as the client declared it.
    pub declared: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

impl FromRequest for FileUpload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = AppState::of(request).map(|state| state.settings.attachment_limit);
        let headers = request.headers().clone();
        let body = Body::of(payload);
        async move {
            let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
            let encoding = headers.get(header::CONTENT_ENCODING);
            if !essence.eq_ignore_ascii_case("multipart/form-data")
                || encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
            {
                let detail = "Send the file as multipart/form-data, in a field named file, without Content-Encoding.";
                return Err(Problem::new(Code::UnsupportedMediaType, detail));
            }
            let limit = limit?;
            let length =
                headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
            let read = match length {
                Some(length) if length > limit.saturating_add(AROUND) => Err(too_large(limit)),
                _ => {
                    let form = read(Multipart::new(&headers, body.clone()), limit);
                    let late = |_elapsed| Problem::new(Code::RequestTimeout, "The file did not arrive in time.");
                    tokio::time::timeout(PATIENCE, form).await.map_err(late)?
                }
            };
            if read.is_err() {
                discard(body).await;
            }
            read
        }
        .boxed_local()
    }
}

async fn read(mut form: Multipart, limit: usize) -> Result<FileUpload, Problem> {
    let mut found = None;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if name != FIELD {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            return Err(FieldError::new(pointer, "unknown_field", "The form has one field, file.").into());
        }
        if found.is_some() {
            return Err(refused("duplicate_field", "Send one file a request."));
        }
        let Some(name) = file_name(&field) else {
            return Err(refused("file_name_required", "Give the file a name, with its extension."));
        };
        let declared = field.content_type().map(ToString::to_string);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            if bytes.len().saturating_add(chunk.len()) > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        found = Some(FileUpload { name, declared, bytes: bytes.freeze() });
    }
    found.ok_or_else(|| refused("missing_field", "Send the file in a field named file."))
}

/// The name a client gave. Browsers escape quotes and line ends in it, and nothing else.
fn file_name(field: &Field) -> Option<String> {
    let disposition = field.content_disposition()?;
    let extended = disposition.get_filename_ext().and_then(|name| String::from_utf8(name.value.clone()).ok());
    let plain =
        || disposition.get_filename().map(|name| name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
    extended.or_else(plain).filter(|name| !name.is_empty())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The file may have at most {limit} bytes."))
}

fn refused(code: &'static str, message: &str) -> Problem {
    FieldError::new("/file", code, message).into()
}

pub(super) fn unreadable(error: actix_multipart::MultipartError) -> Problem {
    Problem::new(Code::BadRequest, format!("The form cannot be read: {error}."))
}

/// The body of a request, which what reads the form shares with what reads on when the form is refused.
#[derive(Clone)]
pub(super) struct Body(Rc<RefCell<Payload>>);

impl Body {
    pub(super) fn of(payload: &mut Payload) -> Self {
        Self(Rc::new(RefCell::new(payload.take())))
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}
