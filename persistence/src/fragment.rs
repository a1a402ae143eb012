//! SQL put together from constant text and bound values: the set-wise statements that diesel's query builder cannot say on
//! both databases. Only `&'static str` becomes SQL, so no input can.

use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Date, Nullable, Text, Timestamp, Untyped};
use diesel::{QueryResult, RunQueryDsl};
use uuid::Uuid;

use crate::connection::{AnyConnection, MultiBackend};
use crate::types::{DbId, UtcTime, UuidT};

/// A piece of SQL with its values.
#[derive(Debug, Default)]
pub struct Fragment {
    parts: Vec<Part>,
    one_off: bool,
}

#[derive(Debug)]
enum Part {
    Sql(&'static str),
    /// On PostgreSQL, and on SQLite.
    Either(&'static str, &'static str),
    Bind(Value),
    Among(Among),
}

/// Ids as one value, however many, as [`listed`] writes them.
#[derive(Debug)]
struct Among(String);

/// A bound value of one of the column types in use.
#[derive(Debug, Clone)]
pub enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Bool(bool),
    Date(Option<NaiveDate>),
    Time(Option<UtcTime>),
    Id(Option<DbId>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($name: $from) -> Self { $value }
        })*
    };
}

values! {
    &str => |v| Self::Text(Some(v.to_owned()));
    String => |v| Self::Text(Some(v));
    Option<String> => |v| Self::Text(v);
    i64 => |v| Self::Integer(Some(v));
    Option<i64> => |v| Self::Integer(v);
    bool => |v| Self::Bool(v);
    NaiveDate => |v| Self::Date(Some(v));
    Option<NaiveDate> => |v| Self::Date(v);
    DateTime<Utc> => |v| Self::Time(Some(v.into()));
    Option<DateTime<Utc>> => |v| Self::Time(v.map(Into::into));
    Uuid => |v| Self::Id(Some(DbId(v)));
    Option<Uuid> => |v| Self::Id(v.map(DbId));
    Vec<u8> => |v| Self::Bytes(Some(v));
    Option<Vec<u8>> => |v| Self::Bytes(v);
}

impl Fragment {
    /// A fragment that begins with `sql`.
    pub fn new(sql: &'static str) -> Self {
        Self { parts: vec![Part::Sql(sql)], one_off: false }
    }

    /// Appends SQL.
    pub fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.parts.push(Part::Sql(sql));
        self
    }

    /// Appends SQL for PostgreSQL only.
    pub fn postgres(&mut self, sql: &'static str) -> &mut Self {
        self.either(sql, "")
    }

    /// Appends what says the same on PostgreSQL and on SQLite.
    pub fn either(&mut self, postgres: &'static str, sqlite: &'static str) -> &mut Self {
        self.parts.push(Part::Either(postgres, sqlite));
        self
    }

    /// Appends a bound value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.parts.push(Part::Bind(value.into()));
        self
    }

    /// Appends another fragment.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.parts.extend(other.parts);
        self
    }

    /// Appends `(v, v, …)`; of no values `(NULL)`, which nothing equals.
    pub fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut separator = "(";
        for value in values {
            self.sql(separator).bind(value);
            separator = ", ";
        }
        if separator == "(" { self.sql("(NULL)") } else { self.sql(")") }
    }

    /// Appends the test that what stands before is one of these ids. They are one value, however many: the statement is prepared once,
    /// and its plan kept.
    pub fn among(&mut self, ids: impl IntoIterator<Item = Uuid>) -> &mut Self {
        self.parts.push(Part::Among(Among::new(ids)));
        self
    }

    /// Marks the statement as one that will hardly come again, so that its plan is not kept.
    pub fn one_off(mut self) -> Self {
        self.one_off = true;
        self
    }

    /// Has the columns read in the order in which they stand, as values of the types `S`. To look each up by its name, as
    /// else, takes longer than all the rest where a hundred thousand rows of twenty columns are read.
    pub fn by_place<S>(self) -> ByPlace<S> {
        ByPlace { fragment: self, types: PhantomData }
    }
}

/// A statement that answers columns of the types `S` in their order.
pub struct ByPlace<S> {
    fragment: Fragment,
    types: PhantomData<S>,
}

impl<S> QueryId for ByPlace<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S> Query for ByPlace<S> {
    type SqlType = S;
}

impl<S> RunQueryDsl<AnyConnection> for ByPlace<S> {}

impl<S> QueryFragment<MultiBackend> for ByPlace<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.fragment.walk_ast(out)
    }
}

impl QueryId for Fragment {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Fragment {
    type SqlType = Untyped;
}

impl RunQueryDsl<AnyConnection> for Fragment {}

impl QueryFragment<MultiBackend> for Fragment {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if self.one_off {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Either(postgres, sqlite) => match out.backend() {
                    MultiBackend::Postgresql(_) => out.push_sql(postgres),
                    MultiBackend::Sqlite(_) => out.push_sql(sqlite),
                },
                Part::Among(among) => among.walk_ast(out.reborrow())?,
                Part::Bind(value) => match value {
                    Value::Text(v) => out.push_bind_param::<Nullable<Text>, _>(v)?,
                    Value::Integer(v) => out.push_bind_param::<Nullable<BigInt>, _>(v)?,
                    Value::Bool(v) => out.push_bind_param::<Bool, _>(v)?,
                    Value::Date(v) => out.push_bind_param::<Nullable<Date>, _>(v)?,
                    Value::Time(v) => out.push_bind_param::<Nullable<Timestamp>, _>(v)?,
                    Value::Id(v) => out.push_bind_param::<Nullable<UuidT>, _>(v)?,
                    Value::Bytes(v) => out.push_bind_param::<Nullable<Binary>, _>(v)?,
                },
            }
        }
        Ok(())
    }
}

/// Ids as a text, which is an array for either database once it has its brackets.
pub fn listed(ids: impl IntoIterator<Item = Uuid>) -> String {
    let mut text = String::new();
    let mut buffer = Uuid::encode_buffer();
    for id in ids {
        text.push_str(if text.is_empty() { "\"" } else { ",\"" });
        text.push_str(id.hyphenated().encode_lower(&mut buffer));
        text.push('"');
    }
    text
}

impl Among {
    fn new(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self(listed(ids))
    }

    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let (before, after) = match out.backend() {
            MultiBackend::Postgresql(_) => ("= ANY (CAST('{' || CAST(", " AS TEXT) || '}' AS uuid[]))"),
            MultiBackend::Sqlite(_) => ("IN (SELECT unhex(value, '-') FROM json_each('[' || ", " || ']'))"),
        };
        out.push_sql(before);
        out.push_bind_param::<Text, _>(&self.0)?;
        out.push_sql(after);
        Ok(())
    }
}
