//! What the threads of the imports do: one import after another, the claim on them kept, those that a process left behind
//! taken over or marked as failed.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::today;
use persistence::local_values::Origin;
use persistence::operations::{self, ImportBadRow, OperationProgress, OperationStatus};
use persistence::{StoreResult, Writer};
use serde::Serialize;
use uuid::Uuid;

use super::jobs::{ImportRequest, Imports, KIND, OperationFailure, Shared};
use super::{FOLDER, ImportFailure, ImportOptions, Imported, Phase, Watch, folder, run};
use crate::register_import::{RegisterFiles, Validated};

/// After how long a process that is gone is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);
/// How soon what could not be written down is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often files are looked for that no import will ever need.
const SWEEP: Duration = Duration::from_secs(3600);
/// How often the thread looks whether it is to stop.
const TICK: Duration = Duration::from_millis(200);

impl Imports {
    pub(super) fn work(&self, waiting: &Receiver<Uuid>) {
        let long_ago = self.0.clock.now() - FORGOTTEN;
        if let Err(error) = self.0.db.write_blocking(move |writer| operations::forget_owners(writer, long_ago)) {
            log::warn!("processes that are gone cannot be forgotten: {error}");
        }
        let (mut looked, mut swept): (Option<Instant>, Option<Instant>) = (None, None);
        while !self.is_stopping() {
            if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                swept = Some(Instant::now());
                if let Err(error) = self.sweep() {
                    log::warn!("files of imports that were cut off cannot be looked for: {error}");
                }
            }
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
            if operation.status == OperationStatus::Queued && folder(&self.0.data_dir, id).is_dir() {
                // Whoever was faster has it now, with its files.
                if self.0.db.write_blocking(move |writer| operations::adopt(writer, id, claim, now))? {
                    self.submit(id);
                }
                continue;
            }
            let message = "the process that did this import ended before it was done; nothing was changed: repeat it";
            let error = OperationFailure { code: "interrupted".to_owned(), message: message.to_owned() };
            let error = json(&error);
            if self.0.db.write_blocking(move |writer| operations::fail_lost(writer, id, &error, now))? {
                self.clear(id);
                log::warn!("import {id} had been cut off; it is marked as failed");
            }
        }
        Ok(())
    }

    /// Removes files that a crash has left: of imports that have ended, and of uploads that never became one.
    fn sweep(&self) -> Result<(), ImportFailure> {
        let long_ago = self.0.clock.now() - FORGOTTEN;
        let entries = match fs::read_dir(self.0.data_dir.join(FOLDER)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| Uuid::parse_str(name).ok()) else { continue };
            let is_over = match self.0.db.read_blocking(move |reader| operations::find(reader, id))? {
                Some(operation) => operation.finished_at.is_some() && !self.live().contains_key(&id),
                None => made_at(id).is_some_and(|made_at| made_at < long_ago),
            };
            if is_over {
                self.clear(id);
                log::info!("files that import {id} had left were removed");
            }
        }
        Ok(())
    }

    fn one(&self, id: Uuid) {
        match self.import(id) {
            Ok(true) => self.clear(id),
            Ok(false) => log::info!("import {id} was taken over by another process"),
            Err(failure) => {
                self.tell_failed(id, &failure);
                self.clear(id);
            }
        }
        self.live().remove(&id);
    }

    /// Does the import, unless it is another process's by now; tells whether it was this one's.
    fn import(&self, id: Uuid) -> Result<bool, ImportFailure> {
        let Shared { db, clock, data_dir, time_zone, owner, .. } = &*self.0;
        let (now, owner) = (clock.now(), *owner);
        if !db.write_blocking(move |writer| operations::start(writer, id, owner, now))? {
            return Ok(false);
        }
        let Some(operation) = db.read_blocking(move |reader| operations::find(reader, id))? else { return Ok(true) };
        let request: ImportRequest = serde_json::from_str(&operation.request).map_err(io::Error::other)?;
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
        Ok(true)
    }

    /// A failure must be told, however long the database is away; the claim is kept meanwhile.
    fn tell_failed(&self, id: Uuid, failure: &ImportFailure) {
        let code = failure.code().to_owned();
        let message = match failure {
            ImportFailure::Store(error) if code == "internal" => {
                log::error!("import {id} failed: {error}");
                "something is wrong on our side; the log has the cause under the operation's id".to_owned()
            }
            failure => {
                log::warn!("import {id} failed: {code}");
                failure.to_string()
            }
        };
        let error = json(&OperationFailure { code, message });
        let progress = self.progress(id).unwrap_or_default();
        loop {
            let (now, error, progress) = (self.0.clock.now(), error.clone(), progress.clone());
            match self.0.db.write_blocking(move |writer| operations::finish(writer, id, Err(&error), &progress, now)) {
                // Where others have called it failed before, that stands.
                Ok(_) => return,
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
        let progress = self.imports.progress(self.id).unwrap_or_default();
        let progress = OperationProgress { done: progress.total, ..progress };
        if operations::finish(writer, self.id, Ok(&json(imported)), &progress, now)? {
            Ok(())
        } else {
            Err(ImportFailure::EndedElsewhere)
        }
    }

    fn is_cancelled(&self) -> bool {
        self.imports.is_stopping()
    }
}

/// When an id was made, which it tells.
fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
