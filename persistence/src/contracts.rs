//! Contracts: upsert in sets, and reading back.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::attribute::Attributes;
use domain::register::local::RegisterKind;
use domain::register::{Contract, ContractId, PartyId, PropertyId};
use domain::service_language::ContractLanguage;

use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Value;
use crate::insert::insert_rows;
use crate::local_values::{self, RegisterRow as _};
use crate::register::{Upserted, hashed, hashes};
use crate::schema::{contract, party, role};
use crate::staging::{self, Filled, Stage, StagedRow};

/// A contract, and whether its party is protected, in which case where it lives is not shown to everyone.
#[derive(Debug, Clone)]
pub struct StoredContract {
    pub contract: Contract,
    pub party_protected: bool,
    /// Hash of the row, as the ETag shows it.
    pub row_hash: Vec<u8>,
}

/// Which contracts to list.
#[derive(Debug, Clone, Default)]
pub struct ContractFilter {
    pub party_id: Option<PartyId>,
    pub property_id: Option<PropertyId>,
    /// Whether the caller may see where protected parties live. Without it, asking by property leaves them out.
    pub see_protected: bool,
}

/// Adds and changes contracts; unchanged ones are left alone.
///
/// # Errors
/// A failure of the database.
pub fn upsert(writer: &mut Writer<'_>, contracts: Vec<Contract>) -> StoreResult<Upserted> {
    staging::upsert(writer, contracts)
}

impl Filled for Contract {
    const INSERT: &'static str = INSERT;
}

impl Stage for Contract {
    const TABLES: &'static [&'static str] = &["contract"];

    fn stage(self, _: &Attributes) -> StoreResult<StagedRow> {
        let (json, hash) = hashed(&self)?;
        let key = self.row_key();
        Ok(StagedRow {
            key,
            json,
            hash: hash.clone(),
            columns: columns(self, hash).into(),
            words: Vec::new(),
            attributes: Vec::new(),
        })
    }

    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>> {
        hashes(reader, "SELECT contract_id AS id, row_hash FROM contract WHERE contract_id IN ", keys)
    }

    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()> {
        insert_rows(writer, INSERT, new.into_iter().chain(changed).map(|row| row.columns), ON_CONFLICT)
    }
}

const INSERT: &str = "INSERT INTO contract (contract_id, party_id, property_id, kind, language, valid_from, valid_to, \
    points_enrolled, points_enrolled_on, row_hash)";

const ON_CONFLICT: &str = " ON CONFLICT (contract_id) DO UPDATE SET party_id = excluded.party_id, \
    property_id = excluded.property_id, kind = excluded.kind, language = excluded.language, \
    valid_from = excluded.valid_from, valid_to = excluded.valid_to, points_enrolled = excluded.points_enrolled, \
    points_enrolled_on = excluded.points_enrolled_on, row_hash = excluded.row_hash";

fn columns(contract: Contract, hash: Vec<u8>) -> [Value; 10] {
    let Contract {
        contract_id,
        party_id,
        property_id,
        kind,
        language,
        valid_from,
        valid_to,
        points_enrolled,
        points_enrolled_on,
    } = contract;
    [
        contract_id.into(),
        party_id.into(),
        property_id.into(),
        kind.into(),
        language.into(),
        valid_from.into(),
        valid_to.into(),
        points_enrolled.into(),
        points_enrolled_on.into(),
        hash.into(),
    ]
}

/// One contract.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, contract_id: ContractId) -> StoreResult<Option<StoredContract>> {
    Ok(contract::table
        .inner_join(party::table.on(party::party_id.eq(contract::party_id)))
        .filter(contract::contract_id.eq(contract_id))
        .select((<ContractRow as Selectable<MultiBackend>>::construct_selection(), party::address_protected))
        .first::<(ContractRow, bool)>(reader.conn)
        .optional()?
        .map(into_stored))
}

/// These contracts.
///
/// # Errors
/// A failure of the database.
pub fn by_ids(reader: &mut Reader<'_>, ids: &[ContractId]) -> StoreResult<Vec<Contract>> {
    let rows: Vec<ContractRow> = contract::table
        .filter(contract::contract_id.eq_any(ids))
        .select(<ContractRow as Selectable<MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    Ok(rows.into_iter().map(|row| into_stored((row, false)).contract).collect())
}

/// What the rule of the service language looks at, of the contracts of these parties that have a language.
///
/// # Errors
/// A failure of the database.
pub fn languages(
    reader: &mut Reader<'_>,
    party_ids: &[PartyId],
) -> StoreResult<HashMap<PartyId, Vec<ContractLanguage>>> {
    let rows: Vec<ContractRow> = contract::table
        .filter(contract::party_id.eq_any(party_ids).and(contract::language.is_not_null()))
        .select(<ContractRow as Selectable<MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    let mut languages: HashMap<PartyId, Vec<ContractLanguage>> = HashMap::new();
    for ContractRow { contract_id, party_id, language, valid_from, valid_to, .. } in rows {
        let of_contract = ContractLanguage { contract_id, language, valid_from, valid_to };
        languages.entry(party_id).or_default().push(of_contract);
    }
    Ok(languages)
}

/// Whether a role refers to the contract.
///
/// # Errors
/// A failure of the database.
pub fn is_in_use(reader: &mut Reader<'_>, contract_id: ContractId) -> StoreResult<bool> {
    Ok(diesel::select(exists(role::table.filter(role::contract_id.eq(contract_id)))).get_result(reader.conn)?)
}

/// Deletes a contract to which nothing refers, and what was set here for it.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, contract_id: ContractId) -> StoreResult<()> {
    diesel::delete(contract::table.find(contract_id)).execute(writer.conn)?;
    local_values::forget(writer, RegisterKind::Contract, &[contract_id.to_string()])
}

/// A page of contracts by id, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &ContractFilter,
    after: Option<ContractId>,
    limit: i64,
) -> StoreResult<Vec<StoredContract>> {
    let mut query = contract::table
        .inner_join(party::table.on(party::party_id.eq(contract::party_id)))
        .select((<ContractRow as Selectable<MultiBackend>>::construct_selection(), party::address_protected))
        .order(contract::contract_id)
        .limit(limit)
        .into_boxed();
    if let Some(party_id) = filter.party_id {
        query = query.filter(contract::party_id.eq(party_id));
    }
    if let Some(property_id) = filter.property_id {
        query = query.filter(contract::property_id.eq(property_id));
        if !filter.see_protected {
            query = query.filter(party::address_protected.eq(false));
        }
    }
    if let Some(after) = after {
        query = query.filter(contract::contract_id.gt(after));
    }
    Ok(query.load::<(ContractRow, bool)>(reader.conn)?.into_iter().map(into_stored).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = contract)]
struct ContractRow {
    contract_id: i64,
    party_id: i64,
    property_id: i64,
    kind: String,
    language: Option<String>,
    valid_from: Option<chrono::NaiveDate>,
    valid_to: Option<chrono::NaiveDate>,
    points_enrolled: bool,
    points_enrolled_on: Option<chrono::NaiveDate>,
    row_hash: Vec<u8>,
}

fn into_stored((row, party_protected): (ContractRow, bool)) -> StoredContract {
    StoredContract {
        contract: Contract {
            contract_id: row.contract_id,
            party_id: row.party_id,
            property_id: row.property_id,
            kind: row.kind,
            language: row.language,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            points_enrolled: row.points_enrolled,
            points_enrolled_on: row.points_enrolled_on,
        },
        party_protected,
        row_hash: row.row_hash,
    }
}
