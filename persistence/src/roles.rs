//! Role assignments: upsert in sets, and reading back.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use domain::attribute::Attributes;
use domain::ids::new_id;
use domain::register::local::RegisterKind;
use domain::register::{ContractId, PartyId, PropertyId, Role};
use uuid::Uuid;

use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::local_values::{self, RegisterRow as _};
use crate::register::{Upserted, hashed};
use crate::schema::{party, role};
use crate::staging::{self, Filled, Stage, StagedRow};
use crate::types::DbId;

/// A role, and whether its party is protected, in which case where it lives is not shown to everyone.
#[derive(Debug, Clone)]
pub struct StoredRole {
    pub role: Role,
    pub party_protected: bool,
    /// Hash of the row, as the ETag shows it.
    pub row_hash: Vec<u8>,
}

/// Which roles to list.
#[derive(Debug, Clone, Default)]
pub struct RoleFilter {
    pub party_id: Option<PartyId>,
    pub property_id: Option<PropertyId>,
    pub role: Option<String>,
    /// Whether the caller may see where protected parties live. Without it, asking by property leaves them out.
    pub see_protected: bool,
}

/// Adds and changes roles; unchanged ones are left alone, and a role that is there already keeps its own id.
///
/// # Errors
/// A failure of the database.
pub fn upsert(writer: &mut Writer<'_>, roles: Vec<Role>) -> StoreResult<Upserted> {
    staging::upsert(writer, roles)
}

impl Filled for Role {
    const INSERT: &'static str = INSERT;
}

impl Stage for Role {
    const TABLES: &'static [&'static str] = &["role"];

    fn stage(self, _: &Attributes) -> StoreResult<StagedRow> {
        // The role's own id is ours, not the ERP's: it does not tell whether the row has changed.
        let (json, hash) = hashed(&Role { role_id: Uuid::nil(), ..self.clone() })?;
        let key = self.row_key();
        let role_id = if self.role_id.is_nil() { new_id() } else { self.role_id };
        let columns = columns(Self { role_id, ..self }, hash.clone()).into();
        Ok(StagedRow { key, json, hash, columns, words: Vec::new(), attributes: Vec::new() })
    }

    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>> {
        let mut query = Fragment::new("SELECT role_key, row_hash FROM role WHERE role_key IN ");
        query.list(keys.iter().copied());
        // As for integer ids: no plan of a nearly empty table.
        let rows: Vec<HashRow> = query.one_off().load(reader.conn)?;
        Ok(rows.into_iter().map(|row| (row.role_key, row.row_hash)).collect())
    }

    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()> {
        insert_rows(writer, INSERT, new.into_iter().chain(changed).map(|row| row.columns), ON_CONFLICT)
    }
}

const INSERT: &str = "INSERT INTO role (role_id, role_key, erp_role_id, party_id, property_id, role, valid_from, valid_to, \
    contract_id, row_hash)";

const ON_CONFLICT: &str = " ON CONFLICT (role_key) DO UPDATE SET party_id = excluded.party_id, \
    property_id = excluded.property_id, role = excluded.role, valid_from = excluded.valid_from, \
    valid_to = excluded.valid_to, contract_id = excluded.contract_id, row_hash = excluded.row_hash";

fn columns(role: Role, hash: Vec<u8>) -> [Value; 10] {
    let key = role.key();
    let Role { role_id, erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id } = role;
    [
        role_id.into(),
        key.into(),
        erp_role_id.into(),
        party_id.into(),
        property_id.into(),
        role.into(),
        valid_from.into(),
        valid_to.into(),
        contract_id.into(),
        hash.into(),
    ]
}

#[derive(QueryableByName)]
struct HashRow {
    #[diesel(sql_type = Text)]
    role_key: String,
    #[diesel(sql_type = Binary)]
    row_hash: Vec<u8>,
}

