//! The attachments of the mailings being sent: read and encoded once, shared by all messages, and forgotten when others need
//! the room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::attachment::Attachment;
use uuid::Uuid;

use crate::email::{BuildError, attachment_part};
use crate::files::{FileStore, FilesError};

/// How much is kept, in bytes; what messages in flight hold comes on top of it. Enough for the largest attachments of two
/// content versions.
const KEPT: usize = 64 * 1024 * 1024;

/// Why an attachment could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum PartError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Encoded attachments by id.
#[derive(Default)]
pub(super) struct Parts {
    kept: Mutex<Kept>,
    /// One is read at a time: workers that need the same one wait for it instead of reading it, too.
    reading: tokio::sync::Mutex<()>,
}

impl Parts {
    /// The parts of a message, in the order of its attachments.
    pub(super) async fn of(&self, files: &FileStore, wanted: &[&Attachment]) -> Result<Vec<Arc<[u8]>>, PartError> {
        let mut parts = Vec::with_capacity(wanted.len());
        for attachment in wanted {
            parts.push(self.one(files, attachment).await?);
        }
        Ok(parts)
    }

    async fn one(&self, files: &FileStore, attachment: &Attachment) -> Result<Arc<[u8]>, PartError> {
        let id = attachment.attachment_id;
        if let Some(part) = self.kept().get(id) {
            return Ok(part);
        }
        let _reading = self.reading.lock().await;
        if let Some(part) = self.kept().get(id) {
            return Ok(part);
        }
        let bytes = files.get(&attachment.sha256).await?;
        let part = attachment_part(attachment, bytes.into())?;
        self.kept().add(id, &part, KEPT);
        Ok(part)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept, with the turn in which each was last asked for.
#[derive(Default)]
struct Kept {
    parts: HashMap<Uuid, (Arc<[u8]>, u64)>,
    turn: u64,
}

impl Kept {
    fn get(&mut self, id: Uuid) -> Option<Arc<[u8]>> {
        self.turn += 1;
        let (part, turn) = self.parts.get_mut(&id)?;
        *turn = self.turn;
        Some(Arc::clone(part))
    }

    /// Keeps a part, and forgets those that were not asked for the longest until all fit.
    fn add(&mut self, id: Uuid, part: &Arc<[u8]>, limit: usize) {
        self.turn += 1;
        self.parts.insert(id, (Arc::clone(part), self.turn));
        while self.parts.values().map(|(part, _)| part.len()).sum::<usize>() > limit {
            let oldest = self.parts.iter().min_by_key(|(_, (_, turn))| *turn).map(|(id, _)| *id);
            let Some(oldest) = oldest else { return };
            self.parts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::files::sha256;

    fn attachment(id: u128, bytes: &[u8]) -> Attachment {
        Attachment {
            attachment_id: Uuid::from_u128(id),
            file_name: "a.txt".to_owned(),
            content_type: "text/plain".to_owned(),
            size: 1,
            sha256: sha256(bytes),
        }
    }

    #[tokio::test]
    async fn a_file_is_read_once_however_many_messages_it_goes_with() {
        let (files, parts) = (FileStore::in_memory(), Parts::default());
        let (one, other) = (attachment(1, b"one"), attachment(2, b"other"));
        files.put(&one.sha256, Bytes::from_static(b"one")).await.unwrap();
        assert!(matches!(parts.of(&files, &[&one, &other]).await, Err(PartError::Files(FilesError::Missing(_)))));
        files.put(&other.sha256, Bytes::from_static(b"other")).await.unwrap();
        let first = parts.of(&files, &[&one, &other]).await.unwrap();
        files.delete(&one.sha256).await.unwrap();
        let again = parts.of(&files, &[&other, &one]).await.unwrap();
        assert!(Arc::ptr_eq(&first[0], &again[1]) && Arc::ptr_eq(&first[1], &again[0]));
    }

    #[test]
    fn what_was_not_asked_for_the_longest_makes_room() {
        let mut kept = Kept::default();
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let part: Arc<[u8]> = vec![0; 40].into();
        kept.add(a, &part, 100);
        kept.add(b, &part, 100);
        assert!(kept.get(a).is_some());
        kept.add(c, &part, 100);
        assert_eq!([a, b, c].map(|id| kept.get(id).is_some()), [true, false, true]);
        kept.add(b, &vec![0; 101].into(), 100);
        assert!(kept.parts.is_empty(), "what is too large for all is not kept");
    }
}
