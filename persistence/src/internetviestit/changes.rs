//! Every change of a message: who, when, what.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::{Internetviesti, InternetviestiId, State};

use super::write::Author;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::types::UtcTime;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Drafted,
    Published,
    Changed,
    Withdrawn,
}

impl What {
    const ALL: [Self; 4] = [Self::Drafted, Self::Published, Self::Changed, Self::Withdrawn];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "luonnosteltu",
            Self::Published => "julkaistu",
            Self::Changed => "muutettu",
            Self::Withdrawn => "poistettu",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The version that came of it.
    pub version: i64,
    pub at: DateTime<Utc>,
    /// Subject of the token.
    pub by: String,
    pub what: What,
    /// What it came to be.
    pub state: State,
    /// The message as it was from then on.
    pub message: Internetviesti,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamp)]
    changed_at: UtcTime,
    #[diesel(sql_type = Text)]
    changed_by: String,
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Bool)]
    published: bool,
}

/// Notes a change.
pub(super) fn record(
    writer: &mut Writer<'_>,
    id: InternetviestiId,
    version: i64,
    author: &Author,
    what: What,
    message: &Internetviesti,
) -> StoreResult<()> {
    let content = serde_json::to_string(message).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let mut sql = Fragment::new(
        "INSERT INTO internetviesti_change (internetviesti_id, version, changed_at, changed_by, what, content) VALUES ",
    );
    sql.list([
        Value::from(id),
        version.into(),
        author.at.into(),
        author.subject.as_str().into(),
        what.as_str().into(),
        content.into(),
    ]);
    sql.execute(writer.conn)?;
    Ok(())
}

/// A page of the changes of a message, newest first, before the given version.
///
/// # Errors
/// A failure of the database.
pub fn changes(
    reader: &mut Reader<'_>,
    id: InternetviestiId,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<Change>> {
    let mut sql = Fragment::new(
        "SELECT c.version, c.changed_at, c.changed_by, c.what, c.content, EXISTS (SELECT 1 FROM internetviesti_change p \
         WHERE p.internetviesti_id = c.internetviesti_id AND p.version <= c.version AND p.what = 'julkaistu') AS published \
         FROM internetviesti_change c WHERE c.internetviesti_id = ",
    );
    sql.bind(id);
    if let Some(before) = before {
        sql.sql(" AND c.version < ").bind(before);
    }
    sql.sql(" ORDER BY c.version DESC LIMIT ").bind(limit);
    let rows = sql.load::<Row>(reader.conn)?.into_iter();
    rows.map(|Row { version, changed_at, changed_by, what, content, published }| {
        let broken = |fault: String| StoreError::Inconsistent(format!("internetviesti_change of {id}: {fault}"));
        let what = What::ALL.into_iter().find(|one| one.as_str() == what).ok_or_else(|| broken(what))?;
        Ok(Change {
            version,
            at: changed_at.into(),
            by: changed_by,
            what,
            state: match (what, published) {
                (What::Withdrawn, _) => State::Withdrawn,
                (_, true) => State::Published,
                (_, false) => State::Draft,
            },
            message: serde_json::from_str(&content).map_err(|error| broken(error.to_string()))?,
        })
    })
    .collect()
}
