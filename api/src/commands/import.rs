//! `postitus import`: a folder of CSV files into the register, all of it or nothing.

mod progress;

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use domain::clock::{Clock as _, SystemClock, today};
use domain::ids::new_id;
use indicatif::ProgressBar;
use persistence::Db;
use persistence::local_values::Origin;

use super::{Done, open_database};
use crate::cli::ImportArgs;
use crate::imports::{self, ImportFailure, ImportMode, ImportOptions, Imported, Phase, Watch};
use crate::register_import::{RegisterFiles, Validated};
use crate::settings::Settings;

/// Imports the folder and says on standard output what that changed.
pub(crate) fn run(args: &ImportArgs) -> Done {
    let settings = Settings::load()?;
    // Before the database is opened, which may make it: a mistyped folder leaves nothing behind.
    let files = RegisterFiles::open(&args.dir)?;
    let db = open_database(&settings)?;
    let imported = import(&settings, &db, files, args)?;
    write!(io::stdout().lock(), "{imported}")?;
    Ok(())
}

/// Imports the CSV files of `dir` as [`run`] does, without printing what that changed.
pub(super) fn import_folder(settings: &Settings, db: &Db, dir: &Path) -> Result<Imported, Box<dyn Error>> {
    let args = ImportArgs { dir: dir.to_owned(), skip_bad_rows: false, mode: ImportMode::Delta, allow_mass_end: false };
    import(settings, db, RegisterFiles::open(dir)?, &args)
}

/// Bad rows are listed on standard error.
fn import(settings: &Settings, db: &Db, files: RegisterFiles, args: &ImportArgs) -> Result<Imported, Box<dyn Error>> {
    let now = SystemClock.now();
    let options = ImportOptions {
        mode: args.mode,
        skip_bad_rows: args.skip_bad_rows,
        allow_mass_end: args.allow_mass_end,
        today: today(now, settings.time_zone),
        origin: Origin { at: now, operation_id: None },
    };
    let scratch = imports::folder(&settings.data_dir, new_id());
    fs::create_dir_all(&scratch).map_err(|error| format!("cannot make {}: {error}", scratch.display()))?;
    let watch: Arc<dyn Watch + Send + Sync> = Arc::new(Terminal::default());
    let imported = imports::run(db, files, &options, &scratch, &watch);
    // What is left there is of no use to anyone.
    let _ = fs::remove_dir_all(&scratch);
    let imported = imported.map_err(|failure| format!("nothing was imported: {}", advice(&failure)))?;
    if imported.bad_rows_total > 0 {
        eprintln!("{} left out", count_rows(imported.bad_rows_total));
    }
    Ok(imported)
}

/// The failure in the words of the command line.
fn advice(failure: &ImportFailure) -> String {
    failure.to_string().replace("skip_bad_rows", "--skip-bad-rows").replace("allow_mass_end", "--allow-mass-end")
}

/// Shows bars and bad rows.
#[derive(Default)]
struct Terminal(Mutex<Option<(Phase, ProgressBar)>>);

impl Watch for Terminal {
    fn at(&self, phase: Phase, done: u64, total: u64) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*shown {
            Some((same, bar)) if *same == phase => bar.set_position(done),
            other => {
                if let Some((_, bar)) = other {
                    bar.finish_and_clear();
                }
                *shown = Some((phase, progress::bar(phase.as_str(), total)));
            }
        }
    }

    fn checked(&self, validated: &Validated) -> Result<(), ImportFailure> {
        Ok(list_bad_rows(validated, &mut io::stderr().lock())?)
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// One line a bad row, `file:line: column: reason`, and how many more there are than were kept.
fn list_bad_rows(validated: &Validated, out: &mut dyn Write) -> io::Result<()> {
    for row in &validated.bad_rows {
        writeln!(out, "{row}")?;
    }
    let listed = u64::try_from(validated.bad_rows.len()).unwrap_or(u64::MAX);
    match validated.bad_rows_total.saturating_sub(listed) {
        0 => Ok(()),
        more => writeln!(out, "and {more} more"),
    }
}

fn count_rows(bad: u64) -> String {
    if bad == 1 { "1 bad row".to_owned() } else { format!("{bad} bad rows") }
}
