//! Declared attributes of parties and properties, and the values they are searched by.
//!
//! The values follow their rows: [`crate::parties`] and [`crate::properties`] write them with the row, [`declare`] from all
//! rows there are. So that no row is written by the declarations of yesterday, a change of them locks the register's table
//! ([`lock`]), and who has written rows looks whether there was one ([`hold`]); on SQLite there is one writer anyway.

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::attribute::{Attribute, AttributeRegister, AttributeType, Attributes, comparable};
use domain::recipient_query::Known;
use serde_json::{Map, Value as Json};

use crate::connection::AnyConnection;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;

/// So many rows are looked at at a time.
const PAGE: i64 = 5_000;
/// So many rows with a value of another type are named.
const NAMED: usize = 5;

/// An attribute as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttribute {
    pub attribute: Attribute,
    pub version: i64,
}

/// The rows whose value is not of a type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Misfits {
    pub count: u64,
    /// The ids of the first few.
    pub ids: Vec<i64>,
}

#[derive(QueryableByName)]
struct AttributeRow {
    #[diesel(sql_type = Text)]
    register: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "type")]
    type_word: String,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl AttributeRow {
    fn read(self) -> StoreResult<StoredAttribute> {
        let words = AttributeRegister::parse(&self.register).zip(AttributeType::parse(&self.type_word));
        let (register, attribute_type) = words.ok_or_else(|| {
            StoreError::Inconsistent(format!("attribute {} {}: {}", self.register, self.name, self.type_word))
        })?;
        let attribute = Attribute { register, name: self.name, attribute_type, label: self.label };
        Ok(StoredAttribute { attribute, version: self.version })
    }
}

const SELECT: &str = "SELECT register, name, type, label, version FROM attribute";

/// All of them, by register and name.
///
/// # Errors
/// A failure of the database.
pub fn list(reader: &mut Reader<'_>) -> StoreResult<Vec<StoredAttribute>> {
    let mut query = Fragment::new(SELECT);
    query.sql(" ORDER BY register, name");
    query.load::<AttributeRow>(reader.conn)?.into_iter().map(AttributeRow::read).collect()
}

/// One of them.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, register: AttributeRegister, name: &str) -> StoreResult<Option<StoredAttribute>> {
    let mut query = Fragment::new(SELECT);
    query.sql(" WHERE register = ").bind(register.as_str()).sql(" AND name = ").bind(name);
    query.load::<AttributeRow>(reader.conn)?.pop().map(AttributeRow::read).transpose()
}

/// What rows and filters are checked against.
///
/// # Errors
/// A failure of the database.
pub fn declared(reader: &mut Reader<'_>) -> StoreResult<Attributes> {
    Ok(Attributes::new(list(reader)?.into_iter().map(|stored| stored.attribute).collect()))
}

/// What a filter that names nothing is checked against on a day; [`crate::saved_queries::known`] is for any.
///
/// # Errors
/// A failure of the database.
pub fn known(reader: &mut Reader<'_>, today: NaiveDate) -> StoreResult<Known> {
    Ok(Known { today, attributes: declared(reader)?, ..Known::default() })
}

/// Keeps others from writing rows of the register until the transaction ends. Must come first in it: what others have written
/// until then is seen.
///
/// # Errors
/// A failure of the database.
pub fn lock(writer: &mut Writer<'_>, register: AttributeRegister) -> StoreResult<()> {
    let AnyConnection::Postgresql(conn) = &mut *writer.conn else { return Ok(()) };
    conn.batch_execute(match register {
        AttributeRegister::Party => "LOCK TABLE party IN SHARE ROW EXCLUSIVE MODE",
        AttributeRegister::Property => "LOCK TABLE property IN SHARE ROW EXCLUSIVE MODE",
    })?;
    Ok(())
}

