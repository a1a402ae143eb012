//! The transaction that writes an import, all of it or nothing.

use std::collections::HashSet;
use std::sync::Arc;

use domain::due::{KeyLoan, MoveInInspection};
use domain::register::tree::circles;
use domain::register::{Contract, Party, Property, Role};
use persistence::bulk::{self, is_empty};
use persistence::staging::{self, Stage, StagedRow, Words, add_staged, settle_staged, upsert_staged};
use persistence::{Db, Writer, attributes, register};

use super::ahead::ahead;
use super::outcome::KindCounts;
use super::stage::{Staged, StagedFile};
use super::{ImportFailure, ImportOptions, Imported, Phase, Watch};

/// From so many bytes of one kind on, an empty table is filled without its indexes first.
const LARGE: u64 = 1024 * 1024;
/// So many rows are in memory at a time.
const BATCH: usize = 1000;
/// A word takes little.
const WORDS: usize = 5000;

/// Writes what was staged. When the transaction has to be repeated, so are the files read.
pub(super) fn merge(
    db: &Db,
    staged: Staged,
    options: &ImportOptions,
    bad: u64,
    watch: Arc<dyn Watch + Send + Sync>,
) -> Result<Imported, ImportFailure> {
    let options = *options;
    db.write_blocking(move |writer| {
        let (staged, options, watch) = (&staged, &options, watch.as_ref());
        Merge { writer, staged, options, watch, done: 0, conflicts: 0, empty: HashSet::new() }.run(bad)
    })
}

struct Merge<'a, 'w> {
    writer: &'a mut Writer<'w>,
    staged: &'a Staged,
    options: &'a ImportOptions,
    watch: &'a dyn Watch,
    done: u64,
    conflicts: u64,
    /// The tables that had no rows at the start.
    empty: HashSet<&'static str>,
}

impl Merge<'_, '_> {
    /// What is referred to comes before what refers to it.
    fn run(mut self, bad: u64) -> Result<Imported, ImportFailure> {
        let staged = self.staged;
        if attributes::declared(self.writer)? != staged.attributes {
            return Err(ImportFailure::AttributesChanged);
        }
        let mut large = Vec::new();
        self.look_at::<Property>(&staged.properties, &mut large)?;
        self.look_at::<Party>(&staged.parties, &mut large)?;
        self.look_at::<Contract>(&staged.contracts, &mut large)?;
        self.look_at::<Role>(&staged.roles, &mut large)?;
        self.look_at::<KeyLoan>(&staged.key_loans, &mut large)?;
        self.look_at::<MoveInInspection>(&staged.move_in_inspections, &mut large)?;
        self.watch.at(Phase::Merging, 0, staged.bytes_total());
        let filling = bulk::begin(self.writer, &large, staging::TABLES)?;
        let properties = self.file::<Property>(&staged.properties)?;
        self.refuse_circles()?;
        let mut parties = self.file::<Party>(&staged.parties)?;
        let mut contracts = self.file::<Contract>(&staged.contracts)?;
        let mut roles = self.file::<Role>(&staged.roles)?;
        let mut key_loans = self.file::<KeyLoan>(&staged.key_loans)?;
        let mut move_in_inspections = self.file::<MoveInInspection>(&staged.move_in_inspections)?;
        bulk::end(self.writer, filling)?;
        let ended = staged.absent.end(self.writer, self.options)?;
        roles.ended = ended.roles;
        contracts.ended = ended.contracts;
        parties.ended = ended.parties;
        key_loans.ended = ended.key_loans;
        move_in_inspections.ended = ended.move_in_inspections;
        let conflicts = self.conflicts + ended.conflicts;
        let imported = Imported {
            parties,
            properties,
            contracts,
            roles,
            key_loans,
            move_in_inspections,
            conflicts,
            bad_rows_total: bad,
        };
        self.watch.merged(self.writer, &imported)?;
        Ok(imported)
    }

    /// Notes whether the tables of a kind are empty, and whether they are to have many rows, too.
    fn look_at<T: Stage>(&mut self, file: &StagedFile, large: &mut Vec<&'static str>) -> Result<(), ImportFailure> {
        if let Some(table) = T::TABLES.first()
            && is_empty(self.writer, table)?
        {
            self.empty.insert(*table);
            if file.bytes >= LARGE {
                large.extend(T::TABLES);
            }
        }
        Ok(())
    }

    /// Others may have moved properties while the files were being checked: what they did and what the files say, each of them a
    /// tree, may be none together. Such a circle leads from a row that was written here to one that was not: from those it is
    /// looked for, of which there are few.
    fn refuse_circles(&mut self) -> Result<(), ImportFailure> {
        if self.empty.contains("property") {
            return Ok(());
        }
        let (mut rows, mut written) = (self.staged.properties.rows()?, Vec::new());
        loop {
            let (batch, _) = rows.batch(BATCH)?;
            if batch.is_empty() {
                break;
            }
            written.extend(batch.iter().filter_map(StagedRow::id));
        }
        written.sort_unstable();
        let mut above = HashSet::new();
        for batch in written.chunks(BATCH) {
            let parents = register::property_parents(self.writer, batch)?;
            above.extend(parents.into_values().filter(|parent| written.binary_search(parent).is_err()));
        }
        let above: Vec<i64> = above.into_iter().collect();
        let parents = register::way_up(self.writer, &above)?;
        if circles(above, |id| parents.get(&id).copied()).is_empty() {
            Ok(())
        } else {
            Err(ImportFailure::RegisterChanged)
        }
    }

    fn file<T: Stage>(&mut self, file: &StagedFile) -> Result<KindCounts, ImportFailure> {
        let mut counts = KindCounts { unchanged: file.unchanged, ..KindCounts::default() };
        let mut local = HashSet::new();
        let first = T::TABLES.first().is_some_and(|table| self.empty.contains(table));
        let there = if first { Words::None } else { Words::Some };
        let mut rows = file.rows()?;
        let next = || Ok(Some(rows.batch(BATCH)?).filter(|(batch, _)| !batch.is_empty()));
        ahead(next, |(batch, bytes)| {
            self.stop_if_cancelled()?;
            if first {
                counts += add_staged::<T>(self.writer, batch)?;
            } else {
                let settled = settle_staged::<T>(self.writer, batch, &self.options.origin)?;
                counts += upsert_staged::<T>(self.writer, settled.rows)?;
                local.extend(settled.local.iter().filter_map(|key| key.parse::<i64>().ok()));
                self.conflicts += settled.conflicts;
            }
            self.done += bytes;
            self.watch.at(Phase::Merging, self.done, self.staged.bytes_total());
            Ok(())
        })?;
        let mut words = file.words.read()?;
        let next = || Ok(Some(words.batch(WORDS)?).filter(|batch| !batch.is_empty()));
        ahead(next, |mut batch| {
            self.stop_if_cancelled()?;
            batch.retain(|word| !local.contains(&word.id));
            Ok(T::write_words(self.writer, batch, there)?)
        })?;
        Ok(counts)
    }

    fn stop_if_cancelled(&self) -> Result<(), ImportFailure> {
        if self.watch.is_cancelled() { Err(ImportFailure::Cancelled) } else { Ok(()) }
    }
}
