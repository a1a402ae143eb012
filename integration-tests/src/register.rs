//! Registers that tests write: the CSV files of `postitus import`, row by row, with only the columns that matter named.

use std::collections::BTreeMap;
use std::path::Path;

use api::register_import::columns::RegisterFile;

use crate::app::TestApp;

/// One row of a file; what it does not name is empty.
#[derive(Debug, Clone, Default)]
pub struct Row(BTreeMap<&'static str, String>);

impl Row {
    /// Sets a column.
    #[must_use]
    pub fn with(mut self, column: &'static str, value: impl ToString) -> Self {
        self.0.insert(column, value.to_string());
        self
    }

    /// The value of a column; empty unless set.
    pub fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }
}

/// A person with a valid address of its own, `NAME@example.fi` in ASCII, and nothing else.
pub fn person(party_id: i64, name: &str) -> Row {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    Row::default()
        .with("party_id", party_id)
        .with("kind", "person")
        .with("name", name)
        .with("first_name", first)
        .with("last_name", last)
        .with("email", format!("person{party_id}@example.fi"))
}

/// A register in the making.
#[derive(Debug, Clone, Default)]
pub struct Register {
    /// The rows of `parties.csv`.
    pub parties: Vec<Row>,
    /// The rows of `properties.csv`.
    pub properties: Vec<Row>,
    /// The rows of `contracts.csv`.
    pub contracts: Vec<Row>,
    /// The rows of `roles.csv`.
    pub roles: Vec<Row>,
    /// The rows of `key_loans.csv`.
    pub key_loans: Vec<Row>,
    /// The rows of `move_in_inspections.csv`.
    pub move_in_inspections: Vec<Row>,
}

impl Register {
    /// A register of these parties alone.
    pub fn of(parties: impl IntoIterator<Item = Row>) -> Self {
        Self { parties: parties.into_iter().collect(), ..Self::default() }
    }

    /// Adds a property.
    #[must_use]
    pub fn property(mut self, property_id: i64, parent_id: Option<i64>, kind: &str, name: &str) -> Self {
        let parent = parent_id.map(|id| id.to_string()).unwrap_or_default();
        let row = Row::default().with("property_id", property_id).with("parent_id", parent);
        self.properties.push(row.with("kind", kind).with("name", name).with("code", format!("K{property_id}")));
        self
    }

    /// Adds a role without end.
    #[must_use]
    pub fn role(mut self, party_id: i64, property_id: i64, role: &str) -> Self {
        let row = Row::default().with("party_id", party_id).with("property_id", property_id);
        self.roles.push(row.with("role", role).with("valid_from", "2020-01-01"));
        self
    }

    /// The text of the files, in the order of [`RegisterFile::ALL`].
    pub fn files(&self) -> Vec<(RegisterFile, String)> {
        let Self { parties, properties, contracts, roles, key_loans, move_in_inspections } = self;
        let all = [parties, properties, contracts, roles, key_loans, move_in_inspections];
        let text = |(file, rows): (RegisterFile, &Vec<Row>)| {
            let mut text = file.columns().join(",") + "\n";
            for row in rows {
                let values: Vec<String> = file.columns().iter().map(|column| quoted(row.get(column))).collect();
                text.push_str(&values.join(","));
                text.push('\n');
            }
            (file, text)
        };
        RegisterFile::ALL.into_iter().zip(all).map(text).collect()
    }

    /// The files as the fields of a form.
    pub fn form(&self) -> Vec<(&'static str, Vec<u8>)> {
        self.files().into_iter().map(|(file, text)| (file.name().trim_end_matches(".csv"), text.into_bytes())).collect()
    }

    /// Writes the files.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("a folder for the files");
        for (file, text) in self.files() {
            std::fs::write(folder.join(file.name()), text).expect("a writable folder");
        }
    }

    /// Imports it, as `postitus import` does; the server may run meanwhile.
    ///
    /// # Panics
    /// When the import fails.
    pub async fn import(&self, app: &TestApp) {
        let folder = app.folder().join("register");
        self.write(&folder);
        import_folder(app, &folder).await;
    }
}

/// Imports the files of a folder.
///
/// # Panics
/// When the import fails.
pub async fn import_folder(app: &TestApp, folder: &Path) {
    let output = app.command(&["import", &folder.display().to_string()]).await;
    assert!(output.status.success(), "the import failed: {}{}", output.stdout, output.stderr);
}

fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n', ';']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}
