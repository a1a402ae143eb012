//! Adding and changing messages, each change with its record.

use chrono::{DateTime, Utc};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::{Internetviesti, InternetviestiId, State, served};
use domain::text::words;
use uuid::Uuid;

use super::changes::{What, record};
use super::stored::{StoredInternetviesti, find};
use crate::contacts;
use crate::door::Writer;
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;

/// Who changes a message, and when.
#[derive(Debug, Clone)]
pub struct Author {
    /// Subject of the token.
    pub subject: String,
    pub at: DateTime<Utc>,
    /// The mailing in whose course it happens.
    pub mailing_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Adds a message that passes [`domain::internetviesti::check`] and whose targets, attachments and earlier message exist. A
/// published one makes a contact of each party it is addressed to.
///
/// # Errors
/// A failure of the database.
pub fn insert(
    writer: &mut Writer<'_>,
    message: &Internetviesti,
    is_draft: bool,
    author: &Author,
) -> StoreResult<InternetviestiId> {
    let chain_id = match message.corrects {
        Some(earlier) => Some(join_chain(writer, earlier)?),
        None => None,
    };
    let (published_at, state) = if is_draft { (None, State::Draft) } else { (Some(author.at), State::Published) };
    let mut sql = Fragment::new(
        "INSERT INTO internetviesti (version, state, shown_at, published_at, valid_from, valid_to, important, reaches_down, \
         corrects, chain_id, mailing_id, created_at, created_by, changed_at) VALUES ",
    );
    sql.list([
        Value::from(1),
        state.as_str().into(),
        published_at.map(|at| message.shown_at(at)).into(),
        published_at.into(),
        message.valid_from.into(),
        message.valid_to.into(),
        message.important.into(),
        message.reaches_down.into(),
        message.corrects.into(),
        chain_id.into(),
        author.mailing_id.into(),
        author.at.into(),
        author.subject.as_str().into(),
        author.at.into(),
    ]);
    sql.sql(" RETURNING internetviesti_id AS id");
    let id = sql.get_result::<IdRow>(writer.conn)?.id;
    let shown_at = published_at.map(|at| message.shown_at(at));
    write_content(writer, id, message)?;
    write_attachments(writer, id, message, &[])?;
    write_targets(writer, id, message, shown_at)?;
    // A message of a mailing has its contact from there.
    if !is_draft && author.mailing_id.is_none() {
        contacts::add_internetviesti(writer, id, &message.party_ids, author.at)?;
    }
    record(writer, id, 1, author, if is_draft { What::Drafted } else { What::Published }, message)?;
    Ok(id)
}

/// Replaces the content of a message, and publishes a draft where `state` says so. Of a published one the targets stay, as
/// do the ids of attachments that stay.
///
/// # Errors
/// A failure of the database.
pub fn replace(
    writer: &mut Writer<'_>,
    old: &StoredInternetviesti,
    message: &Internetviesti,
    state: State,
    author: &Author,
) -> StoreResult<()> {
    let id = old.internetviesti_id;
    let published_at = old.published_at.or_else(|| (state == State::Published).then_some(author.at));
    let shown_at = published_at.map(|at| message.shown_at(at));
    let chain_id = match (message.corrects == old.message.corrects, message.corrects) {
        (true, _) => old.chain_id,
        (false, Some(earlier)) => Some(join_chain(writer, earlier)?),
        (false, None) => None,
    };
    let version = old.version.saturating_add(1);
    let mut sql = Fragment::new("UPDATE internetviesti SET version = ");
    sql.bind(version).sql(", state = ").bind(state.as_str());
    sql.sql(", shown_at = ").bind(shown_at).sql(", published_at = ").bind(published_at);
    sql.sql(", valid_from = ").bind(message.valid_from).sql(", valid_to = ").bind(message.valid_to);
    sql.sql(", important = ").bind(message.important).sql(", reaches_down = ").bind(message.reaches_down);
    sql.sql(", corrects = ").bind(message.corrects).sql(", chain_id = ").bind(chain_id);
    sql.sql(", changed_at = ").bind(author.at).sql(" WHERE internetviesti_id = ").bind(id);
    sql.execute(writer.conn)?;
    if message.versions != old.message.versions || message.attachment_ids != old.message.attachment_ids {
        delete(
            writer,
            &[
                "DELETE FROM internetviesti_version WHERE internetviesti_id = ",
                "DELETE FROM internetviesti_word WHERE internetviesti_id = ",
            ],
            id,
        )?;
        write_content(writer, id, message)?;
        write_attachments(writer, id, message, &old.liitteet)?;
    }
    delete(
        writer,
        &[
            "DELETE FROM internetviesti_party WHERE internetviesti_id = ",
            "DELETE FROM internetviesti_property WHERE internetviesti_id = ",
            "DELETE FROM internetviesti_role WHERE internetviesti_id = ",
        ],
        id,
    )?;
    write_targets(writer, id, message, shown_at)?;
    let is_published_now = old.published_at.is_none() && published_at.is_some();
    if is_published_now {
        contacts::add_internetviesti(writer, id, &message.party_ids, author.at)?;
    }
    record(writer, id, version, author, if is_published_now { What::Published } else { What::Changed }, message)
}

/// Withdraws a message, for good.
///
/// # Errors
/// A failure of the database.
pub fn withdraw(writer: &mut Writer<'_>, old: &StoredInternetviesti, author: &Author) -> StoreResult<()> {
    let (id, version) = (old.internetviesti_id, old.version.saturating_add(1));
    let mut sql = Fragment::new("UPDATE internetviesti SET version = ");
    sql.bind(version).sql(", state = ").bind(State::Withdrawn.as_str()).sql(", changed_at = ").bind(author.at);
    sql.sql(" WHERE internetviesti_id = ").bind(id);
    sql.execute(writer.conn)?;
    record(writer, id, version, author, What::Withdrawn, &old.message)
}

/// The chain of an earlier message, which is of its own from now on if it was of none.
fn join_chain(writer: &mut Writer<'_>, earlier: InternetviestiId) -> StoreResult<InternetviestiId> {
    let stored = find(writer, earlier)?;
    let stored = stored.ok_or_else(|| StoreError::Inconsistent(format!("there is no internetviesti {earlier}")))?;
    if let Some(chain_id) = stored.chain_id {
        return Ok(chain_id);
    }
    let mut sql = Fragment::new("UPDATE internetviesti SET chain_id = internetviesti_id WHERE internetviesti_id = ");
    sql.bind(earlier);
    sql.execute(writer.conn)?;
    Ok(earlier)
}

fn delete(writer: &mut Writer<'_>, statements: &[&'static str], id: InternetviestiId) -> StoreResult<()> {
    for statement in statements {
        let mut sql = Fragment::new(statement);
        sql.bind(id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

fn write_content(writer: &mut Writer<'_>, id: InternetviestiId, message: &Internetviesti) -> StoreResult<()> {
    let (mut rows, mut all_words) = (Vec::new(), std::collections::BTreeSet::new());
    for (position, version) in (0_i64..).zip(&message.versions) {
        let too_large = |_| StoreError::Inconsistent(format!("internetviesti {id} is too large"));
        let (html, text) = served(version).map_err(too_large)?;
        all_words.extend(words(&version.title));
        all_words.extend(words(&text));
        let attachments = version.attachment_ids.len().saturating_add(message.attachment_ids.len());
        let row: [Value; 9] = [
            id.into(),
            position.into(),
            version.language.as_str().into(),
            version.title.trim().into(),
            version.message.as_str().into(),
            version.format.as_str().into(),
            html.into(),
            text.into(),
            i64::try_from(attachments).unwrap_or(i64::MAX).into(),
        ];
        rows.push(row);
    }
    insert_rows(
        writer,
        "INSERT INTO internetviesti_version (internetviesti_id, position, language, title, message, format, html, text, attachments)",
        rows,
        "",
    )?;
    let rows = all_words.into_iter().map(|word| [Value::from(word), id.into()]);
    insert_rows(writer, "INSERT INTO internetviesti_word (word, internetviesti_id)", rows, "")
}

fn write_targets(
    writer: &mut Writer<'_>,
    id: InternetviestiId,
    message: &Internetviesti,
    shown_at: Option<DateTime<Utc>>,
) -> StoreResult<()> {
    let row = |target: &i64| -> [Value; 3] { [(*target).into(), id.into(), shown_at.into()] };
    let insert = "INSERT INTO internetviesti_party (party_id, internetviesti_id, shown_at)";
    insert_rows(writer, insert, message.party_ids.iter().map(row), "")?;
    let insert = "INSERT INTO internetviesti_property (property_id, internetviesti_id, shown_at)";
    insert_rows(writer, insert, message.property_ids.iter().map(row), "")?;
    let roles = message.roles.iter().map(|role| [Value::from(id), role.as_str().into()]);
    insert_rows(writer, "INSERT INTO internetviesti_role (internetviesti_id, role)", roles, "")
}

/// Writes the attachments in order. One that was there keeps its id: portals may hold links to it.
fn write_attachments(
    writer: &mut Writer<'_>,
    id: InternetviestiId,
    message: &Internetviesti,
    old: &[super::StoredLiite],
) -> StoreResult<()> {
    let of_versions = message.versions.iter().flat_map(|version| {
        version.attachment_ids.iter().map(move |attachment| (Some(version.language.as_str()), *attachment))
    });
    let wanted: Vec<_> =
        message.attachment_ids.iter().map(|attachment| (None, *attachment)).chain(of_versions).collect();
    for liite in old {
        if !wanted.contains(&(liite.language.as_deref(), liite.attachment_id)) {
            delete(writer, &["DELETE FROM internetviesti_attachment WHERE liite_id = "], liite.liite_id)?;
        }
    }
    for (position, (language, attachment_id)) in (0_i64..).zip(wanted) {
        let stays =
            |liite: &&super::StoredLiite| liite.attachment_id == attachment_id && liite.language.as_deref() == language;
        let sql = match old.iter().find(stays) {
            Some(liite) => {
                let mut sql = Fragment::new("UPDATE internetviesti_attachment SET position = ");
                sql.bind(position).sql(" WHERE liite_id = ").bind(liite.liite_id);
                sql
            }
            None => {
                let mut sql = Fragment::new(
                    "INSERT INTO internetviesti_attachment (internetviesti_id, position, language, attachment_id) VALUES ",
                );
                sql.list([Value::from(id), position.into(), language.map(str::to_owned).into(), attachment_id.into()]);
                sql
            }
        };
        sql.execute(writer.conn)?;
    }
    Ok(())
}