/// One role.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, role_id: Uuid) -> StoreResult<Option<StoredRole>> {
    Ok(role::table
        .inner_join(party::table.on(party::party_id.eq(role::party_id)))
        .filter(role::role_id.eq(DbId(role_id)))
        .select((<RoleRow as Selectable<MultiBackend>>::construct_selection(), party::address_protected))
        .first::<(RoleRow, bool)>(reader.conn)
        .optional()?
        .map(into_stored))
}

/// The role with this key ([`Role::key`]).
///
/// # Errors
/// A failure of the database.
pub fn find_by_key(reader: &mut Reader<'_>, key: &str) -> StoreResult<Option<StoredRole>> {
    Ok(role::table
        .inner_join(party::table.on(party::party_id.eq(role::party_id)))
        .filter(role::role_key.eq(key))
        .select((<RoleRow as Selectable<MultiBackend>>::construct_selection(), party::address_protected))
        .first::<(RoleRow, bool)>(reader.conn)
        .optional()?
        .map(into_stored))
}

/// The roles with these keys.
///
/// # Errors
/// A failure of the database.
pub fn by_keys(reader: &mut Reader<'_>, keys: &[String]) -> StoreResult<Vec<Role>> {
    let rows: Vec<RoleRow> = role::table
        .filter(role::role_key.eq_any(keys))
        .select(<RoleRow as Selectable<MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    Ok(rows.into_iter().map(|row| into_stored((row, false)).role).collect())
}

/// The roles that refer to a contract.
///
/// # Errors
/// A failure of the database.
pub fn by_contract(reader: &mut Reader<'_>, contract_id: ContractId) -> StoreResult<Vec<Role>> {
    let rows: Vec<RoleRow> = role::table
        .filter(role::contract_id.eq(contract_id))
        .select(<RoleRow as Selectable<MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    Ok(rows.into_iter().map(|row| into_stored((row, false)).role).collect())
}

/// Deletes a role, and what was set here for it.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, role: &Role) -> StoreResult<()> {
    diesel::delete(role::table.find(DbId(role.role_id))).execute(writer.conn)?;
    local_values::forget(writer, RegisterKind::Role, &[role.key()])
}

/// A page of roles by id, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &RoleFilter,
    after: Option<Uuid>,
    limit: i64,
) -> StoreResult<Vec<StoredRole>> {
    let mut query = role::table
        .inner_join(party::table.on(party::party_id.eq(role::party_id)))
        .select((<RoleRow as Selectable<MultiBackend>>::construct_selection(), party::address_protected))
        .order(role::role_id)
        .limit(limit)
        .into_boxed();
    if let Some(party_id) = filter.party_id {
        query = query.filter(role::party_id.eq(party_id));
    }
    if let Some(property_id) = filter.property_id {
        query = query.filter(role::property_id.eq(property_id));
        if !filter.see_protected {
            query = query.filter(party::address_protected.eq(false));
        }
    }
    if let Some(code) = &filter.role {
        query = query.filter(role::code.eq(code));
    }
    if let Some(after) = after {
        query = query.filter(role::role_id.gt(DbId(after)));
    }
    Ok(query.load::<(RoleRow, bool)>(reader.conn)?.into_iter().map(into_stored).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = role)]
struct RoleRow {
    role_id: DbId,
    erp_role_id: Option<String>,
    party_id: i64,
    property_id: i64,
    code: String,
    valid_from: Option<chrono::NaiveDate>,
    valid_to: Option<chrono::NaiveDate>,
    contract_id: Option<i64>,
    row_hash: Vec<u8>,
}

fn into_stored((row, party_protected): (RoleRow, bool)) -> StoredRole {
    StoredRole {
        role: Role {
            role_id: row.role_id.0,
            erp_role_id: row.erp_role_id,
            party_id: row.party_id,
            property_id: row.property_id,
            role: row.code,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            contract_id: row.contract_id,
        },
        party_protected,
        row_hash: row.row_hash,
    }
}
