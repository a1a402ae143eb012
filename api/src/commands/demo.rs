//! `postitus demo`: a sample register, a mailing in three languages, and what became of it.

use std::path::Path;

use super::import::import_folder;
use super::{Done, open_database};
use crate::cli::DemoArgs;
use crate::sample;
use crate::settings::Settings;

/// Writes the sample register and, unless that was all that was asked for, shows what the product does with it.
pub(crate) fn run(args: &DemoArgs) -> Done {
    if let Some(dir) = &args.write_csv {
        return write_csv(args, dir);
    }
    let settings = Settings::load()?;
    let dir = settings.data_dir.join("demo-register");
    write_csv(args, &dir)?;
    let db = open_database(&settings)?;
    print!("{}", import_folder(&db, &dir)?);
    Ok(())
}

fn write_csv(args: &DemoArgs, dir: &Path) -> Done {
    let written = sample::write_csv(u64::from(args.parties), args.seed, dir)
        .map_err(|error| format!("the sample register cannot be written into {}: {error}", dir.display()))?;
    let sample::SampleSummary { parties, properties, contracts, roles } = written;
    println!("{}: {parties} parties, {properties} properties, {contracts} contracts, {roles} roles", dir.display());
    Ok(())
}
