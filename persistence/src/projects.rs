//! Projects, and which contact lists are linked to which.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::text::sort_key;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::types::{DbId, UtcTime, UuidT};

/// A project as it is stored.
#[derive(Debug, Clone)]
pub struct StoredProject {
    pub project_id: Uuid,
    /// Goes up by one with each change of what is said of it.
    pub version: i64,
    pub name: String,
    pub description: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
}

/// A side from which the links between projects and contact lists are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Project,
    ContactList,
}

/// What is linked: a contact list seen from a project, or a project seen from a contact list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    pub id: Uuid,
    pub name: String,
}

/// Adds a project.
///
/// # Errors
/// A failure of the database.
pub fn insert(
    writer: &mut Writer<'_>,
    (project_id, name, description): (Uuid, &str, Option<&str>),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new(
        "INSERT INTO project (project_id, version, name, sort_key, description, created_at, created_by, updated_at) VALUES ",
    );
    let description = description.map(str::to_owned);
    sql.list([
        Value::from(project_id),
        1_i64.into(),
        name.into(),
        sort_key(name).into(),
        description.into(),
        now.into(),
        by.into(),
        now.into(),
    ]);
    sql.execute(writer.conn)?;
    Ok(())
}

/// Writes what is said of a project, as its next version.
///
/// # Errors
/// A failure of the database.
pub fn update(
    writer: &mut Writer<'_>,
    (project_id, name, description): (Uuid, &str, Option<&str>),
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE project SET version = version + 1, name = ");
    sql.bind(name).sql(", sort_key = ").bind(sort_key(name));
    sql.sql(", description = ").bind(description.map(str::to_owned)).sql(", updated_at = ").bind(now);
    sql.sql(" WHERE project_id = ").bind(project_id);
    sql.execute(writer.conn)?;
    Ok(())
}

/// Deletes a project and its links; the contact lists stay.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, project_id: Uuid) -> StoreResult<()> {
    for table in ["project_contact_list", "project"] {
        let mut sql = Fragment::new("DELETE FROM ");
        sql.sql(table).sql(" WHERE project_id = ").bind(project_id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

/// One project.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, project_id: Uuid) -> StoreResult<Option<StoredProject>> {
    let mut sql = Fragment::new(SELECT);
    sql.sql(" WHERE p.project_id = ").bind(project_id);
    Ok(sql.load::<ProjectRow>(reader.conn)?.pop().map(ProjectRow::into_stored))
}

/// A page of projects in Finnish order of their names, after the one with the given sort key and id.
///
/// # Errors
/// A failure of the database.
pub fn list(reader: &mut Reader<'_>, after: Option<(Vec<u8>, Uuid)>, limit: i64) -> StoreResult<Vec<StoredProject>> {
    let mut sql = Fragment::new(SELECT);
    if let Some((key, id)) = after {
        sql.sql(" WHERE (p.sort_key, p.project_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY p.sort_key, p.project_id LIMIT ").bind(limit);
    Ok(sql.load::<ProjectRow>(reader.conn)?.into_iter().map(ProjectRow::into_stored).collect())
}

/// What is linked to each of these, in Finnish order of the names.
///
/// # Errors
/// A failure of the database.
pub fn linked(reader: &mut Reader<'_>, side: Side, ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Vec<Linked>>> {
    let mut sql = Fragment::new(match side {
        Side::Project => {
            "SELECT k.project_id AS of_id, o.list_id AS id, o.name FROM project_contact_list k \
             JOIN contact_list o ON o.list_id = k.list_id WHERE k.project_id IN "
        }
        Side::ContactList => {
            "SELECT k.list_id AS of_id, o.project_id AS id, o.name FROM project_contact_list k \
             JOIN project o ON o.project_id = k.project_id WHERE k.list_id IN "
        }
    });
    sql.list(ids.iter().copied()).sql(" ORDER BY o.sort_key, 2");
    let mut linked: HashMap<Uuid, Vec<Linked>> = HashMap::new();
    for LinkRow { of_id, id, name } in sql.one_off().load(reader.conn)? {
        linked.entry(of_id.0).or_default().push(Linked { id: id.0, name });
    }
    Ok(linked)
}

/// Those of `ids` that there are on the other side of `side`.
///
/// # Errors
/// A failure of the database.
pub fn existing(reader: &mut Reader<'_>, side: Side, ids: &[Uuid]) -> StoreResult<Vec<Uuid>> {
    let mut sql = Fragment::new(match side {
        Side::Project => "SELECT list_id AS id FROM contact_list WHERE list_id IN ",
        Side::ContactList => "SELECT project_id AS id FROM project WHERE project_id IN ",
    });
    sql.list(ids.iter().copied());
    Ok(sql.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id.0).collect())
}

/// Links one of `side` to these and to no others. The caller has checked, in this transaction, that they exist.
///
/// # Errors
/// A failure of the database.
pub fn link(writer: &mut Writer<'_>, side: Side, of: Uuid, to: &[Uuid]) -> StoreResult<()> {
    let mut clear = Fragment::new("DELETE FROM project_contact_list WHERE ");
    clear.sql(match side {
        Side::Project => "project_id = ",
        Side::ContactList => "list_id = ",
    });
    clear.bind(of);
    clear.execute(writer.conn)?;
    let rows = to.iter().map(|other| -> [Value; 2] {
        match side {
            Side::Project => [of.into(), (*other).into()],
            Side::ContactList => [(*other).into(), of.into()],
        }
    });
    insert_rows(writer, "INSERT INTO project_contact_list (project_id, list_id)", rows, " ON CONFLICT DO NOTHING")
}

const SELECT: &str = "SELECT p.project_id, p.version, p.name, p.sort_key, p.description, p.created_at, p.created_by, \
    p.updated_at FROM project p";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    id: DbId,
}

#[derive(QueryableByName)]
struct LinkRow {
    #[diesel(sql_type = UuidT)]
    of_id: DbId,
    #[diesel(sql_type = UuidT)]
    id: DbId,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ProjectRow {
    #[diesel(sql_type = UuidT)]
    project_id: DbId,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    description: Option<String>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    updated_at: UtcTime,
}

impl ProjectRow {
    fn into_stored(self) -> StoredProject {
        StoredProject {
            project_id: self.project_id.0,
            version: self.version,
            name: self.name,
            description: self.description,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            updated_at: self.updated_at.into(),
            sort_key: self.sort_key,
        }
    }
}
