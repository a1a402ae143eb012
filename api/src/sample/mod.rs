//! A seeded sample register in the form of a register import: housing companies in Finnish and Swedish towns, with who
//! lives there, who owns, who sits on the board and who maintains, and with the faults that registers have.
//!
//! It serves the demo, tests and benchmarks. The same size and seed give the same bytes, whatever the day: what is over
//! ended before 2025, and what is to come begins in 2031 or later. All e-mail addresses are below `example.com`,
//! `example.fi` and `example.org`, and business ids are of a range that has not been given out, with right check digits.

mod contact_details;
mod dice;
mod files;
mod firms;
mod household;
mod housing_company;
mod names;
mod person;
mod places;
mod world;

#[cfg(test)]
mod tests;

use std::{fs, io, path::Path};

pub use files::SampleSummary;
use world::World;

/// Writes `parties.csv`, `properties.csv`, `contracts.csv` and `roles.csv` into `dir`, which is made if need be; files of
/// these names are replaced. There are exactly `parties` parties, and as many properties and the rest as they need. Keeps
/// one housing company at a time in memory.
pub fn write_csv(parties: u64, seed: u64, dir: &Path) -> io::Result<SampleSummary> {
    fs::create_dir_all(dir)?;
    let mut world = World::new(parties, seed, dir)?;
    let mut companies = 0;
    while world.has_room() {
        housing_company::found(&mut world, companies)?;
        companies += 1;
    }
    world.finish()
}
