//! Imports as an ERP would send them, from temporary folders.

mod files;
mod references;
mod refusals;
mod second_pass;

use std::{
    collections::{HashMap, HashSet},
    fs,
};

use domain::attribute::Attributes;
use tempfile::TempDir;

use super::{BadRow, ImportError, KnownIds, LookupError, RegisterFiles, Validated, columns::RegisterFile, validate};

/// A folder with CSV files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one row in each file, all good.
    fn good() -> Self {
        let folder = Self::new();
        for file in RegisterFile::ALL {
            folder.write(file.name(), csv(file, &[&[]]));
        }
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn open(&self) -> Result<RegisterFiles, ImportError> {
        RegisterFiles::open(self.0.path())
    }

    fn validate(&self) -> Validated {
        self.validate_against(&mut Register::default())
    }

    fn validate_against(&self, register: &mut Register) -> Validated {
        validate(&self.open().unwrap(), register, &|_, _| {}).unwrap()
    }
}

/// A file of rows like the good one, but for the columns given.
fn csv(file: RegisterFile, rows: &[&[(&str, &str)]]) -> String {
    let mut content = file.columns().join(",");
    content.push('\n');
    for changes in rows {
        let fields: Vec<String> = file
            .columns()
            .iter()
            .map(|column| {
                let changed = changes.iter().find(|(name, _)| name == column).map(|(_, value)| *value);
                let value = changed.unwrap_or_else(|| good_value(file, column));
                format!("\"{}\"", value.replace('"', "\"\""))
            })
            .collect();
        content.push_str(&fields.join(","));
        content.push('\n');
    }
    content
}

fn good_value(file: RegisterFile, column: &str) -> &'static str {
    match (file, column) {
        (_, "party_id" | "property_id" | "contract_id") => "1",
        (RegisterFile::Parties, "kind") => "person",
        (RegisterFile::Properties, "kind") => "unit",
        (RegisterFile::Contracts, "kind") => "tenancy",
        (_, "loan_id" | "inspection_id" | "key_code") => "A 17",
        (_, "lent_at") => "2026-11-01T12:00:00Z",
        (_, "due_at" | "deadline") => "2026-11-22T16:00:00+02:00",
        (_, "name") => "Mäkinen Äimi",
        (_, "role") => "resident",
        (RegisterFile::Parties | RegisterFile::Contracts, "language") => "fi",
        _ => "",
    }
}

/// What the register holds already; counts how often it is asked.
#[derive(Default)]
struct Register {
    parties: HashSet<i64>,
    /// Property to parent.
    properties: HashMap<i64, Option<i64>>,
    contracts: HashSet<i64>,
    asked: usize,
}

impl KnownIds for Register {
    fn parties(&mut self, ids: &[i64]) -> Result<HashSet<i64>, LookupError> {
        self.asked += 1;
        Ok(ids.iter().copied().filter(|id| self.parties.contains(id)).collect())
    }

    fn properties(&mut self, ids: &[i64]) -> Result<HashSet<i64>, LookupError> {
        self.asked += 1;
        Ok(ids.iter().copied().filter(|id| self.properties.contains_key(id)).collect())
    }

    fn property_parents(&mut self, ids: &[i64]) -> Result<HashMap<i64, i64>, LookupError> {
        self.asked += 1;
        Ok(ids.iter().filter_map(|id| Some((*id, (*self.properties.get(id)?)?))).collect())
    }

    fn attributes(&mut self) -> Result<Attributes, LookupError> {
        Ok(Attributes::default())
    }

    fn contracts(&mut self, ids: &[i64]) -> Result<HashSet<i64>, LookupError> {
        self.asked += 1;
        Ok(ids.iter().copied().filter(|id| self.contracts.contains(id)).collect())
    }
}

/// The bad rows as the report shows them.
fn report(validated: &Validated) -> Vec<String> {
    validated.bad_rows.iter().map(BadRow::to_string).collect()
}
