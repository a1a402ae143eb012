//! The mailings being sent, compiled once and kept while they are in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use persistence::{Db, StoreError};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::message::{MessageError, SentMailing};

/// How many compiled mailings are kept; a deployment rarely sends more at once.
const KEPT: usize = 32;

/// Compiled mailings by id.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<Uuid, Arc<OnceCell<Arc<SentMailing>>>>>);

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
    /// The compiled mailing. What is sent is never changed, so it is never stale. It is read once, however many workers begin with it
    /// at the same time.
    pub(super) async fn get(&self, db: &Db, mailing_id: Uuid) -> Result<Arc<SentMailing>, LoadError> {
        let compiled = self.slot(mailing_id);
        compiled.get_or_try_init(|| load(db, mailing_id)).await.cloned()
    }

    fn slot(&self, mailing_id: Uuid) -> Arc<OnceCell<Arc<SentMailing>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&mailing_id) {
            kept.clear();
        }
        Arc::clone(kept.entry(mailing_id).or_default())
    }
}

async fn load(db: &Db, mailing_id: Uuid) -> Result<Arc<SentMailing>, LoadError> {
    let stored =
        db.read(move |reader| persistence::mailings::find(reader, mailing_id)).await?.ok_or(LoadError::Gone)?;
    Ok(SentMailing::new(stored)?)
}