/// After rows were written: when declarations have changed since the transaction began, it is repeated.
///
/// # Errors
/// A failure of the database.
pub(crate) fn hold(writer: &mut Writer<'_>, register: AttributeRegister) -> StoreResult<()> {
    let mut query = Fragment::new("SELECT version AS id FROM attribute_change WHERE register = ");
    query.bind(register.as_str()).postgres(" FOR SHARE");
    query.load::<IdRow>(writer.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    #[diesel(column_name = "id")]
    _id: i64,
}

/// Declares an attribute anew, or changes it; the register is locked ([`lock`]). Works the values of all rows out again when
/// its type is new. Answers the rows that have a value of another type: the transaction must then be undone.
///
/// # Errors
/// A failure of the database.
pub fn declare(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    before: Option<&StoredAttribute>,
) -> StoreResult<Misfits> {
    changed(writer, attribute.register)?;
    let Attribute { register, name, attribute_type, label } = attribute;
    let version = before.map_or(0, |stored| stored.version).saturating_add(1);
    let row: [Value; 5] = [
        register.as_str().into(),
        name.as_str().into(),
        attribute_type.as_str().into(),
        label.clone().into(),
        version.into(),
    ];
    insert_rows(
        writer,
        "INSERT INTO attribute (register, name, type, label, version)",
        [row],
        " ON CONFLICT (register, name) DO UPDATE SET type = excluded.type, label = excluded.label, \
         version = excluded.version",
    )?;
    if before.is_some_and(|stored| stored.attribute.attribute_type == *attribute_type) {
        return Ok(Misfits::default());
    }
    forget_values(writer, *register, name)?;
    work_out(writer, attribute)
}

/// Takes a declaration back; the register is locked ([`lock`]). The rows keep their values.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, register: AttributeRegister, name: &str) -> StoreResult<()> {
    changed(writer, register)?;
    forget_values(writer, register, name)?;
    let mut sql = Fragment::new("DELETE FROM attribute WHERE register = ");
    sql.bind(register.as_str()).sql(" AND name = ").bind(name);
    sql.execute(writer.conn)?;
    Ok(())
}

fn changed(writer: &mut Writer<'_>, register: AttributeRegister) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE attribute_change SET version = version + 1 WHERE register = ");
    sql.bind(register.as_str());
    sql.execute(writer.conn)?;
    Ok(())
}

fn forget_values(writer: &mut Writer<'_>, register: AttributeRegister, name: &str) -> StoreResult<()> {
    let mut sql = Fragment::new(match register {
        AttributeRegister::Party => "DELETE FROM party_attribute WHERE name = ",
        AttributeRegister::Property => "DELETE FROM property_attribute WHERE name = ",
    });
    sql.bind(name);
    sql.execute(writer.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct ValuesRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    attributes: String,
}

fn work_out(writer: &mut Writer<'_>, attribute: &Attribute) -> StoreResult<Misfits> {
    let Attribute { register, name, attribute_type, label: _ } = attribute;
    let select = match register {
        AttributeRegister::Party => "SELECT party_id AS id, attributes FROM party WHERE party_id > ",
        AttributeRegister::Property => "SELECT property_id AS id, attributes FROM property WHERE property_id > ",
    };
    let (mut misfits, mut after) = (Misfits::default(), Some(0));
    while let Some(last) = after {
        let mut query = Fragment::new(select);
        // A name has no letter that JSON would escape. `_` stands for any letter: what is found too much is sorted out below.
        query.bind(last).sql(" AND attributes LIKE ").bind(format!("%\"{name}\"%"));
        query.sql(" ORDER BY 1 LIMIT ").bind(PAGE);
        let rows: Vec<ValuesRow> = query.load(writer.conn)?;
        after = rows.last().map(|row| row.id);
        let mut found = Vec::with_capacity(rows.len());
        for ValuesRow { id, attributes } in rows {
            let values: Map<String, Json> = serde_json::from_str(&attributes).map_err(|error| {
                StoreError::Inconsistent(format!("attributes of {} {id}: {error}", register.as_str()))
            })?;
            match values.get(name).map(|value| comparable(*attribute_type, value)) {
                Some(Ok(Some(form))) => found.push((id, name.clone(), form)),
                Some(Ok(None)) | None => {}
                Some(Err(_)) => {
                    misfits.count += 1;
                    if misfits.ids.len() < NAMED {
                        misfits.ids.push(id);
                    }
                }
            }
        }
        // What is going to be undone need not be written.
        if misfits.count == 0 {
            insert_values(writer, *register, found)?;
        }
    }
    Ok(misfits)
}

/// Writes what rows are searched by: id, name and comparable form.
pub(crate) fn insert_values(
    writer: &mut Writer<'_>,
    register: AttributeRegister,
    values: impl IntoIterator<Item = (i64, String, String)>,
) -> StoreResult<()> {
    let insert = match register {
        AttributeRegister::Party => "INSERT INTO party_attribute (name, value, party_id)",
        AttributeRegister::Property => "INSERT INTO property_attribute (name, value, property_id)",
    };
    let rows = values.into_iter().map(|(id, name, form)| -> [Value; 3] { [name.into(), form.into(), id.into()] });
    insert_rows(writer, insert, rows, "")
}
