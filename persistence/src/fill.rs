//! The quickest way of many rows into a table that has none: `COPY` in its binary form on PostgreSQL.

use std::io::Write;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::{CopyFormat, CopyTarget, Pg};
use diesel::query_builder::AstPass;
use diesel::sql_types::Integer;
use diesel::{ExecuteCopyFromDsl as _, PgConnection, QueryResult};

use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Value;
use crate::insert::insert_rows;
use crate::schema::party;

/// What can be filled.
pub trait Filled {
    /// `INSERT INTO <table> (<columns>)`, in the order of a row's values.
    const INSERT: &'static str;
}

/// Adds rows. Two who do so at once are one after the other: the second repeats its transaction, and finds the table filled.
///
/// # Errors
/// [`StoreError::Contended`] when a row is there already, or a failure of the database.
pub(crate) fn fill_rows<T, R>(writer: &mut Writer<'_>, rows: Vec<R>) -> StoreResult<()>
where
    T: Filled,
    R: AsRef<[Value]> + IntoIterator<Item = Value>,
{
    if let AnyConnection::Postgresql(conn) = &mut *writer.conn {
        return copy::<T, R>(conn, &rows).map_err(|error| first_no_more(error.into()));
    }
    // To look for conflicts costs more than the insert.
    insert_rows(writer, T::INSERT, rows, "").map_err(first_no_more)
}

/// Somebody else was faster.
pub(crate) fn first_no_more(error: StoreError) -> StoreError {
    if error.is_unique_violation() { StoreError::Contended } else { error }
}

/// Table and columns of `T`. The types that diesel asks for are not looked at, since the bytes are written here.
struct Target<T>(PhantomData<T>);

impl<T: Filled> CopyTarget for Target<T> {
    type Table = party::table;
    type SqlType = Integer;

    fn walk_target(mut pass: AstPass<'_, '_, Pg>) -> QueryResult<()> {
        pass.push_sql(T::INSERT.trim_start_matches("INSERT INTO "));
        Ok(())
    }
}

fn copy<T: Filled, R: AsRef<[Value]>>(conn: &mut PgConnection, rows: &[R]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let write = |out: &mut dyn Write| write_rows(out, rows.iter().map(AsRef::as_ref)).map_err(unwritten);
    diesel::copy_from(party::table)
        .from_raw_data(Target::<T>(PhantomData), write)
        .with_format(CopyFormat::Binary)
        .execute(conn)?;
    Ok(())
}

fn unwritten(error: std::io::Error) -> diesel::result::Error {
    diesel::result::Error::SerializationError(Box::new(error))
}

/// The file format of PostgreSQL's manual, "COPY", "Binary Format".
fn write_rows<'a>(out: &mut dyn Write, rows: impl Iterator<Item = &'a [Value]>) -> std::io::Result<()> {
    out.write_all(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0")?;
    let mut buffer = Vec::new();
    for row in rows {
        buffer.clear();
        buffer.extend(i16::try_from(row.len()).map_err(std::io::Error::other)?.to_be_bytes());
        row.iter().try_for_each(|value| push_value(&mut buffer, value))?;
        out.write_all(&buffer)?;
    }
    out.write_all(&(-1_i16).to_be_bytes())
}

fn push_value(out: &mut Vec<u8>, value: &Value) -> std::io::Result<()> {
    match value {
        Value::Text(value) => push(out, value.as_deref().map(str::as_bytes)),
        Value::Integer(value) => push(out, value.map(i64::to_be_bytes)),
        Value::Bool(value) => push(out, Some([u8::from(*value)])),
        Value::Date(value) => {
            let days = value.map(|day| i32::try_from(day.signed_duration_since(begin()).num_days()));
            push(out, days.transpose().map_err(std::io::Error::other)?.map(i32::to_be_bytes))
        }
        Value::Time(value) => {
            let begin = begin().and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
            push(out, value.map(|time| (DateTime::<Utc>::from(time).timestamp_micros() - begin).to_be_bytes()))
        }
        Value::Id(value) => push(out, value.map(|id| id.0.into_bytes())),
        Value::Bytes(value) => push(out, value.as_deref()),
    }
}

fn push(out: &mut Vec<u8>, bytes: Option<impl AsRef<[u8]>>) -> std::io::Result<()> {
    let Some(bytes) = bytes.as_ref().map(AsRef::as_ref) else {
        out.extend((-1_i32).to_be_bytes());
        return Ok(());
    };
    out.extend(i32::try_from(bytes.len()).map_err(std::io::Error::other)?.to_be_bytes());
    out.extend(bytes);
    Ok(())
}

/// PostgreSQL counts days and microseconds from here.
fn begin() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}
