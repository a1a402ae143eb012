//! Rows into a table, new or changed, as few statements as it takes.

use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Date, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use uuid::Uuid;

use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Value;
use crate::types::{DbId, UtcTime, UuidT};

/// How many rows a statement carries on SQLite: more makes it no faster, and the number of bound values is limited. A statement
/// carries a power of two, so that there are few of them, each prepared once.
const SQLITE_ROWS: usize = 256;
/// How many it carries on PostgreSQL, where a column is one value whatever its length.
const POSTGRES_ROWS: usize = 5000;

/// Runs `<insert> <rows> <conflict>`; `insert` begins with `INSERT` and ends with the names of the columns.
pub(crate) fn insert_rows<R: IntoIterator<Item = Value>>(
    writer: &mut Writer<'_>,
    insert: &'static str,
    rows: impl IntoIterator<Item = R>,
    conflict: &'static str,
) -> StoreResult<()> {
    run(writer, rows, Around { before: insert, after: conflict, is_update: false }).map(|_none| ())
}

/// Runs `<with> <rows> <update>`, and answers the ids that it returns: `with` ends with `AS (`, and `update` begins with `) UPDATE`,
/// has the condition that an indexed column equals the first column of the rows, which is an id, and returns one of each row that it
/// changed. PostgreSQL knows nothing of how few the rows are: the caller has told it to go by index.
pub(crate) fn update_rows<R: IntoIterator<Item = Value>>(
    writer: &mut Writer<'_>,
    with: &'static str,
    rows: impl IntoIterator<Item = R>,
    update: &'static str,
) -> StoreResult<Vec<Uuid>> {
    run(writer, rows, Around { before: with, after: update, is_update: true })
}

/// The statement around the rows.
#[derive(Clone, Copy)]
struct Around {
    before: &'static str,
    after: &'static str,
    is_update: bool,
}

fn run<R: IntoIterator<Item = Value>>(
    writer: &mut Writer<'_>,
    rows: impl IntoIterator<Item = R>,
    around: Around,
) -> StoreResult<Vec<Uuid>> {
    let mut changed: Vec<DbId> = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        match &mut *writer.conn {
            AnyConnection::Postgresql(conn) => {
                let columns = columns(rows.by_ref().take(POSTGRES_ROWS))?;
                let statement = Columns { around, columns };
                match around.is_update {
                    true => changed.extend(statement.load::<DbId>(conn)?),
                    false => {
                        statement.execute(conn)?;
                    }
                }
            }
            AnyConnection::Sqlite(conn) => {
                let mut batch: Vec<Vec<Value>> =
                    rows.by_ref().take(SQLITE_ROWS).map(|row| row.into_iter().collect()).collect();
                if around.is_update {
                    fill_up(&mut batch);
                }
                while !batch.is_empty() {
                    let rows = batch.drain(..largest_power_of_two(batch.len())).collect();
                    let statement = Rows { around, rows };
                    match around.is_update {
                        true => changed.extend(statement.load::<DbId>(conn)?),
                        false => {
                            statement.execute(conn)?;
                        }
                    }
                }
            }
        }
    }
    Ok(changed.into_iter().map(|id| id.0).collect())
}

/// Makes it a power of two with rows that no id equals: one statement costs less than several.
fn fill_up(batch: &mut Vec<Vec<Value>>) {
    let missing = batch.len().next_power_of_two() - batch.len();
    let Some(mut row) = batch.last().cloned() else { return };
    if let Some(key) = row.first_mut() {
        *key = Value::Id(None);
    }
    batch.extend(std::iter::repeat_n(row, missing));
}

fn largest_power_of_two(length: usize) -> usize {
    length.checked_ilog2().map_or(1, |exponent| 1 << exponent)
}

/// `<before> VALUES (?, ?, …), (?, ?, …) … <after>`.
struct Rows {
    around: Around,
    rows: Vec<Vec<Value>>,
}

impl QueryId for Rows {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Rows {
    type SqlType = UuidT;
}

impl RunQueryDsl<SqliteConnection> for Rows {}

impl QueryFragment<Sqlite> for Rows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        or_fail(&mut out, self.around.before, "INSERT");
        let mut before_row = " VALUES (";
        for row in &self.rows {
            let mut before_value = before_row;
            for value in row {
                out.push_sql(before_value);
                match value {
                    Value::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                    Value::Integer(value) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                    Value::Bool(value) => out.push_bind_param::<Bool, _>(value)?,
                    Value::Date(value) => out.push_bind_param::<Nullable<Date>, _>(value)?,
                    Value::Time(value) => out.push_bind_param::<Nullable<Timestamp>, _>(value)?,
                    Value::Id(value) => out.push_bind_param::<Nullable<UuidT>, _>(value)?,
                    Value::Bytes(value) => out.push_bind_param::<Nullable<Binary>, _>(value)?,
                }
                before_value = ", ";
            }
            before_row = "), (";
        }
        out.push_sql(")");
        or_fail(&mut out, self.around.after, ") UPDATE");
        Ok(())
    }
}

/// Where `sql` begins with `verb`, a statement that fails is not to be undone by itself: its transaction is, as on PostgreSQL. SQLite
/// would keep a copy of each page that it changes until it has ended, in a file when they are many.
fn or_fail(out: &mut AstPass<'_, '_, Sqlite>, sql: &str, verb: &str) {
    match sql.strip_prefix(verb) {
        Some(rest) => {
            out.push_sql(verb);
            out.push_sql(" OR FAIL");
            out.push_sql(rest);
        }
        None => out.push_sql(sql),
    }
}

