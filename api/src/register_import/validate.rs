//! The first pass: every row of every file, keeping ids only.

use std::collections::{HashMap, HashSet};

use domain::attribute::AttributeRegister;
use domain::due::{KeyLoan, MoveInInspection};
use domain::register::{Contract, Party, Property, PropertyId, Role};
use persistence::due_items::{DueItem, ItemColumns};
use serde_json::{Map, Value};

use super::{
    ImportError, KnownIds, RegisterFiles, Validated,
    columns::RegisterFile,
    error::RowFault,
    fields::Fields,
    ids::FileIds,
    records::RecordFault,
    references::{Queue, Reference, Waiting},
    row::ReadRow,
    tree::{self, Node},
    validated::{Present, key_digest},
};

/// Progress is told every so many rows.
const ROWS_PER_PROGRESS: u64 = 1000;

/// Checks every row by itself, against the others, and against the register. `progress` is told the bytes read so far and
/// in all. Bad rows are no error: they are in the answer. Rows that refer to a bad row are bad too, unless the register
/// already holds what they refer to.
pub fn validate(
    files: &RegisterFiles,
    known: &mut dyn KnownIds,
    progress: &dyn Fn(u64, u64),
) -> Result<Validated, ImportError> {
    let attributes = known.attributes().map_err(ImportError::Lookup)?;
    let mut pass = Pass { files, known, progress, bytes_before: 0, found: Validated::against(attributes) };
    let mut ids = Ids { parties: pass.parties()?, ..Ids::default() };
    ids.properties = pass.properties()?;
    ids.contracts = pass.contracts(&ids)?;
    let roles = pass.roles(&ids)?;
    let key_loans = pass.due_items::<KeyLoan>(&ids)?;
    let move_in_inspections = pass.due_items::<MoveInInspection>(&ids)?;
    let mut found = pass.found;
    let (parties, contracts) = (ids.parties.into_seen(), ids.contracts.into_seen());
    found.present = Present { parties, contracts, roles, key_loans, move_in_inspections };
    Ok(found)
}

/// What the good rows of the files bring.
#[derive(Default)]
struct Ids {
    parties: FileIds,
    properties: FileIds,
    contracts: FileIds,
}

impl Ids {
    /// The reference, unless a file answers it.
    fn open(&self, column: &'static str, to: RegisterFile, id: i64) -> Option<Reference> {
        let brought = match to {
            RegisterFile::Parties => self.parties.brings(id),
            RegisterFile::Properties => self.properties.brings(id),
            RegisterFile::Contracts => self.contracts.brings(id),
            RegisterFile::Roles | RegisterFile::KeyLoans | RegisterFile::MoveInInspections => false,
        };
        if brought { None } else { Some(Reference { column, to, id }) }
    }
}

struct Pass<'a> {
    files: &'a RegisterFiles,
    known: &'a mut dyn KnownIds,
    progress: &'a dyn Fn(u64, u64),
    bytes_before: u64,
    found: Validated,
}

