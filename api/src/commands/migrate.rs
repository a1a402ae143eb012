//! `postitus migrate`.

use persistence::Db;

use super::Done;
use crate::settings::Settings;

/// Brings the database up to date, as every start does.
pub(crate) fn run() -> Done {
    let settings = Settings::load()?;
    Db::open(&settings.database)?;
    println!("{} is up to date", settings.database.url);
    Ok(())
}
