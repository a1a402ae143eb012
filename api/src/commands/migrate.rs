//! `postitus migrate`.

use super::{Done, open_database};
use crate::settings::Settings;

/// Brings the database up to date, as every start does.
pub(crate) fn run() -> Done {
    let settings = Settings::load()?;
    open_database(&settings)?;
    println!("{} is up to date", settings.database.url);
    Ok(())
}
