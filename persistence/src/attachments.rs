//! Attachments: what is known of each, which mailing or template names which, and which bytes the file store holds for them.
//!
//! Bytes and rows cannot be written in one transaction, so the bytes of an attachment have a row of their own that is there
//! first and goes last: [`hold`] before they are written, [`insert`] afterwards; [`start_removing`] before they are deleted,
//! [`removed`] afterwards. Whoever wants to hold bytes that are being deleted waits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::attachment::Attachment;
use uuid::Uuid;

use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::schema::{attachment, attachment_file, mailing_attachment};
use crate::types::{DbId, UtcTime};

/// An attachment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    pub attachment: Attachment,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
}

/// Announces that bytes are about to be written; answers `false` while they are being deleted, when one has to wait.
///
/// # Errors
/// A failure of the database.
pub fn hold(writer: &mut Writer<'_>, sha256: &str, size: u64, now: DateTime<Utc>) -> StoreResult<bool> {
    let mut sql = Fragment::new("INSERT INTO attachment_file (sha256, size, touched_at) VALUES ");
    sql.list([Value::from(sha256), stored_size(size)?.into(), now.into()]);
    sql.sql(" ON CONFLICT (sha256) DO NOTHING");
    if sql.execute(writer.conn)? > 0 {
        return Ok(true);
    }
    touch(writer, sha256, now)
}

/// Adds an attachment whose bytes are written; answers `false` when they have been deleted since, and must be written again.
///
/// # Errors
/// A failure of the database.
pub fn insert(writer: &mut Writer<'_>, stored: &StoredAttachment) -> StoreResult<bool> {
    let StoredAttachment { attachment: new, created_at, created_by } = stored;
    if !touch(writer, &new.sha256, *created_at)? {
        return Ok(false);
    }
    diesel::insert_into(attachment::table)
        .values((
            attachment::attachment_id.eq(DbId(new.attachment_id)),
            attachment::sha256.eq(&new.sha256),
            attachment::file_name.eq(&new.file_name),
            attachment::content_type.eq(&new.content_type),
            attachment::size.eq(stored_size(new.size)?),
            attachment::created_at.eq(UtcTime::from(*created_at)),
            attachment::created_by.eq(created_by),
        ))
        .execute(writer.conn)?;
    Ok(true)
}

/// Changing the row, and not only looking at it, makes a removal that begins at the same time wait or start over.
fn touch(writer: &mut Writer<'_>, sha256: &str, now: DateTime<Utc>) -> StoreResult<bool> {
    let changed = diesel::update(attachment_file::table.find(sha256))
        .filter(attachment_file::removing_since.is_null())
        .set(attachment_file::touched_at.eq(UtcTime::from(now)))
        .execute(writer.conn)?;
    Ok(changed > 0)
}

/// One attachment.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, attachment_id: Uuid) -> StoreResult<Option<StoredAttachment>> {
    attachment::table
        .find(DbId(attachment_id))
        .select(<AttachmentRow as Selectable<MultiBackend>>::construct_selection())
        .first::<AttachmentRow>(reader.conn)
        .optional()?
        .map(AttachmentRow::into_stored)
        .transpose()
}

/// Those of these attachments that there are.
///
/// # Errors
/// A failure of the database.
pub fn by_ids(reader: &mut Reader<'_>, ids: &[Uuid]) -> StoreResult<Vec<Attachment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = attachment::table
        .filter(attachment::attachment_id.eq_any(ids.iter().copied().map(DbId)))
        .select(<AttachmentRow as Selectable<MultiBackend>>::construct_selection())
        .order(attachment::attachment_id)
        .load::<AttachmentRow>(reader.conn)?;
    rows.into_iter().map(|row| Ok(row.into_stored()?.attachment)).collect()
}

