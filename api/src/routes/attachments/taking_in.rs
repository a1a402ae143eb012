//! Taking in a file: what it is, a safe name, and its bytes written before any row says that they are there.

use std::time::Duration;

use actix_web::web::Bytes;
use domain::attachment::{Attachment, recognise, safe_name};
use domain::ids::new_id;
use domain::invalid::FieldError;
use persistence::attachments::{StoredAttachment, hold};

use super::unreachable;
use crate::problem::Problem;
use crate::state::AppState;

/// How often, and how long, an upload waits for a deletion of the same bytes to end.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// A file that came with a request.
pub(in crate::routes) struct Received<'a> {
    /// Where in the request it stands, as a JSON pointer.
    pub pointer: &'a str,
    pub name: &'a str,
    pub declared: Option<&'a str>,
    /// Of the bytes.
    pub sha256: String,
    pub bytes: Bytes,
}

/// Checks the file and writes its bytes. It is an attachment once [`persistence::attachments::insert`] has added it.
///
/// # Errors
/// 422 for a file that is not taken in; 503 when the file store or the database cannot be reached.
pub(in crate::routes) async fn take_in(
    state: &AppState,
    subject: &str,
    received: Received<'_>,
) -> Result<StoredAttachment, Problem> {
    let Received { pointer, name, declared, sha256, bytes } = received;
    let Some(file_name) = safe_name(name) else {
        return Err(FieldError::new(pointer, "file_name_required", "Give the file a name, with its extension.").into());
    };
    let kind = recognise(&file_name, declared, &bytes);
    let kind = kind.map_err(|refusal| FieldError { pointer: pointer.to_owned(), ..refusal })?;
    let size = u64::try_from(bytes.len()).map_err(Problem::internal)?;
    keep(state, &sha256, size, bytes).await?;
    let content_type = kind.content_type().to_owned();
    let attachment = Attachment { attachment_id: new_id(), file_name, content_type, size, sha256 };
    Ok(StoredAttachment { attachment, created_at: state.clock.now(), created_by: subject.to_owned() })
}

/// Writes the bytes, which the database was told of before.
async fn keep(state: &AppState, sha256: &str, size: u64, bytes: Bytes) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let (key, now) = (sha256.to_owned(), state.clock.now());
        if state.db.write(move |writer| hold(writer, &key, size, now)).await? {
            return state.files.put(sha256, bytes).await.map_err(unreachable);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Problem::unavailable(format!("the file {sha256} is being deleted")))
}
