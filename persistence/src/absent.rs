//! What a full import ends: the rows that the ERP has no more.

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::register::local::without_locals;
use domain::register::{Contract, ContractId, Party, PartyId, Role};

use crate::door::{Reader, Writer};
use crate::due_items::DueItem;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::local_values::{self, Origin, RegisterRow};
use crate::register::BATCH;
use crate::staging::{self, Stage};
use crate::{contracts, due_items, parties, roles};

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Text)]
    role_key: String,
}

/// The parties in use, by id, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn parties_in_use(reader: &mut Reader<'_>, after: PartyId, limit: i64) -> StoreResult<Vec<PartyId>> {
    let mut query = Fragment::new("SELECT party_id AS id FROM party WHERE NOT archived AND party_id > ");
    query.bind(after).sql(" ORDER BY party_id LIMIT ").bind(limit);
    Ok(query.load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

/// The contracts that have not ended before `today`, by id, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn contracts_in_force(
    reader: &mut Reader<'_>,
    today: NaiveDate,
    after: ContractId,
    limit: i64,
) -> StoreResult<Vec<ContractId>> {
    let mut query = Fragment::new("SELECT contract_id AS id FROM contract WHERE (valid_to IS NULL OR valid_to >= ");
    query.bind(today).sql(") AND contract_id > ").bind(after).sql(" ORDER BY contract_id LIMIT ").bind(limit);
    Ok(query.load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

/// The keys of the roles that have not ended before `today`, in order, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn roles_in_force(reader: &mut Reader<'_>, today: NaiveDate, after: &str, limit: i64) -> StoreResult<Vec<String>> {
    let mut query = Fragment::new("SELECT role_key FROM role WHERE (valid_to IS NULL OR valid_to >= ");
    query.bind(today).sql(") AND role_key > ").bind(after).sql(" ORDER BY role_key LIMIT ").bind(limit);
    Ok(query.load::<KeyRow>(reader.conn)?.into_iter().map(|row| row.role_key).collect())
}

/// What became of rows that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// Ended, archived or removed; those that had been already do not count.
    pub rows: u64,
    pub conflicts: u64,
}

impl std::ops::AddAssign for Ended {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.conflicts += other.conflicts;
    }
}

/// Ends the roles with these keys the day before `today`; one that has not begun by then is removed.
///
/// # Errors
/// A failure of the database.
pub fn end_roles(writer: &mut Writer<'_>, keys: &[String], today: NaiveDate, origin: &Origin) -> StoreResult<Ended> {
    let mut total = Ended::default();
    for keys in keys.chunks(BATCH) {
        let rows = roles::by_keys(writer, keys)?;
        let (begun, coming) = split(as_erp_has_them(writer, rows)?, today, |role: &Role| role.valid_from);
        for role in &coming {
            roles::delete(writer, role)?;
            total.rows += 1;
        }
        let ended = begun.into_iter().map(|role| Role { valid_to: earlier(role.valid_to, today), ..role });
        total += write(writer, ended.collect(), origin)?;
    }
    Ok(total)
}

/// Ends these contracts the day before `today`; one that has not begun by then is removed, and roles refer to it no more.
///
/// # Errors
/// A failure of the database.
pub fn end_contracts(
    writer: &mut Writer<'_>,
    ids: &[ContractId],
    today: NaiveDate,
    origin: &Origin,
) -> StoreResult<Ended> {
    let mut total = Ended::default();
    for ids in ids.chunks(BATCH) {
        let rows = contracts::by_ids(writer, ids)?;
        let (begun, coming) = split(as_erp_has_them(writer, rows)?, today, |contract: &Contract| contract.valid_from);
        for contract in &coming {
            let referring = roles::by_contract(writer, contract.contract_id)?;
            let detached = referring.into_iter().map(|role| Role { contract_id: None, ..role }).collect();
            roles::upsert(writer, detached)?;
            contracts::delete(writer, contract.contract_id)?;
            total.rows += 1;
        }
        let ended =
            begun.into_iter().map(|contract| Contract { valid_to: earlier(contract.valid_to, today), ..contract });
        total += write(writer, ended.collect(), origin)?;
    }
    Ok(total)
}

/// Archives these parties.
///
/// # Errors
/// A failure of the database.
pub fn archive_parties(writer: &mut Writer<'_>, ids: &[PartyId], origin: &Origin) -> StoreResult<Ended> {
    let mut total = Ended::default();
    for ids in ids.chunks(BATCH) {
        let rows = parties::by_ids(writer, ids)?;
        let gone = as_erp_has_them(writer, rows)?.into_iter().map(|party| Party { archived: true, ..party }).collect();
        total += write(writer, gone, origin)?;
    }
    Ok(total)
}

/// Calls the loans or inspections with these keys returned or answered at the time of the import: the ERP has them no more.
///
/// # Errors
/// A failure of the database.
pub fn close_items<T: DueItem>(writer: &mut Writer<'_>, keys: &[String], origin: &Origin) -> StoreResult<Ended> {
    let mut total = Ended::default();
    for keys in keys.chunks(BATCH) {
        let rows = due_items::by_keys::<T>(writer, keys)?;
        let done = as_erp_has_them(writer, rows)?.into_iter().map(|row| row.done(origin.at)).collect();
        total += write(writer, done, origin)?;
    }
    Ok(total)
}

/// Without what was set here: what is gone is gone for the ERP.
fn as_erp_has_them<T: RegisterRow>(writer: &mut Writer<'_>, rows: Vec<T>) -> StoreResult<Vec<T>> {
    let keys: Vec<String> = rows.iter().map(RegisterRow::row_key).collect();
    let locals = local_values::of_rows(writer, T::KIND, &keys)?;
    let plain = |(row, key): (T, String)| match locals.get(&key) {
        Some(locals) => without_locals(&row, locals).map_err(|error| StoreError::Inconsistent(error.to_string())),
        None => Ok(row),
    };
    rows.into_iter().zip(keys).map(plain).collect()
}

fn write<T: Stage>(writer: &mut Writer<'_>, rows: Vec<T>, origin: &Origin) -> StoreResult<Ended> {
    let (rows, conflicts) = local_values::settle(writer, rows, origin)?;
    Ok(Ended { rows: staging::upsert(writer, rows)?.changed, conflicts })
}

/// Those that have begun before `today`, and those that have not.
fn split<T>(rows: Vec<T>, today: NaiveDate, from: impl Fn(&T) -> Option<NaiveDate>) -> (Vec<T>, Vec<T>) {
    rows.into_iter().partition(|row| from(row).is_none_or(|from| from < today))
}

/// The day before `today`, unless the end lies before that.
fn earlier(end: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let yesterday = today.pred_opt();
    match (end, yesterday) {
        (Some(end), Some(yesterday)) => Some(end.min(yesterday)),
        (end, yesterday) => yesterday.or(end),
    }
}
