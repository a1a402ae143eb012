//! What the threads of the imports do: one import after another, the claim on them kept, those that a process left behind
//! taken over or marked as failed.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::clock::today;
use persistence::local_values::Origin;
use persistence::operations::{self, ImportBadRow, OperationProgress, OperationStatus};
use persistence::{StoreResult, Writer};
use serde::Serialize;
use uuid::Uuid;

use super::jobs::{ImportRequest, Imports, KIND, OperationFailure, Shared};
use super::{ImportFailure, ImportOptions, Imported, Phase, Watch, folder, run};
use crate::register_import::{RegisterFiles, Validated};

/// After how long a process that is gone is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);
/// How soon what could not be written down is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often the thread looks whether it is to stop.
const TICK: Duration = Duration::from_millis(200);

impl Imports {
    pub(super) fn work(&self, waiting: &Receiver<Uuid>) {
        let long_ago = self.0.clock.now() - FORGOTTEN;
        if let Err(error) = self.0.db.write_blocking(move |writer| operations::forget_owners(writer, long_ago)) {
            log::warn!("processes that are gone cannot be forgotten: {error}");
        }
        let mut looked: Option<Instant> = None;
        while !self.is_stopping() {
            if looked.is_none_or(|looked| looked.elapsed() >= self.0.lease / 2) {
                looked = Some(Instant::now());
                if let Err(error) = self.look_for_lost() {
                    log::warn!("imports that were cut off cannot be looked for: {error}");
                }
            }
            match waiting.recv_timeout(TICK) {
                Ok(operation_id) => self.one(operation_id),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    pub(super) fn keep_claim(&self) {
        while !self.0.stop.wait(self.0.lease / 3) {
            let live: Vec<(Uuid, OperationProgress)> =
                self.live().iter().map(|(id, progress)| (*id, progress.clone())).collect();
            if live.is_empty() {
                continue;
            }
            let claim = self.claim(self.0.clock.now());
            // The transaction of an import that is being written ends its operation: nobody else may touch that row.
            let told = live.into_iter().filter(|(_, progress)| progress.phase != Phase::Merging.as_str());
            let told: Vec<(Uuid, OperationProgress)> = told.collect();
            let told = self.0.db.write_blocking(move |writer| {
                operations::renew(writer, claim)?;
                told.iter().try_for_each(|(id, progress)| operations::advance(writer, *id, progress))
            });
            if let Err(error) = told {
                log::warn!("the progress of imports cannot be written down: {error}");
            }
        }
    }

    /// Takes over what waits and has its files here; what had begun, or has no files, has failed.
    fn look_for_lost(&self) -> StoreResult<()> {
        let now = self.0.clock.now();
        for operation in self.0.db.read_blocking(move |reader| operations::lost(reader, KIND, now))? {
            let id = operation.operation_id;
            if self.live().contains_key(&id) {
                continue;
            }
            let claim = self.claim(now);
            if operation.status == OperationStatus::Queued
                && folder(&self.0.data_dir, id).is_dir()
                && self.0.db.write_blocking(move |writer| operations::adopt(writer, id, claim, now))?
            {
                self.submit(id);
                continue;
            }
            let message = "the process that did this import ended before it was done; nothing was changed: repeat it";
            let error = OperationFailure { code: "interrupted".to_owned(), message: message.to_owned() };
            let error = json(&error);
            self.0.db.write_blocking(move |writer| operations::finish(writer, id, Err(&error), now))?;
            self.clear(id);
            log::warn!("import {id} had been cut off; it is marked as failed");
        }
        Ok(())
    }

    fn one(&self, id: Uuid) {
        let outcome = self.import(id);
        if let Err(failure) = outcome {
            if matches!(failure, ImportFailure::Cancelled) {
                log::warn!("import {id} was stopped with the service");
            }
            let error = json(&OperationFailure { code: failure.code().to_owned(), message: failure.to_string() });
            self.tell_failed(id, &error);
        }
        self.clear(id);
        self.live().remove(&id);
    }

    fn import(&self, id: Uuid) -> Result<(), ImportFailure> {
        let Shared { db, clock, data_dir, time_zone, .. } = &*self.0;
        let Some(operation) = db.read_blocking(move |reader| operations::find(reader, id))? else { return Ok(()) };
        let request: ImportRequest = serde_json::from_str(&operation.request).map_err(io::Error::other)?;
        let now = clock.now();
        db.write_blocking(move |writer| operations::start(writer, id, now))?;
        let folder = folder(data_dir, id);
        let options = ImportOptions {
            mode: request.mode,
            skip_bad_rows: request.skip_bad_rows,
            allow_mass_end: request.allow_mass_end,
            today: today(now, *time_zone),
            origin: Origin { at: now, operation_id: Some(id) },
        };
        let watch: Arc<dyn Watch + Send + Sync> = Arc::new(Job { id, imports: self.clone() });
        run(db, RegisterFiles::open(&folder)?, &options, &folder, &watch)?;
        Ok(())
    }

    /// A failure must be told, however long the database is away; the claim is kept meanwhile.
    fn tell_failed(&self, id: Uuid, error: &str) {
        loop {
            let (now, error) = (self.0.clock.now(), error.to_owned());
            match self.0.db.write_blocking(move |writer| operations::finish(writer, id, Err(&error), now)) {
                Ok(()) => return,
                Err(failure) => log::warn!("the failure of import {id} cannot be written down: {failure}"),
            }
            if self.is_stopping() {
                return;
            }
            self.0.stop.wait(AGAIN);
        }
    }

    fn clear(&self, id: Uuid) {
        let folder = folder(&self.0.data_dir, id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                log::warn!("{} cannot be removed: {error}", folder.display());
            }
            _ => {}
        }
    }
}

/// Follows one import.
struct Job {
    id: Uuid,
    imports: Imports,
}

impl Watch for Job {
    fn at(&self, phase: Phase, done: u64, total: u64) {
        let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        let progress = OperationProgress { phase: phase.as_str().to_owned(), done: number(done), total: number(total) };
        self.imports.live().insert(self.id, progress);
    }

    fn checked(&self, validated: &Validated) -> Result<(), ImportFailure> {
        let rows: Vec<ImportBadRow> = (1..)
            .zip(&validated.bad_rows)
            .map(|(row_no, row)| ImportBadRow {
                row_no,
                file: row.file.clone(),
                line: i64::try_from(row.line).unwrap_or(i64::MAX),
                column: row.column.clone(),
                reason: row.reason.clone(),
            })
            .collect();
        let id = self.id;
        self.imports.0.db.write_blocking(move |writer| operations::record_bad_rows(writer, id, &rows))?;
        Ok(())
    }

    fn merged(&self, writer: &mut Writer<'_>, imported: &Imported) -> Result<(), ImportFailure> {
        let now = self.imports.0.clock.now();
        Ok(operations::finish(writer, self.id, Ok(&json(imported)), now)?)
    }

    fn is_cancelled(&self) -> bool {
        self.imports.is_stopping()
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
