//! One message that is shown, what it says, and its attachments.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::{InternetviestiId, LiiteId};

use super::{COLUMNS, Head, HeadRow, ServedBody, ServedLiite, Source, VersionHead, push_is_shown, push_source};
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UuidT};

/// When and for whom a message is looked at.
#[derive(Debug, Clone)]
pub struct Shown {
    /// `None`: for nobody in particular.
    pub source: Option<Source>,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    head: HeadRow,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = BigInt)]
    attachments: i64,
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    party_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    property_id: Option<i64>,
    #[diesel(sql_type = Bool)]
    inherited: bool,
}

/// A message that is shown now and is of the source.
///
/// # Errors
/// A failure of the database.
pub fn find_shown(reader: &mut Reader<'_>, id: InternetviestiId, shown: &Shown) -> StoreResult<Option<Head>> {
    let place = match &shown.source {
        None => PlaceRow { party_id: None, property_id: None, inherited: false },
        Some(source) => {
            let mut sql = Fragment::new("");
            push_source(&mut sql, source, shown.today, &["s.party_id, s.property_id, s.inherited"]);
            sql.sql(" AND s.internetviesti_id = ").bind(id);
            let Some(place) = sql.load::<PlaceRow>(reader.conn)?.pop() else { return Ok(None) };
            place
        }
    };
    let mut sql = Fragment::new("SELECT ");
    sql.sql(COLUMNS).sql(
        ", v.language, v.title, v.attachments FROM internetviesti i \
         JOIN internetviesti_version v ON v.internetviesti_id = i.internetviesti_id WHERE i.internetviesti_id = ",
    );
    sql.bind(id).sql(" AND ");
    push_is_shown(&mut sql, shown.now);
    sql.sql(" ORDER BY v.position");
    let mut found: Option<Head> = None;
    for Row { head, language, title, attachments } in sql.load(reader.conn)? {
        found.get_or_insert_with(|| head.into_head()).versions.push(VersionHead { language, title, attachments });
    }
    let PlaceRow { party_id, property_id, inherited } = place;
    Ok(found.map(|head| Head { party_id, property_id, inherited, ..head }))
}

#[derive(QueryableByName)]
struct BodyRow {
    #[diesel(sql_type = Text)]
    html: String,
    #[diesel(sql_type = Text)]
    text: String,
}

/// What a message says in one of its languages.
///
/// # Errors
/// A failure of the database.
pub fn body(reader: &mut Reader<'_>, id: InternetviestiId, language: &str) -> StoreResult<Option<ServedBody>> {
    let mut sql = Fragment::new("SELECT html, text FROM internetviesti_version WHERE internetviesti_id = ");
    sql.bind(id).sql(" AND language = ").bind(language);
    let Some(BodyRow { html, text }) = sql.load(reader.conn)?.pop() else { return Ok(None) };
    let mut sql = Fragment::new(LIITE);
    sql.sql(" WHERE l.internetviesti_id = ").bind(id);
    sql.sql(" AND (l.language IS NULL OR l.language = ").bind(language).sql(") ORDER BY l.position");
    let liitteet =
        sql.load::<LiiteRow>(reader.conn)?.into_iter().map(LiiteRow::into_liite).collect::<Result<_, _>>()?;
    Ok(Some(ServedBody { html, text, liitteet }))
}

const LIITE: &str = "SELECT l.liite_id, l.internetviesti_id, a.attachment_id, a.file_name, a.content_type, a.size, a.sha256 \
                     FROM internetviesti_attachment l JOIN attachment a ON a.attachment_id = l.attachment_id";

#[derive(QueryableByName)]
struct LiiteRow {
    #[diesel(sql_type = BigInt)]
    liite_id: i64,
    #[diesel(sql_type = BigInt)]
    internetviesti_id: i64,
    #[diesel(sql_type = UuidT)]
    attachment_id: DbId,
    #[diesel(sql_type = Text)]
    file_name: String,
    #[diesel(sql_type = Text)]
    content_type: String,
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Text)]
    sha256: String,
}

impl LiiteRow {
    fn into_liite(self) -> StoreResult<ServedLiite> {
        let broken = |error| StoreError::Inconsistent(format!("attachment.size of {}: {error}", self.attachment_id.0));
        Ok(ServedLiite {
            liite_id: self.liite_id,
            internetviesti_id: self.internetviesti_id,
            attachment_id: self.attachment_id.0,
            size: u64::try_from(self.size).map_err(broken)?,
            file_name: self.file_name,
            content_type: self.content_type,
            sha256: self.sha256,
        })
    }
}

/// An attachment of a message that is shown now and is of the source.
///
/// # Errors
/// A failure of the database.
pub fn find_liite(reader: &mut Reader<'_>, liite_id: LiiteId, shown: &Shown) -> StoreResult<Option<ServedLiite>> {
    let mut sql = Fragment::new(LIITE);
    sql.sql(" WHERE l.liite_id = ").bind(liite_id);
    let Some(liite) = sql.load::<LiiteRow>(reader.conn)?.pop() else { return Ok(None) };
    let message = find_shown(reader, liite.internetviesti_id, shown)?;
    message.map(|_| liite.into_liite()).transpose()
}
