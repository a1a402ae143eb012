//! One file in a multipart form, and fields beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;
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
use sha2::{Digest as _, Sha256};

use super::import_upload::value;
use super::json_body::discard;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// The field of the form.
const FIELD: &str = "file";
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest value of a field that is no file, in bytes.
const MAX_VALUE: usize = 4096;
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
        let received = receive(request, payload, &[]);
        async move { Ok(received.await?.0) }.boxed_local()
    }
}

/// The fields that a form has beside its file.
pub trait FormFields: 'static {
    /// Their names.
    const NAMES: &'static [&'static str];
}

/// As [`FileUpload`], of a form that may have the fields `F` beside the file, each a text.
#[derive(Debug)]
pub struct FileForm<F> {
    /// The file.
    pub file: FileUpload,
    fields: BTreeMap<String, String>,
    names: PhantomData<F>,
}

impl<F> FileForm<F> {
    /// The value of a field, if it is there and not empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a field that has to be there.
    ///
    /// # Errors
    /// 422 `missing_field`.
    pub fn required(&self, name: &str) -> Result<&str, Problem> {
        let missing = || FieldError::new(format!("/{name}"), "missing_field", format!("Give the field {name}."));
        Ok(self.field(name).ok_or_else(missing)?)
    }

    /// SHA-256 over all of the form: what an idempotency key is bound to.
    pub fn digest(&self) -> [u8; 32] {
        let FileUpload { name, declared, bytes } = &self.file;
        let mut digest = Sha256::new();
        for (name, value) in &self.fields {
            digest.update(format!("{}:{name}{}:{value}", name.len(), value.len()));
        }
        digest.update(format!("{}:{name}{}", name.len(), declared.as_deref().unwrap_or_default()));
        digest.update(Sha256::digest(bytes));
        digest.finalize().into()
    }
}

impl<F: FormFields> FromRequest for FileForm<F> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let received = receive(request, payload, F::NAMES);
        async move {
            let (file, fields) = received.await?;
            Ok(Self { file, fields, names: PhantomData })
        }
        .boxed_local()
    }
}

type Received = (FileUpload, BTreeMap<String, String>);

/// Reads a form of one file and of fields of these names.
fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
    names: &'static [&'static str],
) -> LocalBoxFuture<'static, Result<Received, Problem>> {
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
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let read = match length {
            Some(length) if length > limit.saturating_add(AROUND) => Err(too_large(limit)),
            _ => {
                let form = read(Multipart::new(&headers, body.clone()), limit, names);
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

async fn read(mut form: Multipart, limit: usize, names: &[&str]) -> Result<Received, Problem> {
    let mut found = None;
    let mut fields = BTreeMap::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if name != FIELD {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            if !names.contains(&name.as_str()) {
                let message = match names {
                    [] => "The form has one field, file.".to_owned(),
                    names => format!("The form has the fields file, {}.", names.join(", ")),
                };
                return Err(FieldError::new(pointer, "unknown_field", message).into());
            }
            let value = value(&mut field, &name, MAX_VALUE).await?;
            if fields.insert(name, value).is_some() {
                return Err(FieldError::new(pointer, "duplicate_field", "Give each field once.").into());
            }
            continue;
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
    let file = found.ok_or_else(|| refused("missing_field", "Send the file in a field named file."))?;
    Ok((file, fields))
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
