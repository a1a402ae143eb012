//! Imports that were asked for over HTTP: done one after another by a thread of this process, known as operations.
//!
//! The process renews its claim on what it has not finished. What it leaves behind when it dies is found by its own next
//! start, or by another process on the same database: a queued import whose files are there is taken over, every other one
//! has failed. That nothing was changed then is certain: the import's end is committed with what it writes, and an import that
//! others have called failed meanwhile cannot end a second time.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::clock::Clock;
use domain::ids::new_id;
use persistence::operations::{self, OperationProgress, OperationStatus, Owner, StoredOperation};
use persistence::{Db, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ImportMode;
use crate::settings::Settings;

/// The kind of these operations.
pub const KIND: &str = "register_import";
/// The phase of an import that waits for its turn.
pub const WAITING: &str = "waiting";

/// What was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportRequest {
    pub mode: ImportMode,
    pub skip_bad_rows: bool,
    pub allow_mass_end: bool,
}

/// Why an import failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OperationFailure {
    pub code: String,
    pub message: String,
}

/// The imports of this process. Cheap to clone.
#[derive(Clone)]
pub struct Imports(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) data_dir: PathBuf,
    pub(super) time_zone: Tz,
    pub(super) owner: Uuid,
    pub(super) lease: Duration,
    /// What this process has not finished, and how far it is.
    live: Mutex<HashMap<Uuid, OperationProgress>>,
    queue: Mutex<Option<Sender<Uuid>>>,
    pub(super) stop: Stop,
}

/// Tells the threads to stop.
#[derive(Default)]
pub(super) struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits so long, or until the threads are to stop; tells whether they are.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *self.changed.wait_timeout_while(asked, longest, |asked| !*asked).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The threads that do the imports.
pub struct ImportJobs {
    imports: Imports,
    threads: Vec<JoinHandle<()>>,
}

impl ImportJobs {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(db: Db, clock: Arc<dyn Clock>, settings: &Settings) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let imports = Imports::new(db, clock, settings, Some(queue));
        let worker = {
            let imports = imports.clone();
            thread::Builder::new().name("imports".to_owned()).spawn(move || imports.work(&waiting))?
        };
        let keeper = {
            let imports = imports.clone();
            thread::Builder::new().name("imports-claim".to_owned()).spawn(move || imports.keep_claim())?
        };
        Ok(Self { imports, threads: vec![worker, keeper] })
    }

    /// What handlers need of them.
    pub fn handle(&self) -> Imports {
        self.imports.clone()
    }

    /// Ends the import that is being done, which then changes nothing, and stops. Blocks until then.
    pub fn stop(self) {
        self.imports.0.stop.ask();
        self.imports.0.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in self.threads {
            if thread.join().is_err() {
                log::error!("a thread of the imports had panicked");
            }
        }
    }
}

impl Imports {
    fn new(db: Db, clock: Arc<dyn Clock>, settings: &Settings, queue: Option<Sender<Uuid>>) -> Self {
        Self(Arc::new(Shared {
            db,
            clock,
            data_dir: settings.data_dir.clone(),
            time_zone: settings.time_zone,
            owner: new_id(),
            lease: Duration::from_secs(settings.lease_seconds.into()),
            live: Mutex::default(),
            queue: Mutex::new(queue),
            stop: Stop::default(),
        }))
    }

    /// Without threads: what is submitted waits for ever.
    #[cfg(test)]
    pub(crate) fn idle(db: Db, clock: Arc<dyn Clock>, settings: &Settings) -> Self {
        Self::new(db, clock, settings, None)
    }

    /// Writes down that the import was asked for, in the transaction that answers the request.
    ///
    /// # Errors
    /// A failure of the database, or a request that is no JSON, which none is.
    pub fn insert(
        &self,
        writer: &mut Writer<'_>,
        operation_id: Uuid,
        request: &str,
        by: &str,
    ) -> StoreResult<StoredOperation> {
        let now = self.0.clock.now();
        let operation = StoredOperation {
            operation_id,
            kind: KIND.to_owned(),
            status: OperationStatus::Queued,
            request: request.to_owned(),
            progress: OperationProgress { phase: WAITING.to_owned(), done: 0, total: 0 },
            result: None,
            error: None,
            created_at: now,
            created_by: by.to_owned(),
            started_at: None,
            finished_at: None,
        };
        operations::insert(writer, &operation, self.claim(now))?;
        Ok(operation)
    }

    /// Has the import done when its turn comes. Its files are in its folder.
    pub fn submit(&self, operation_id: Uuid) {
        let progress = OperationProgress { phase: WAITING.to_owned(), done: 0, total: 0 };
        self.live().insert(operation_id, progress);
        if let Some(queue) = &*self.0.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            // Fails only while the process stops; then its next start takes the import over.
            let _ = queue.send(operation_id);
        }
    }

    /// How far an import of this process is, fresher than the database knows.
    pub fn progress(&self, operation_id: Uuid) -> Option<OperationProgress> {
        self.live().get(&operation_id).cloned()
    }

    pub(super) fn live(&self) -> MutexGuard<'_, HashMap<Uuid, OperationProgress>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn claim(&self, now: DateTime<Utc>) -> Owner {
        Owner { owner: self.0.owner, alive_until: now + self.0.lease }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.0.stop.wait(Duration::ZERO)
    }
}
