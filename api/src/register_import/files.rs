//! The folder of an import: which of the files are there, and whether their headers are right.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use domain::due::{KeyLoan, MoveInInspection};
use domain::register::{Contract, Party, Property, Role};

use super::{
    ImportError, Rows, Validated,
    columns::RegisterFile,
    records::{RecordFault, Records},
    row::ReadRow,
};

/// The files of one import, with readable headers. Their rows have not been looked at yet.
#[derive(Debug)]
pub struct RegisterFiles {
    files: Vec<SourceFile>,
}

/// One of the files, and where its columns are.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) file: RegisterFile,
    pub(super) bytes: u64,
    /// For each of `file.columns()` its place in the record.
    pub(super) places: Vec<usize>,
    path: PathBuf,
    delimiter: u8,
}

impl RegisterFiles {
    /// Looks into `dir`. A file that is absent brings nothing; at least one must be there, and no CSV file of another
    /// name. Each must begin with a header row that names its columns, each once, in any order, separated by `,` or `;`.
    pub fn open(dir: &Path) -> Result<Self, ImportError> {
        refuse_unknown_files(dir)?;
        let mut files = Vec::new();
        for file in RegisterFile::ALL {
            let path = dir.join(file.name());
            match fs::metadata(&path) {
                Ok(metadata) => files.push(SourceFile::open(file, path, metadata.len())?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(ImportError::Read { file: file.name(), source }),
            }
        }
        if files.is_empty() {
            return Err(ImportError::NoFiles { dir: dir.to_owned() });
        }
        Ok(Self { files })
    }

    /// Whether the file is there.
    pub fn has(&self, file: RegisterFile) -> bool {
        self.get(file).is_some()
    }

    /// The length of all files together, in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The good rows of `parties.csv`; none when the file is absent.
    pub fn parties<'a>(&'a self, validated: &'a Validated) -> Result<Rows<'a, Party>, ImportError> {
        self.rows(validated)
    }

    /// The good rows of `properties.csv`, in the file's order: a parent may come after its children.
    pub fn properties<'a>(&'a self, validated: &'a Validated) -> Result<Rows<'a, Property>, ImportError> {
        self.rows(validated)
    }

    /// The good rows of `contracts.csv`.
    pub fn contracts<'a>(&'a self, validated: &'a Validated) -> Result<Rows<'a, Contract>, ImportError> {
        self.rows(validated)
    }

    /// The good rows of `roles.csv`, each with a new `role_id` of ours.
    pub fn roles<'a>(&'a self, validated: &'a Validated) -> Result<Rows<'a, Role>, ImportError> {
        self.rows(validated)
    }

    /// The good rows of `key_loans.csv`, each with a new `loan_id` of ours.
    pub fn key_loans<'a>(&'a self, validated: &'a Validated) -> Result<Rows<'a, KeyLoan>, ImportError> {
        self.rows(validated)
    }

    /// The good rows of `move_in_inspections.csv`, each with a new `inspection_id` of ours.
    pub fn move_in_inspections<'a>(
        &'a self,
        validated: &'a Validated,
    ) -> Result<Rows<'a, MoveInInspection>, ImportError> {
        self.rows(validated)
    }

    pub(super) fn get(&self, file: RegisterFile) -> Option<&SourceFile> {
        self.files.iter().find(|source| source.file == file)
    }

    fn rows<'a, T: ReadRow>(&'a self, validated: &'a Validated) -> Result<Rows<'a, T>, ImportError> {
        Rows::open(self.get(T::FILE), validated.bad_lines(T::FILE))
    }
}

fn refuse_unknown_files(dir: &Path) -> Result<(), ImportError> {
    let unreadable = |source| ImportError::Folder { dir: dir.to_owned(), source };
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    // So that the same folder gives the same error wherever it lies.
    names.sort();
    let is_csv = |name: &str| name.to_lowercase().ends_with(".csv");
    let is_known = |name: &str| RegisterFile::ALL.iter().any(|file| file.name() == name);
    match names.into_iter().find(|name| is_csv(name) && !is_known(name)) {
        Some(name) => Err(ImportError::UnknownFile { name }),
        None => Ok(()),
    }
}

impl SourceFile {
    fn open(file: RegisterFile, path: PathBuf, bytes: u64) -> Result<Self, ImportError> {
        let read_with = |delimiter| -> Result<Vec<String>, ImportError> {
            let source = File::open(&path).map_err(|source| ImportError::Read { file: file.name(), source })?;
            header(file, &mut Records::new(source, delimiter))
        };
        let by_comma = read_with(b',')?;
        let (delimiter, header) = match by_comma.iter().any(|field| field.contains(';')) {
            true => (b';', read_with(b';')?),
            false => (b',', by_comma),
        };
        let places = places(file, &header)?;
        Ok(Self { file, bytes, places, path, delimiter })
    }

    /// Reads from the row after the header.
    pub(super) fn records(&self) -> Result<Records<File>, ImportError> {
        let file = self.file.name();
        let source = File::open(&self.path).map_err(|source| ImportError::Read { file, source })?;
        let mut records = Records::new(source, self.delimiter);
        header(self.file, &mut records)?;
        Ok(records)
    }
}

/// Reads the header's column names, trimmed.
fn header(file: RegisterFile, records: &mut Records<File>) -> Result<Vec<String>, ImportError> {
    let refused = |reason: &str| ImportError::Header { file: file.name(), reason: reason.to_owned() };
    match records.next_record() {
        None => Err(refused("is missing: the file is empty")),
        Some(Err(RecordFault::Io(source))) => Err(ImportError::Read { file: file.name(), source }),
        Some(Err(RecordFault::Broken { reason, .. })) => Err(refused(&format!("can't be read: {reason}"))),
        Some(Ok((_, record))) => record
            .iter()
            .map(|field| match std::str::from_utf8(field) {
                Ok(name) => Ok(name.trim().to_owned()),
                Err(_) => Err(refused("is not readable as UTF-8; save the file in UTF-8")),
            })
            .collect(),
    }
}

/// Where each column of `file` is in `header`; anything missing, doubled or unknown is named.
fn places(file: RegisterFile, header: &[String]) -> Result<Vec<usize>, ImportError> {
    let columns = file.columns();
    let count = |column: &str| header.iter().filter(|name| *name == column).count();
    let missing = columns.iter().copied().filter(|column| count(column) == 0).collect::<Vec<_>>();
    let doubled = columns.iter().copied().filter(|column| count(column) > 1).collect::<Vec<_>>();
    let unknown = header.iter().map(String::as_str).filter(|name| !columns.contains(name)).collect::<Vec<_>>();
    let faults = [("lacks", missing), ("names more than once", doubled), ("has the unknown column", unknown)];
    let faults: Vec<String> = faults
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(fault, names)| format!("{fault} {}", names.join(", ")))
        .collect();
    if !faults.is_empty() {
        let (file, faults, columns) = (file.name(), faults.join(" and "), columns.join(", "));
        return Err(ImportError::Header { file, reason: format!("{faults}; the columns are {columns}") });
    }
    Ok(columns.iter().filter_map(|column| header.iter().position(|name| name == column)).collect())
}
