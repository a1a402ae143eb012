//! Mailings: drafts here, the recipients of the newest [`preview`], the frozen [`rows`], what becomes of them in [`status`], and
//! their [`progress`].

mod preview;
mod progress;
mod rows;
mod status;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::attachment::Attachment;
use domain::mailing::draft::MailingDraft;
use domain::mailing::state::MailingStatus;
use uuid::Uuid;

pub use self::preview::{previewed, save_preview};
pub use self::progress::progress;
pub(crate) use self::progress::read_state;
pub use self::rows::{FrozenRow, freeze};
pub use self::status::{any_done, finish_done, mark_sent, pause, resume};
use crate::attachments;
use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::filter_uses;
use crate::fragment::Fragment;
use crate::schema::{mailing, mailing_preview};
use crate::types::{DbId, UtcTime, UuidT};

/// A mailing as it is stored.
#[derive(Debug, Clone)]
pub struct StoredMailing {
    pub mailing_id: Uuid,
    /// Goes up by one with each change; the ETag shows it.
    pub version: i64,
    pub status: MailingStatus,
    pub draft: MailingDraft,
    /// Of what was sent; none while it is a draft.
    pub content_hash: Option<String>,
    /// Of what was sent; none while it is a draft.
    pub recipients_hash: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub sent_by: Option<String>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it is paused, when it is.
    pub pause_reason: Option<String>,
    /// What its contents name.
    pub attachments: Vec<Attachment>,
}

/// Adds a draft.
///
/// # Errors
/// A failure of the database.
pub fn insert(writer: &mut Writer<'_>, stored: &StoredMailing) -> StoreResult<()> {
    diesel::insert_into(mailing::table)
        .values((
            mailing::mailing_id.eq(DbId(stored.mailing_id)),
            mailing::version.eq(stored.version),
            mailing::name.eq(&stored.draft.name),
            mailing::status.eq(stored.status.as_str()),
            mailing::draft.eq(draft_json(&stored.draft)?),
            mailing::created_at.eq(UtcTime::from(stored.created_at)),
            mailing::created_by.eq(&stored.created_by),
            mailing::updated_at.eq(UtcTime::from(stored.updated_at)),
            mailing::origin_kind.eq(stored.draft.origin.as_ref().map(|origin| &origin.kind)),
            mailing::origin_ref.eq(stored.draft.origin.as_ref().map(|origin| &origin.reference)),
        ))
        .execute(writer.conn)?;
    filter_uses::set(writer, stored.mailing_id, stored.draft.filters())?;
    attachments::name(writer, stored.mailing_id, &stored.draft.attachment_ids())
}

/// One mailing.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, mailing_id: Uuid) -> StoreResult<Option<StoredMailing>> {
    let found = mailing::table
        .find(DbId(mailing_id))
        .select(<MailingRow as Selectable<MultiBackend>>::construct_selection())
        .first::<MailingRow>(reader.conn)
        .optional()?;
    Ok(with_attachments(reader, found)?.pop())
}

/// Adds what the contents name; there is nothing to look up for most.
fn with_attachments(
    reader: &mut Reader<'_>,
    rows: impl IntoIterator<Item = MailingRow>,
) -> StoreResult<Vec<StoredMailing>> {
    let mut mailings = rows.into_iter().map(MailingRow::into_stored).collect::<StoreResult<Vec<_>>>()?;
    let naming = mailings.iter().filter(|mailing| !mailing.draft.attachment_ids().is_empty());
    let naming: Vec<Uuid> = naming.map(|mailing| mailing.mailing_id).collect();
    let mut found = attachments::of_mailings(reader, &naming)?;
    for mailing in &mut mailings {
        mailing.attachments = found.remove(&mailing.mailing_id).unwrap_or_default();
    }
    Ok(mailings)
}

/// Keeps other transactions from changing a mailing until this one ends. One that has been changed meanwhile makes this
/// transaction run again.
///
/// # Errors
/// A failure of the database.
pub fn lock(writer: &mut Writer<'_>, mailing_id: Uuid) -> StoreResult<()> {
    let mut sql = Fragment::new("SELECT mailing_id FROM mailing WHERE mailing_id = ");
    sql.bind(mailing_id).postgres(" FOR UPDATE");
    sql.load::<IdRow>(writer.conn)?;
    Ok(())
}