impl Pass<'_> {
    fn parties(&mut self) -> Result<FileIds, ImportError> {
        let mut ids = FileIds::default();
        self.each_row(|pass, _, party: Party| {
            let id = party.party_id;
            pass.attributes(AttributeRegister::Party, &party.attributes)?;
            if ids.insert(id) { Ok(()) } else { Err(Stop::Fault(twice("party_id", id, RegisterFile::Parties))) }
        })?;
        Ok(ids)
    }

    fn properties(&mut self) -> Result<FileIds, ImportError> {
        let mut nodes: HashMap<i64, Node> = HashMap::new();
        self.each_row(|pass, line, property: Property| {
            let id = property.property_id;
            pass.attributes(AttributeRegister::Property, &property.attributes)?;
            if nodes.contains_key(&id) {
                return Err(Stop::Fault(twice("property_id", id, RegisterFile::Properties)));
            }
            nodes.insert(id, Node { line, parent_id: property.parent_id });
            Ok(())
        })?;
        let rows = self.found.properties.good + self.found.properties.bad;
        let mut misfits = tree::remove_misfits(&mut nodes, self.known)?;
        misfits.sort_by_key(|misfit| misfit.line);
        for misfit in misfits {
            self.found.refuse(RegisterFile::Properties, misfit.line, misfit.fault);
        }
        self.found.finish_file(RegisterFile::Properties, rows);
        Ok(nodes.into_keys().collect())
    }

    /// Only declared attributes can be wrong.
    fn attributes(&self, register: AttributeRegister, values: &Map<String, Value>) -> Result<(), Stop> {
        self.found.attributes.check(register, values).map_err(|errors| {
            let reasons: Vec<String> = errors.into_iter().map(|error| error.message).collect();
            Stop::Fault(RowFault::of("attributes", reasons.join(" ")))
        })
    }

    fn contracts(&mut self, brought: &Ids) -> Result<FileIds, ImportError> {
        let (mut ids, mut queue) = (FileIds::default(), Queue::default());
        self.each_row(|pass, line, contract: Contract| {
            let id = contract.contract_id;
            if !ids.insert(id) {
                return Err(Stop::Fault(twice("contract_id", id, RegisterFile::Contracts)));
            }
            let party = brought.open("party_id", RegisterFile::Parties, contract.party_id);
            let property = brought.open("property_id", RegisterFile::Properties, contract.property_id);
            let open: Vec<Reference> = party.into_iter().chain(property).collect();
            if !open.is_empty() {
                let refused = queue.push(Waiting { line, id: Some(id), open }, pass.known)?;
                pass.refuse_waiting(RegisterFile::Contracts, refused, &mut ids);
            }
            Ok(())
        })?;
        let refused = queue.settle(self.known)?;
        let rows = self.found.contracts.good + self.found.contracts.bad;
        self.refuse_waiting(RegisterFile::Contracts, refused, &mut ids);
        self.found.finish_file(RegisterFile::Contracts, rows);
        Ok(ids)
    }

    fn roles(&mut self, brought: &Ids) -> Result<HashSet<[u8; 16]>, ImportError> {
        let (mut keys, mut queue, mut unused) = (HashSet::new(), Queue::default(), FileIds::default());
        self.each_row(|pass, line, role: Role| {
            if !keys.insert(key_digest(&role.key())) {
                return Err(Stop::Fault(same_role(&role)));
            }
            let party = brought.open("party_id", RegisterFile::Parties, role.party_id);
            let property = brought.open("property_id", RegisterFile::Properties, role.property_id);
            let contract = role.contract_id.and_then(|id| brought.open("contract_id", RegisterFile::Contracts, id));
            let open: Vec<Reference> = party.into_iter().chain(property).chain(contract).collect();
            if !open.is_empty() {
                let refused = queue.push(Waiting { line, id: None, open }, pass.known)?;
                pass.refuse_waiting(RegisterFile::Roles, refused, &mut unused);
            }
            Ok(())
        })?;
        let refused = queue.settle(self.known)?;
        let rows = self.found.roles.good + self.found.roles.bad;
        self.refuse_waiting(RegisterFile::Roles, refused, &mut unused);
        self.found.finish_file(RegisterFile::Roles, rows);
        Ok(keys)
    }

    fn due_items<T: ReadRow + DueItem>(&mut self, brought: &Ids) -> Result<HashSet<[u8; 16]>, ImportError> {
        let (mut keys, mut queue, mut unused) = (HashSet::new(), Queue::default(), FileIds::default());
        self.each_row(|pass, line, row: T| {
            let key = row.row_key();
            let ItemColumns { erp_id, party_id, property_id, .. } = row.into_columns();
            let Some(erp_id) = erp_id else { return Err(Stop::Fault(RowFault::of(T::ID, "must not be empty"))) };
            if !keys.insert(key_digest(&key)) {
                let file = T::FILE.name();
                let reason = format!("“{erp_id}” is already the id of an earlier row of {file}");
                return Err(Stop::Fault(RowFault::of(T::ID, reason)));
            }
            let party = brought.open("party_id", RegisterFile::Parties, party_id);
            let open = |id: PropertyId| brought.open("property_id", RegisterFile::Properties, id);
            let open: Vec<Reference> = party.into_iter().chain(property_id.and_then(open)).collect();
            if !open.is_empty() {
                let refused = queue.push(Waiting { line, id: None, open }, pass.known)?;
                pass.refuse_waiting(T::FILE, refused, &mut unused);
            }
            Ok(())
        })?;
        let refused = queue.settle(self.known)?;
        let rows = self.found.counts(T::FILE);
        self.refuse_waiting(T::FILE, refused, &mut unused);
        self.found.finish_file(T::FILE, rows.good + rows.bad);
        Ok(keys)
    }

    fn refuse_waiting(&mut self, file: RegisterFile, refused: Vec<(Waiting, RowFault)>, ids: &mut FileIds) {
        for (row, fault) in refused {
            self.found.refuse(file, row.line, fault);
            if let Some(id) = row.id {
                ids.refuse(id);
            }
        }
    }

    /// Reads the file of `T` from end to end. What `check` finds at fault is a bad row, like what can't be read.
    fn each_row<T: ReadRow>(
        &mut self,
        mut check: impl FnMut(&mut Self, u64, T) -> Result<(), Stop>,
    ) -> Result<(), ImportError> {
        let files = self.files;
        let Some(source) = files.get(T::FILE) else { return Ok(()) };
        let mut records = source.records()?;
        let mut rows: u64 = 0;
        loop {
            if rows.is_multiple_of(ROWS_PER_PROGRESS) {
                self.tell_progress(records.bytes_done().min(source.bytes));
            }
            let (line, record) = match records.next_record() {
                None => break,
                Some(Ok(found)) => found,
                Some(Err(RecordFault::Io(error))) => {
                    return Err(ImportError::Read { file: T::FILE.name(), source: error });
                }
                Some(Err(RecordFault::Broken { line, reason })) => {
                    rows += 1;
                    self.found.refuse(T::FILE, line, RowFault::of_row(reason));
                    break;
                }
            };
            rows += 1;
            let row = Fields::new(record, T::FILE.columns(), &source.places).and_then(|fields| T::read(&fields));
            let checked = row.map_err(Stop::Fault).and_then(|row| check(self, line, row));
            match checked {
                Ok(()) => {}
                Err(Stop::Fault(fault)) => self.found.refuse(T::FILE, line, fault),
                Err(Stop::Import(error)) => return Err(error),
            }
        }
        self.found.finish_file(T::FILE, rows);
        self.bytes_before += source.bytes;
        self.tell_progress(0);
        Ok(())
    }

    fn tell_progress(&self, bytes_of_file: u64) {
        (self.progress)(self.bytes_before + bytes_of_file, self.files.bytes_total());
    }
}

/// Why a row's check came to an end: the row is bad, or the import can't go on.
enum Stop {
    Fault(RowFault),
    Import(ImportError),
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

fn twice(column: &'static str, id: i64, file: RegisterFile) -> RowFault {
    RowFault::of(column, format!("{id} is already the id of an earlier row of {}", file.name()))
}

fn same_role(role: &Role) -> RowFault {
    match &role.erp_role_id {
        Some(id) => RowFault::of("role_id", format!("“{id}” is already the id of an earlier row of roles.csv")),
        None => RowFault::of_row(
            "an earlier row without role_id has the same party_id, property_id, role and valid_from; give one a role_id",
        ),
    }
}