/// The values of one column, row after row.
enum Column {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
    Bool(Vec<bool>),
    Date(Vec<Option<NaiveDate>>),
    Time(Vec<Option<UtcTime>>),
    Id(Vec<Option<DbId>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Column {
    /// A column that begins with this value.
    fn of(value: Value) -> Self {
        match value {
            Value::Text(value) => Self::Text(vec![value]),
            Value::Integer(value) => Self::Integer(vec![value]),
            Value::Bool(value) => Self::Bool(vec![value]),
            Value::Date(value) => Self::Date(vec![value]),
            Value::Time(value) => Self::Time(vec![value]),
            Value::Id(value) => Self::Id(vec![value]),
            Value::Bytes(value) => Self::Bytes(vec![value]),
        }
    }

    fn push(&mut self, value: Value) -> StoreResult<()> {
        match (self, value) {
            (Self::Text(column), Value::Text(value)) => column.push(value),
            (Self::Integer(column), Value::Integer(value)) => column.push(value),
            (Self::Bool(column), Value::Bool(value)) => column.push(value),
            (Self::Date(column), Value::Date(value)) => column.push(value),
            (Self::Time(column), Value::Time(value)) => column.push(value),
            (Self::Id(column), Value::Id(value)) => column.push(value),
            (Self::Bytes(column), Value::Bytes(value)) => column.push(value),
            (_, value) => return Err(StoreError::Inconsistent(format!("a column of mixed types: {value:?}"))),
        }
        Ok(())
    }
}

fn columns<R: IntoIterator<Item = Value>>(rows: impl Iterator<Item = R>) -> StoreResult<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for (number, row) in rows.enumerate() {
        if number == 0 {
            columns.extend(row.into_iter().map(Column::of));
            continue;
        }
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value)?;
        }
    }
    Ok(columns)
}

/// `<before> SELECT * FROM unnest($1, $2, …) <after>`, an array a column.
struct Columns {
    around: Around,
    columns: Vec<Column>,
}

impl QueryId for Columns {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Columns {
    type SqlType = UuidT;
}

impl RunQueryDsl<PgConnection> for Columns {}

impl QueryFragment<Pg> for Columns {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.around.before);
        let mut separator = " SELECT * FROM unnest(";
        for column in &self.columns {
            out.push_sql(separator);
            match column {
                Column::Text(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values)?,
                Column::Integer(values) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(values)?,
                Column::Bool(values) => out.push_bind_param::<Array<Bool>, _>(values)?,
                Column::Date(values) => out.push_bind_param::<Array<Nullable<Date>>, _>(values)?,
                Column::Time(values) => out.push_bind_param::<Array<Nullable<Timestamp>>, _>(values)?,
                Column::Id(values) => out.push_bind_param::<Array<Nullable<UuidT>>, _>(values)?,
                Column::Bytes(values) => out.push_bind_param::<Array<Nullable<Binary>>, _>(values)?,
            }
            separator = ", ";
        }
        out.push_sql(")");
        out.push_sql(self.around.after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::DatabaseUrl;
    use crate::connection::{Access, open};
    use crate::door::transaction;

    fn id(number: u128) -> Value {
        Uuid::from_u128(number).into()
    }

    fn insert(conn: &mut AnyConnection, numbers: &[u128]) -> StoreResult<()> {
        let rows = || numbers.iter().map(|number| [id(*number), 0.into()]);
        transaction(conn, &mut |writer| insert_rows(writer, "INSERT INTO row (id, n)", rows(), ""))
    }

    fn update(conn: &mut AnyConnection, values: &[(u128, i64)]) -> StoreResult<Vec<Uuid>> {
        let rows = || values.iter().map(|(number, value)| [id(*number), (*value).into()]);
        let update = ") UPDATE row SET n = new.n FROM new WHERE row.id = new.id RETURNING row.id";
        transaction(conn, &mut |writer| update_rows(writer, "WITH new (id, n) AS (", rows(), update))
    }

    #[test]
    fn what_fails_on_the_way_leaves_all_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::own_file(&folder.path().join("rows.db"));
        let conn = &mut open(&url, Access::Write).unwrap();
        conn.batch_execute("CREATE TABLE row (id BLOB PRIMARY KEY, n BIGINT CHECK (n < 9))").unwrap();
        let kept = |conn: &mut AnyConnection| {
            let sql = diesel::dsl::sql::<Text>("SELECT count(*) || ' rows, sum ' || sum(n) FROM row");
            sql.get_result::<String>(conn).unwrap()
        };
        insert(conn, &[1, 2, 3]).unwrap();
        insert(conn, &[4, 5, 3, 6]).unwrap_err();
        assert_eq!(kept(conn), "3 rows, sum 0");
        update(conn, &[(1, 7), (2, 9), (3, 7)]).unwrap_err();
        assert_eq!(kept(conn), "3 rows, sum 0");
        assert_eq!(update(conn, &[(1, 1), (2, 2), (4, 4)]).unwrap().len(), 2);
        assert_eq!(kept(conn), "3 rows, sum 3");
    }
}