/// The attachments that these mailings name, by mailing.
///
/// # Errors
/// A failure of the database.
pub(crate) fn of_mailings(
    reader: &mut Reader<'_>,
    mailing_ids: &[Uuid],
) -> StoreResult<HashMap<Uuid, Vec<Attachment>>> {
    let mut found: HashMap<Uuid, Vec<Attachment>> = HashMap::new();
    if mailing_ids.is_empty() {
        return Ok(found);
    }
    let rows = mailing_attachment::table
        .inner_join(attachment::table)
        .filter(mailing_attachment::mailing_id.eq_any(mailing_ids.iter().copied().map(DbId)))
        .select((mailing_attachment::mailing_id, <AttachmentRow as Selectable<MultiBackend>>::construct_selection()))
        .order(attachment::attachment_id)
        .load::<(DbId, AttachmentRow)>(reader.conn)?;
    for (mailing_id, row) in rows {
        found.entry(mailing_id.0).or_default().push(row.into_stored()?.attachment);
    }
    Ok(found)
}

/// Notes what a mailing names from now on. The caller has checked, in this transaction, that all of it exists.
///
/// # Errors
/// A failure of the database.
pub(crate) fn name(writer: &mut Writer<'_>, mailing_id: Uuid, ids: &[Uuid]) -> StoreResult<()> {
    diesel::delete(mailing_attachment::table.filter(mailing_attachment::mailing_id.eq(DbId(mailing_id))))
        .execute(writer.conn)?;
    insert_rows(
        writer,
        "INSERT INTO mailing_attachment (mailing_id, attachment_id)",
        ids.iter().map(|id| [mailing_id.into(), (*id).into()]),
        "",
    )
}

/// Notes what a template names from now on, beside what its earlier versions name. The caller has checked, in this
/// transaction, that all of it exists.
///
/// # Errors
/// A failure of the database.
pub(crate) fn name_in_template(writer: &mut Writer<'_>, template_id: Uuid, ids: &[Uuid]) -> StoreResult<()> {
    insert_rows(
        writer,
        "INSERT INTO template_attachment (template_id, attachment_id)",
        ids.iter().map(|id| [template_id.into(), (*id).into()]),
        " ON CONFLICT (template_id, attachment_id) DO NOTHING",
    )
}

/// What became of a wish to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    Done,
    /// A mailing, a message of a portal or a template names it.
    InUse,
    Unknown,
}

/// No content of a mailing, no message of a portal and no version of a template names the attachment.
const UNNAMED: &str = "NOT EXISTS (SELECT 1 FROM mailing_attachment m WHERE m.attachment_id = attachment.attachment_id) \
                       AND NOT EXISTS (SELECT 1 FROM internetviesti_attachment l WHERE l.attachment_id = attachment.attachment_id) \
                       AND NOT EXISTS (SELECT 1 FROM template_attachment t WHERE t.attachment_id = attachment.attachment_id)";

#[derive(QueryableByName)]
struct Uses {
    #[diesel(sql_type = BigInt)]
    uses: i64,
}

/// Deletes an attachment that nothing names. Its bytes go later.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, attachment_id: Uuid) -> StoreResult<Deletion> {
    let mut sql = Fragment::new("SELECT COUNT(*) AS uses FROM attachment WHERE attachment_id = ");
    sql.bind(attachment_id).sql(" AND NOT (").sql(UNNAMED).sql(")");
    if sql.get_result::<Uses>(writer.conn)?.uses > 0 {
        return Ok(Deletion::InUse);
    }
    let deleted = diesel::delete(attachment::table.find(DbId(attachment_id))).execute(writer.conn)?;
    Ok(if deleted > 0 { Deletion::Done } else { Deletion::Unknown })
}

/// Deletes attachments that nothing names and that were taken in before `before`; returns how many.
///
/// # Errors
/// A failure of the database.
pub fn forget_unnamed(writer: &mut Writer<'_>, before: DateTime<Utc>) -> StoreResult<usize> {
    let mut sql = Fragment::new("DELETE FROM attachment WHERE created_at < ");
    sql.bind(before).sql(" AND ").sql(UNNAMED);
    Ok(sql.execute(writer.conn)?)
}

#[derive(QueryableByName)]
struct FileRow {
    #[diesel(sql_type = Text)]
    sha256: String,
}

/// Which files can go, as [`removable`] says.
fn can_go(before: DateTime<Utc>, abandoned: DateTime<Utc>) -> Fragment {
    let mut sql = Fragment::new("(removing_since IS NULL AND touched_at < ");
    sql.bind(before);
    sql.sql(" AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.sha256 = attachment_file.sha256))");
    sql.sql(" OR removing_since < ").bind(abandoned);
    sql
}

