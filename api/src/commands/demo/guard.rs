//! Keeps the demo away from registers that are not its own: its people have ids that real ones may have too.

use std::error::Error;
use std::path::Path;

use chrono::NaiveDate;
use domain::register::Party;
use persistence::parties::{self, PartyFilter};
use persistence::properties::{self, PropertyFilter};
use persistence::{Db, Reader, StoreResult};

use crate::commands::Done;
use crate::register_import::{RegisterFiles, Validated};
use crate::settings::Settings;

/// Goes on when the register is empty, or is the sample in `dir` already.
pub(super) fn refuse_other_register(db: &Db, dir: &Path, settings: &Settings) -> Done {
    let Some(first) = first_party(dir)? else { return Ok(()) };
    if db.read_blocking(move |reader| Ok::<_, persistence::StoreError>(is_empty(reader)? || holds(reader, &first)?))? {
        return Ok(());
    }
    Err(format!(
        "the register in {} is not this sample, and the demo would overwrite part of it. Give the demo a database of its own, \
         for instance by POSTITUS_DATA_DIR=demo-data; if it is the sample of an earlier demo with another --seed, remove \
         that first (make clean-demo)",
        settings.database.url
    )
    .into())
}

fn first_party(dir: &Path) -> Result<Option<Party>, Box<dyn Error>> {
    let files = RegisterFiles::open(dir)?;
    // The generator's rows are good; the import, which comes next, would tell if they were not.
    let validated = Validated::default();
    let first = files.parties(&validated)?.next();
    first.transpose().map_err(|row| row.to_string().into())
}

fn is_empty(reader: &mut Reader<'_>) -> StoreResult<bool> {
    let everyone = PartyFilter { archived: true, see_protected: true, ..PartyFilter::default() };
    // Without words to look for, no role is asked for either, and so the day does not matter.
    Ok(parties::list(reader, &everyone, NaiveDate::default(), None, 1)?.is_empty()
        && properties::list(reader, &PropertyFilter::default(), None, 1)?.is_empty())
}

fn holds(reader: &mut Reader<'_>, party: &Party) -> StoreResult<bool> {
    Ok(parties::find(reader, party.party_id)?.is_some_and(|stored| stored.party == *party))
}
