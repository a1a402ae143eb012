//! The tool's list: every message, whatever its state.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::{InternetviestiId, State};
use domain::register::{PartyId, PropertyId};

use super::state;
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::recipient_query::push_word_range;
use crate::types::UtcTime;

/// Which messages to list; what is `None` or empty does not choose.
#[derive(Debug, Clone, Default)]
pub struct ToolFilter {
    pub party_id: Option<PartyId>,
    pub property_id: Option<PropertyId>,
    /// Each begins a word of the message.
    pub words: Vec<String>,
    /// Came into view then or later; a draft was made then or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub to: Option<DateTime<Utc>>,
    /// There is a version in this language.
    pub language: Option<String>,
    pub created_by: Option<String>,
    pub state: Option<State>,
}

/// A message as the tool's list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedInternetviesti {
    pub internetviesti_id: InternetviestiId,
    pub version: i64,
    pub state: State,
    pub title: String,
    /// Of the versions, in their order.
    pub languages: Vec<String>,
    pub shown_at: Option<DateTime<Utc>>,
    pub valid_from: Option<DateTime<Utc>>,
    pub valid_to: Option<DateTime<Utc>>,
    pub important: bool,
    pub corrects: Option<InternetviestiId>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub changed_at: DateTime<Utc>,
    /// How many parties and properties it is addressed to.
    pub parties: i64,
    pub properties: i64,
    pub attachments: i64,
    /// How many have marked it as read.
    pub readers: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    internetviesti_id: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    shown_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_from: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_to: Option<UtcTime>,
    #[diesel(sql_type = Bool)]
    important: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    corrects: Option<i64>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    changed_at: UtcTime,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = BigInt)]
    parties: i64,
    #[diesel(sql_type = BigInt)]
    properties: i64,
    #[diesel(sql_type = BigInt)]
    attachments: i64,
    #[diesel(sql_type = BigInt)]
    readers: i64,
}

#[derive(QueryableByName)]
struct LanguageRow {
    #[diesel(sql_type = BigInt)]
    internetviesti_id: i64,
    #[diesel(sql_type = Text)]
    language: String,
}

/// A page of messages, newest first by id, before the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &ToolFilter,
    before: Option<InternetviestiId>,
    limit: i64,
) -> StoreResult<Vec<ListedInternetviesti>> {
    let mut sql = Fragment::new(
        "SELECT i.internetviesti_id, i.version, i.state, i.shown_at, i.valid_from, i.valid_to, i.important, i.corrects, \
         i.created_at, i.created_by, i.changed_at, \
         (SELECT v.title FROM internetviesti_version v WHERE v.internetviesti_id = i.internetviesti_id AND v.position = 0) AS title, \
         (SELECT COUNT(*) FROM internetviesti_party t WHERE t.internetviesti_id = i.internetviesti_id) AS parties, \
         (SELECT COUNT(*) FROM internetviesti_property t WHERE t.internetviesti_id = i.internetviesti_id) AS properties, \
         (SELECT COUNT(*) FROM internetviesti_attachment a WHERE a.internetviesti_id = i.internetviesti_id) AS attachments, \
         (SELECT COUNT(*) FROM internetviesti_read r WHERE r.internetviesti_id = i.internetviesti_id) AS readers \
         FROM internetviesti i WHERE TRUE",
    );
    push_filter(&mut sql, filter);
    if let Some(before) = before {
        sql.sql(" AND i.internetviesti_id < ").bind(before);
    }
    sql.sql(" ORDER BY i.internetviesti_id DESC LIMIT ").bind(limit);
    let rows = sql.one_off().load::<Row>(reader.conn)?;
    let mut languages = languages(reader, rows.iter().map(|row| row.internetviesti_id))?;
    rows.into_iter()
        .map(|row| {
            let id = row.internetviesti_id;
            Ok(ListedInternetviesti {
                internetviesti_id: id,
                version: row.version,
                state: state(&row.state, id)?,
                title: row.title.unwrap_or_default(),
                languages: languages.remove(&id).unwrap_or_default(),
                shown_at: row.shown_at.map(Into::into),
                valid_from: row.valid_from.map(Into::into),
                valid_to: row.valid_to.map(Into::into),
                important: row.important,
                corrects: row.corrects,
                created_at: row.created_at.into(),
                created_by: row.created_by,
                changed_at: row.changed_at.into(),
                parties: row.parties,
                properties: row.properties,
                attachments: row.attachments,
                readers: row.readers,
            })
        })
        .collect()
}

fn push_filter(sql: &mut Fragment, filter: &ToolFilter) {
    let ToolFilter { party_id, property_id, words, from, to, language, created_by, state } = filter;
    if let Some(party_id) = party_id {
        sql.sql(
            " AND i.internetviesti_id IN (SELECT t.internetviesti_id FROM internetviesti_party t WHERE t.party_id = ",
        );
        sql.bind(*party_id).sql(")");
    }
    if let Some(property_id) = property_id {
        sql.sql(" AND i.internetviesti_id IN (SELECT t.internetviesti_id FROM internetviesti_property t WHERE t.property_id = ");
        sql.bind(*property_id).sql(")");
    }
    for word in words {
        sql.sql(" AND i.internetviesti_id IN (SELECT w.internetviesti_id FROM internetviesti_word w WHERE ");
        push_word_range(sql, word);
        sql.sql(")");
    }
    if let Some(from) = from {
        sql.sql(" AND COALESCE(i.shown_at, i.created_at) >= ").bind(*from);
    }
    if let Some(to) = to {
        sql.sql(" AND COALESCE(i.shown_at, i.created_at) < ").bind(*to);
    }
    if let Some(language) = language {
        sql.sql(" AND EXISTS (SELECT 1 FROM internetviesti_version v WHERE v.internetviesti_id = i.internetviesti_id AND v.language = ");
        sql.bind(language.as_str()).sql(")");
    }
    if let Some(created_by) = created_by {
        sql.sql(" AND i.created_by = ").bind(created_by.as_str());
    }
    if let Some(state) = state {
        sql.sql(" AND i.state = ").bind(state.as_str());
    }
}

fn languages(
    reader: &mut Reader<'_>,
    ids: impl Iterator<Item = InternetviestiId>,
) -> StoreResult<std::collections::HashMap<InternetviestiId, Vec<String>>> {
    let mut sql =
        Fragment::new("SELECT internetviesti_id, language FROM internetviesti_version WHERE internetviesti_id IN ");
    sql.list(ids).sql(" ORDER BY internetviesti_id, position");
    let mut found: std::collections::HashMap<_, Vec<String>> = std::collections::HashMap::new();
    for LanguageRow { internetviesti_id, language } in sql.one_off().load(reader.conn)? {
        found.entry(internetviesti_id).or_default().push(language);
    }
    Ok(found)
}
