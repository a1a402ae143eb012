//! A message as it is kept.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::{Internetviesti, InternetviestiId, LiiteId, MessageFormat, State, Written};
use uuid::Uuid;

use super::state;
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UtcTime, UuidT};

/// A message and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredInternetviesti {
    pub internetviesti_id: InternetviestiId,
    /// Counts the changes, from 1.
    pub version: i64,
    pub state: State,
    pub message: Internetviesti,
    /// The id that each attachment has in this message.
    pub liitteet: Vec<StoredLiite>,
    /// When it came or comes into view; `None` of a draft.
    pub shown_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    /// The first message of its chain, if it has one.
    pub chain_id: Option<InternetviestiId>,
    /// The mailing that made it.
    pub mailing_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub changed_at: DateTime<Utc>,
}

/// An attachment of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLiite {
    pub liite_id: LiiteId,
    pub attachment_id: Uuid,
    /// Of which version; `None` of all.
    pub language: Option<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    shown_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    published_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_from: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_to: Option<UtcTime>,
    #[diesel(sql_type = Bool)]
    important: bool,
    #[diesel(sql_type = Bool)]
    reaches_down: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    corrects: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    chain_id: Option<i64>,
    #[diesel(sql_type = Nullable<UuidT>)]
    mailing_id: Option<DbId>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    changed_at: UtcTime,
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = Text)]
    format: String,
}

#[derive(QueryableByName)]
struct LiiteRow {
    #[diesel(sql_type = BigInt)]
    liite_id: i64,
    #[diesel(sql_type = UuidT)]
    attachment_id: DbId,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct WordRow {
    #[diesel(sql_type = Text)]
    word: String,
}

/// A message, whatever its state.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, id: InternetviestiId) -> StoreResult<Option<StoredInternetviesti>> {
    let mut sql = Fragment::new(
        "SELECT version, state, shown_at, published_at, valid_from, valid_to, important, reaches_down, corrects, chain_id, \
         mailing_id, created_at, created_by, changed_at FROM internetviesti WHERE internetviesti_id = ",
    );
    sql.bind(id);
    let Some(row) = sql.load::<Row>(reader.conn)?.pop() else { return Ok(None) };
    let liitteet = liitteet(reader, id)?;
    let message = Internetviesti {
        party_ids: ids(reader, "SELECT party_id AS id FROM internetviesti_party WHERE internetviesti_id = ", id)?,
        property_ids: ids(
            reader,
            "SELECT property_id AS id FROM internetviesti_property WHERE internetviesti_id = ",
            id,
        )?,
        reaches_down: row.reaches_down,
        roles: roles(reader, id)?,
        versions: versions(reader, id, &liitteet)?,
        attachment_ids: attachments_of(&liitteet, None),
        valid_from: row.valid_from.map(Into::into),
        valid_to: row.valid_to.map(Into::into),
        important: row.important,
        corrects: row.corrects,
    };
    Ok(Some(StoredInternetviesti {
        internetviesti_id: id,
        version: row.version,
        state: state(&row.state, id)?,
        message,
        liitteet,
        shown_at: row.shown_at.map(Into::into),
        published_at: row.published_at.map(Into::into),
        chain_id: row.chain_id,
        mailing_id: row.mailing_id.map(|id| id.0),
        created_at: row.created_at.into(),
        created_by: row.created_by,
        changed_at: row.changed_at.into(),
    }))
}

fn liitteet(reader: &mut Reader<'_>, id: InternetviestiId) -> StoreResult<Vec<StoredLiite>> {
    let mut sql = Fragment::new(
        "SELECT liite_id, attachment_id, language FROM internetviesti_attachment WHERE internetviesti_id = ",
    );
    sql.bind(id).sql(" ORDER BY position");
    let rows = sql.load::<LiiteRow>(reader.conn)?.into_iter();
    let liite = |LiiteRow { liite_id, attachment_id, language }| StoredLiite {
        liite_id,
        attachment_id: attachment_id.0,
        language,
    };
    Ok(rows.map(liite).collect())
}

fn attachments_of(liitteet: &[StoredLiite], language: Option<&str>) -> Vec<Uuid> {
    liitteet.iter().filter(|liite| liite.language.as_deref() == language).map(|liite| liite.attachment_id).collect()
}

fn ids(reader: &mut Reader<'_>, select: &'static str, id: InternetviestiId) -> StoreResult<Vec<i64>> {
    let mut sql = Fragment::new(select);
    sql.bind(id).sql(" ORDER BY 1");
    Ok(sql.load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

fn roles(reader: &mut Reader<'_>, id: InternetviestiId) -> StoreResult<Vec<String>> {
    let mut sql = Fragment::new("SELECT role AS word FROM internetviesti_role WHERE internetviesti_id = ");
    sql.bind(id).sql(" ORDER BY 1");
    Ok(sql.load::<WordRow>(reader.conn)?.into_iter().map(|row| row.word).collect())
}

fn versions(reader: &mut Reader<'_>, id: InternetviestiId, liitteet: &[StoredLiite]) -> StoreResult<Vec<Written>> {
    let mut sql =
        Fragment::new("SELECT language, title, message, format FROM internetviesti_version WHERE internetviesti_id = ");
    sql.bind(id).sql(" ORDER BY position");
    let rows = sql.load::<VersionRow>(reader.conn)?.into_iter();
    rows.map(|VersionRow { language, title, message, format }| {
        let broken = || StoreError::Inconsistent(format!("internetviesti_version.format of {id}: {format}"));
        let format = MessageFormat::parse(&format).ok_or_else(broken)?;
        let attachment_ids = attachments_of(liitteet, Some(&language));
        Ok(Written { language, title, message, format, attachment_ids })
    })
    .collect()
}
