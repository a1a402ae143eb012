//! The files of an import in a multipart form, streamed to disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use domain::ids::new_id;
use domain::invalid::FieldError;
use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::file_upload::{Body, unreadable};
use super::json_body::discard;
use crate::imports::folder;
use crate::problem::{Code, Problem};
use crate::register_import::columns::RegisterFile;
use crate::state::AppState;

/// How long the client may be silent.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest value of a field that is no file.
const MAX_VALUE: usize = 256;
/// So many pieces of a file wait for the disk.
const WAITING: usize = 8;

/// The files of a `multipart/form-data` body, in a folder of their own, and the form's other fields. The folder goes with this
/// value unless it is kept.
///
/// Another content type: 415. Not such a form: 400 `bad_request`. Files larger than `POSTITUS_IMPORT_LIMIT` together: 413.
/// Other fields than those asked for: 422 `validation_failed`.
#[derive(Debug)]
pub struct ImportUpload {
    /// What the folder is named after.
    pub id: Uuid,
    /// The folder.
    pub folder: PathBuf,
    fields: BTreeMap<String, String>,
    digests: BTreeMap<String, [u8; 32]>,
    kept: bool,
}

impl ImportUpload {
    /// The value of a field that is no file, if it is there.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// A field that is `true` or `false`; without it, false.
    ///
    /// # Errors
    /// 422 for another value.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.field(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(FieldError::new(format!("/{name}"), "invalid_value", "Write true or false.").into()),
        }
    }

    /// SHA-256 over the names and contents of all fields: what an idempotency key is bound to.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for (name, content) in &self.digests {
            digest.update(name.as_bytes());
            digest.update([0]);
            digest.update(content);
        }
        digest.finalize().into()
    }

    /// Lets the folder stay.
    pub fn keep(mut self) {
        self.kept = true;
    }

    fn insert(&mut self, name: String, digest: [u8; 32]) -> Result<(), Problem> {
        if self.digests.insert(name.clone(), digest).is_some() {
            return Err(FieldError::new(format!("/{name}"), "duplicate_field", "Give each field once.").into());
        }
        Ok(())
    }
}

impl Drop for ImportUpload {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            log::warn!("{} cannot be removed: {error}", self.folder.display());
        }
    }
}

/// The fields of the form beside the files.
const FIELDS: [&str; 3] = ["mode", "skip_bad_rows", "allow_mass_end"];

impl FromRequest for ImportUpload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let settings =
            AppState::of(request).map(|state| (state.settings.import_limit, state.settings.data_dir.clone()));
        let headers = request.headers().clone();
        let body = Body::of(payload);
        async move {
            let (limit, data_dir) = settings?;
            let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
            let encoding = headers.get(header::CONTENT_ENCODING);
            if !essence.eq_ignore_ascii_case("multipart/form-data")
                || encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
            {
                let detail = "Send the files as multipart/form-data, without Content-Encoding.";
                return Err(Problem::new(Code::UnsupportedMediaType, detail));
            }
            let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
            let read = match length {
                // What surrounds the files is little beside them.
                Some(length) if length > limit.saturating_add(64 * 1024) => Err(too_large(limit)),
                _ => read(Multipart::new(&headers, body.clone()), limit, &data_dir).await,
            };
            if read.is_err() {
                discard(body).await;
            }
            read
        }
        .boxed_local()
    }
}

async fn read(mut form: Multipart, limit: u64, data_dir: &Path) -> Result<ImportUpload, Problem> {
    let id = new_id();
    let folder = folder(data_dir, id);
    fs::create_dir_all(&folder).map_err(Problem::internal)?;
    let mut upload = ImportUpload { id, folder, fields: BTreeMap::new(), digests: BTreeMap::new(), kept: false };
    let mut left = limit;
    while let Some(field) = in_time(form.next()).await? {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        let file = RegisterFile::ALL.into_iter().find(|file| file.name().strip_suffix(".csv") == Some(&name));
        let digest = if let Some(file) = file {
            let path = upload.folder.join(file.name());
            save(&mut field, path, &mut left).await?.ok_or_else(|| too_large(limit))?
        } else if FIELDS.contains(&name.as_str()) {
            let value = value(&mut field, &name, MAX_VALUE).await?;
            let digest = Sha256::digest(value.as_bytes()).into();
            upload.fields.insert(name.clone(), value);
            digest
        } else {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let message = "The form has the files parties, properties, contracts, roles, key_loans and move_in_inspections, and \
                           the fields mode, skip_bad_rows and allow_mass_end.";
            return Err(FieldError::new(pointer, "unknown_field", message).into());
        };
        upload.insert(name, digest)?;
    }
    Ok(upload)
}

/// The digest of a file that was saved; `None` when it was too large.
async fn save(field: &mut Field, path: PathBuf, left: &mut u64) -> Result<Option<[u8; 32]>, Problem> {
    let (pieces, mut waiting) = mpsc::channel::<Bytes>(WAITING);
    let saved = tokio::task::spawn_blocking(move || {
        let (mut file, mut digest) = (File::create(path)?, Sha256::new());
        while let Some(piece) = waiting.blocking_recv() {
            digest.update(&piece);
            file.write_all(&piece)?;
        }
        Ok::<[u8; 32], io::Error>(digest.finalize().into())
    });
    while let Some(piece) = in_time(field.next()).await? {
        let piece = piece.map_err(unreadable)?;
        let Some(rest) = left.checked_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX)) else { return Ok(None) };
        *left = rest;
        if pieces.send(piece).await.is_err() {
            // The disk refused: its error is told below.
            break;
        }
    }
    drop(pieces);
    let digest = saved.await.map_err(Problem::internal)?;
    digest.map(Some).map_err(Problem::internal)
}

/// The text of a field that is no file, of at most `limit` bytes.
pub(super) async fn value(field: &mut Field, name: &str, limit: usize) -> Result<String, Problem> {
    let refused = |message: &str| FieldError::new(format!("/{name}"), "invalid_value", message);
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(field.next()).await? {
        bytes.extend_from_slice(&piece.map_err(unreadable)?);
        if bytes.len() > limit {
            return Err(refused("The value is too long.").into());
        }
    }
    let text = String::from_utf8(bytes).map_err(|_not_text| refused("The value is not UTF-8."))?;
    if text.contains('\0') {
        return Err(FieldError::new(format!("/{name}"), "nul_character", "Leave out U+0000.").into());
    }
    Ok(text.trim().to_owned())
}

async fn in_time<T>(next: impl Future<Output = T>) -> Result<T, Problem> {
    let late = |_elapsed| Problem::new(Code::RequestTimeout, "The files did not arrive in time.");
    tokio::time::timeout(PATIENCE, next).await.map_err(late)
}

fn too_large(limit: u64) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The files may have at most {limit} bytes together."))
}