/// Which mailings are listed: all that nothing here leaves out.
#[derive(Debug, Clone, Default)]
pub struct MailingFilter {
    pub status: Option<MailingStatus>,
    pub origin_kind: Option<String>,
    pub origin_ref: Option<String>,
}

/// A page of mailings, newest first, older than the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &MailingFilter,
    before: Option<Uuid>,
    limit: i64,
) -> StoreResult<Vec<StoredMailing>> {
    let mut query = mailing::table
        .select(<MailingRow as Selectable<MultiBackend>>::construct_selection())
        .order(mailing::mailing_id.desc())
        .limit(limit)
        .into_boxed();
    let MailingFilter { status, origin_kind, origin_ref } = filter;
    if let Some(status) = status {
        query = query.filter(mailing::status.eq(status.as_str()));
    }
    if let Some(kind) = origin_kind {
        query = query.filter(mailing::origin_kind.eq(kind));
    }
    if let Some(reference) = origin_ref {
        query = query.filter(mailing::origin_ref.eq(reference));
    }
    if let Some(before) = before {
        query = query.filter(mailing::mailing_id.lt(DbId(before)));
    }
    let rows = query.load::<MailingRow>(reader.conn)?;
    with_attachments(reader, rows)
}

/// Writes a changed draft as the next version. The caller has checked, in this transaction, that it may.
///
/// # Errors
/// A failure of the database.
pub fn update_draft(
    writer: &mut Writer<'_>,
    mailing_id: Uuid,
    version: i64,
    draft: &MailingDraft,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    diesel::update(mailing::table.find(DbId(mailing_id)))
        .set((
            mailing::version.eq(version),
            mailing::name.eq(&draft.name),
            mailing::draft.eq(draft_json(draft)?),
            mailing::updated_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    filter_uses::set(writer, mailing_id, draft.filters())?;
    attachments::name(writer, mailing_id, &draft.attachment_ids())
}

/// Deletes a draft. The caller has checked, in this transaction, that it is one.
///
/// # Errors
/// A failure of the database.
pub fn delete_draft(writer: &mut Writer<'_>, mailing_id: Uuid) -> StoreResult<()> {
    diesel::delete(mailing_preview::table.find(DbId(mailing_id))).execute(writer.conn)?;
    filter_uses::set(writer, mailing_id, [])?;
    attachments::name(writer, mailing_id, &[])?;
    diesel::delete(mailing::table.find(DbId(mailing_id))).execute(writer.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    #[diesel(column_name = "mailing_id")]
    _mailing_id: DbId,
}

fn draft_json(draft: &MailingDraft) -> StoreResult<String> {
    serde_json::to_string(draft).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = mailing)]
struct MailingRow {
    mailing_id: DbId,
    version: i64,
    status: String,
    draft: String,
    content_hash: Option<String>,
    recipients_hash: Option<String>,
    created_at: UtcTime,
    created_by: String,
    updated_at: UtcTime,
    sent_at: Option<UtcTime>,
    sent_by: Option<String>,
    finished_at: Option<UtcTime>,
    pause_reason: Option<String>,
}

impl MailingRow {
    fn into_stored(self) -> StoreResult<StoredMailing> {
        let inconsistent = |what: &str| StoreError::Inconsistent(format!("mailing.{what} of {}", self.mailing_id.0));
        Ok(StoredMailing {
            mailing_id: self.mailing_id.0,
            version: self.version,
            status: MailingStatus::parse(&self.status).ok_or_else(|| inconsistent("status"))?,
            draft: serde_json::from_str(&self.draft).map_err(|error| inconsistent(&format!("draft: {error}")))?,
            content_hash: self.content_hash,
            recipients_hash: self.recipients_hash,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            updated_at: self.updated_at.into(),
            sent_at: self.sent_at.map(Into::into),
            sent_by: self.sent_by,
            finished_at: self.finished_at.map(Into::into),
            pause_reason: self.pause_reason,
            attachments: Vec::new(),
        })
    }
}
