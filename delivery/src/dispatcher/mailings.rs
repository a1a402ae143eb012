//! The mailings being sent, compiled once and kept while they are in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use persistence::{Db, StoreError};
use uuid::Uuid;

use crate::message::{MessageError, SentMailing};

/// How many compiled mailings are kept; a deployment rarely sends more at once.
const KEPT: usize = 32;

/// Compiled mailings by id.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Uuid, Arc<SentMailing>>>);

/// Why a mailing could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("the mailing is gone")]
    Gone,
}

impl Cache {
    /// The compiled mailing. What is sent is never changed, so it is never stale.
    pub(super) async fn get(&self, db: &Db, mailing_id: Uuid) -> Result<Arc<SentMailing>, LoadError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&mailing_id) {
            return Ok(Arc::clone(known));
        }
        let stored =
            db.read(move |reader| persistence::mailings::find(reader, mailing_id)).await?.ok_or(LoadError::Gone)?;
        let compiled = SentMailing::new(stored)?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(mailing_id, Arc::clone(&compiled));
        Ok(compiled)
    }
}
