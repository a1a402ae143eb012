//! `postitus import`: a folder of CSV files into the register, all of it or nothing.

mod known;
mod progress;
mod write;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use persistence::Db;

use super::{Done, open_database};
use crate::cli::ImportArgs;
use crate::register_import::{RegisterFiles, Validated, validate};
use crate::settings::Settings;

use known::StoredIds;
pub(super) use write::Imported;

/// Imports the folder and says on standard output what that changed.
pub(crate) fn run(args: &ImportArgs) -> Done {
    let settings = Settings::load()?;
    // Before the database is opened, which may make it: a mistyped folder leaves nothing behind.
    let files = RegisterFiles::open(&args.dir)?;
    let db = open_database(&settings)?;
    let imported = import(&db, files, args.skip_bad_rows)?;
    write!(io::stdout().lock(), "{imported}")?;
    Ok(())
}

/// Imports the CSV files of `dir` as [`run`] does, without printing what that changed.
pub(super) fn import_folder(db: &Db, dir: &Path) -> Result<Imported, Box<dyn Error>> {
    import(db, RegisterFiles::open(dir)?, false)
}

/// Checks every row outside any transaction, then writes the good ones in one. Bad rows are listed on standard error.
fn import(db: &Db, files: RegisterFiles, skip_bad_rows: bool) -> Result<Imported, Box<dyn Error>> {
    let bar = progress::bar("checking", files.bytes_total());
    let validated = validate(&files, &mut StoredIds(db), &|done, _| bar.set_position(done));
    bar.finish_and_clear();
    let validated = validated?;
    list_bad_rows(&validated, &mut io::stderr().lock())?;
    let bad = validated.bad_rows_total;
    if bad > 0 && !skip_bad_rows {
        let rows = count_rows(bad);
        return Err(
            format!("nothing was imported: {rows}; correct them, or keep the good ones with --skip-bad-rows").into()
        );
    }
    let bar = progress::bar("importing", files.bytes_total());
    let imported = write::write(db, Arc::new(files), Arc::new(validated), bar.clone());
    bar.finish_and_clear();
    let imported = imported.map_err(|failure| format!("nothing was imported: {failure}"))?;
    if bad > 0 {
        eprintln!("{} left out", count_rows(bad));
    }
    Ok(imported)
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
