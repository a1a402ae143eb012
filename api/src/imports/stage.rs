//! The good rows, worked out for their tables and kept in files until they are written. Rows that the register holds as they
//! are already are left out here, without the writer's knowing of them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use domain::attribute::Attributes;
use persistence::staging::{Stage, StagedRow, without_unchanged};
use persistence::{Db, StoreError, StoreResult};

use super::absent::Absent;
use super::ahead::ahead;
use super::words::{SortedWords, WordSorter};
use super::{ImportFailure, Phase, Watch};
use crate::register_import::{BadRow, RegisterFiles, Rows, Validated};

/// So many rows are in memory at a time.
const CHUNK: usize = 1000;
const BUFFER: usize = 256 * 1024;

/// The rows of one kind that wait to be written.
#[derive(Debug, Clone)]
pub(super) struct StagedFile {
    path: PathBuf,
    pub(super) bytes: u64,
    /// Rows that need not be written.
    pub(super) unchanged: u64,
    pub(super) words: SortedWords,
}

/// Everything that waits to be written.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    pub(super) properties: StagedFile,
    pub(super) parties: StagedFile,
    pub(super) contracts: StagedFile,
    pub(super) roles: StagedFile,
    pub(super) key_loans: StagedFile,
    pub(super) move_in_inspections: StagedFile,
    /// The declared attributes by which the rows were worked out.
    pub(super) attributes: Attributes,
    /// What a full import ends.
    pub(super) absent: Absent,
}

impl Staged {
    pub(super) fn bytes_total(&self) -> u64 {
        let Self { properties, parties, contracts, roles, key_loans, move_in_inspections, .. } = self;
        let files = [properties, parties, contracts, roles, key_loans, move_in_inspections];
        files.iter().map(|file| file.bytes).sum()
    }
}

/// Stages the good rows of all files in `scratch`.
pub(super) fn stage(
    db: &Db,
    files: &RegisterFiles,
    validated: &Validated,
    absent: Absent,
    scratch: &Path,
    watch: &(dyn Watch + Sync),
) -> Result<Staged, ImportFailure> {
    let declared = &validated.attributes;
    let mut pass = Pass { db, scratch, watch, declared, done: 0, total: files.bytes_total() };
    Ok(Staged {
        properties: pass.file("properties", files.properties(validated)?)?,
        parties: pass.file("parties", files.parties(validated)?)?,
        contracts: pass.file("contracts", files.contracts(validated)?)?,
        roles: pass.file("roles", files.roles(validated)?)?,
        key_loans: pass.file("key_loans", files.key_loans(validated)?)?,
        move_in_inspections: pass.file("move_in_inspections", files.move_in_inspections(validated)?)?,
        attributes: declared.clone(),
        absent,
    })
}

struct Pass<'a> {
    db: &'a Db,
    scratch: &'a Path,
    watch: &'a (dyn Watch + Sync),
    declared: &'a Attributes,
    /// Of the files before the present one.
    done: u64,
    total: u64,
}

impl Pass<'_> {
    fn file<'r, T: Stage>(&mut self, name: &str, mut rows: Rows<'r, T>) -> Result<StagedFile, ImportFailure>
    where
        Rows<'r, T>: Iterator<Item = Result<T, BadRow>>,
    {
        let path = self.scratch.join(format!("{name}.staged"));
        let mut out = BufWriter::with_capacity(BUFFER, File::create(&path)?);
        let mut words = WordSorter::new(self.scratch, name);
        let (mut bytes, mut unchanged, mut record) = (0_u64, 0, Vec::new());
        let next = || {
            if self.watch.is_cancelled() {
                return Err(ImportFailure::Cancelled);
            }
            let chunk =
                rows.by_ref().take(CHUNK).collect::<Result<Vec<T>, BadRow>>().map_err(ImportFailure::Changed)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let staged = work_out(chunk, self.declared)?;
            let worked_out = self.db.read_blocking(move |reader| without_unchanged::<T>(reader, staged))?;
            self.watch.at(Phase::Preparing, self.done + rows.bytes_done(), self.total);
            Ok(Some(worked_out))
        };
        ahead(next, |(rest, same)| {
            unchanged += same;
            for mut row in rest {
                row.take_words().iter().try_for_each(|word| words.push(word))?;
                record.clear();
                row.encode(&mut record);
                let length = u32::try_from(record.len()).map_err(io::Error::other)?;
                out.write_all(&length.to_le_bytes())?;
                out.write_all(&record)?;
                bytes += u64::from(length) + 4;
            }
            Ok(())
        })?;
        out.flush()?;
        self.done += rows.bytes_done();
        Ok(StagedFile { path, bytes, unchanged, words: words.finish()? })
    }
}

/// Works rows out, on all processors.
fn work_out<T: Stage>(mut rows: Vec<T>, declared: &Attributes) -> StoreResult<Vec<StagedRow>> {
    let shares = thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(shares);
    thread::scope(|scope| {
        let mut others = Vec::new();
        while rows.len() > share {
            let some = rows.split_off(rows.len() - share);
            others.push(scope.spawn(move || {
                some.into_iter().map(|row| row.stage(declared)).collect::<StoreResult<Vec<StagedRow>>>()
            }));
        }
        let mut staged = rows.into_iter().map(|row| row.stage(declared)).collect::<StoreResult<Vec<StagedRow>>>()?;
        // The last share was split off first.
        for other in others.into_iter().rev() {
            staged.extend(other.join().unwrap_or(Err(StoreError::Panicked))?);
        }
        Ok(staged)
    })
}

/// Reads the staged rows back, a batch at a time.
pub(super) struct StagedRows {
    input: BufReader<File>,
    left: u64,
    record: Vec<u8>,
}

impl StagedFile {
    pub(super) fn rows(&self) -> Result<StagedRows, ImportFailure> {
        let input = BufReader::with_capacity(BUFFER, File::open(&self.path)?);
        Ok(StagedRows { input, left: self.bytes, record: Vec::new() })
    }
}

impl StagedRows {
    /// The next rows, at most so many, and how many bytes they took; none at the end.
    pub(super) fn batch(&mut self, count: usize) -> Result<(Vec<StagedRow>, u64), ImportFailure> {
        let (mut rows, before) = (Vec::with_capacity(count), self.left);
        while rows.len() < count && self.left > 0 {
            let mut length = [0; 4];
            self.input.read_exact(&mut length)?;
            let length = u32::from_le_bytes(length);
            self.record.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
            self.input.read_exact(&mut self.record)?;
            rows.push(StagedRow::decode(&self.record)?);
            self.left = self.left.saturating_sub(u64::from(length) + 4);
        }
        Ok((rows, before - self.left))
    }
}