/// Bytes that can be deleted: those that no attachment has any more and that nobody held since `before`, and those whose
/// deletion began before `abandoned`: whoever began it is gone or has failed. The longest untouched and untried come first,
/// so that what cannot be deleted makes room for the rest.
///
/// # Errors
/// A failure of the database.
pub fn removable(
    reader: &mut Reader<'_>,
    before: DateTime<Utc>,
    abandoned: DateTime<Utc>,
    limit: i64,
) -> StoreResult<Vec<String>> {
    let mut sql = Fragment::new("SELECT sha256 FROM attachment_file WHERE ");
    sql.append(can_go(before, abandoned));
    sql.sql(" ORDER BY COALESCE(removing_since, touched_at), sha256 LIMIT ").bind(limit);
    Ok(sql.load::<FileRow>(reader.conn)?.into_iter().map(|row| row.sha256).collect())
}

/// Begins to delete bytes that can still be deleted, as [`removable`] says; answers whether the caller now has to.
///
/// # Errors
/// A failure of the database.
pub fn start_removing(
    writer: &mut Writer<'_>,
    sha256: &str,
    before: DateTime<Utc>,
    abandoned: DateTime<Utc>,
    now: DateTime<Utc>,
) -> StoreResult<bool> {
    let mut sql = Fragment::new("UPDATE attachment_file SET removing_since = ");
    sql.bind(now).sql(" WHERE sha256 = ").bind(sha256);
    sql.sql(" AND (").append(can_go(before, abandoned)).sql(")");
    Ok(sql.execute(writer.conn)? > 0)
}

/// Those of the files in the store, each with its size, that have no row at all.
///
/// # Errors
/// A failure of the database.
pub fn strays(reader: &mut Reader<'_>, mut stored: Vec<(String, u64)>) -> StoreResult<Vec<(String, u64)>> {
    let known: Vec<String> = attachment_file::table
        .filter(attachment_file::sha256.eq_any(stored.iter().map(|(sha256, _)| sha256)))
        .select(attachment_file::sha256)
        .load(reader.conn)?;
    stored.retain(|(sha256, _)| !known.contains(sha256));
    Ok(stored)
}

/// Begins to delete bytes that the file store has and that have no row; answers `false` when they have one by now.
///
/// # Errors
/// A failure of the database.
pub fn start_removing_stray(writer: &mut Writer<'_>, sha256: &str, size: u64, now: DateTime<Utc>) -> StoreResult<bool> {
    let mut sql = Fragment::new("INSERT INTO attachment_file (sha256, size, touched_at, removing_since) VALUES ");
    sql.list([Value::from(sha256), stored_size(size)?.into(), now.into(), now.into()]);
    sql.sql(" ON CONFLICT (sha256) DO NOTHING");
    Ok(sql.execute(writer.conn)? > 0)
}

/// Notes that bytes have been deleted whose deletion began at `since`. Another deletion of them, begun since by somebody who
/// thought this one given up, goes on.
///
/// # Errors
/// A failure of the database.
pub fn removed(writer: &mut Writer<'_>, sha256: &str, since: DateTime<Utc>) -> StoreResult<()> {
    diesel::delete(attachment_file::table.find(sha256))
        .filter(attachment_file::removing_since.eq(UtcTime::from(since)))
        .execute(writer.conn)?;
    Ok(())
}

fn stored_size(size: u64) -> StoreResult<i64> {
    i64::try_from(size).map_err(|error| StoreError::Inconsistent(format!("attachment.size {size}: {error}")))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachment)]
struct AttachmentRow {
    attachment_id: DbId,
    sha256: String,
    file_name: String,
    content_type: String,
    size: i64,
    created_at: UtcTime,
    created_by: String,
}

impl AttachmentRow {
    fn into_stored(self) -> StoreResult<StoredAttachment> {
        let id = self.attachment_id.0;
        Ok(StoredAttachment {
            attachment: Attachment {
                attachment_id: id,
                file_name: self.file_name,
                content_type: self.content_type,
                size: u64::try_from(self.size)
                    .map_err(|error| StoreError::Inconsistent(format!("attachment.size of {id}: {error}")))?,
                sha256: self.sha256,
            },
            created_at: self.created_at.into(),
            created_by: self.created_by,
        })
    }
}
