//! Mailings: drafts, the recipients of the newest preview, the frozen rows, and progress.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::attachment::Attachment;
use domain::mailing::draft::MailingDraft;
use domain::mailing::state::{DeliveryState, MailingStatus, Progress};
use domain::register::PartyId;
use uuid::Uuid;

use crate::attachments;
use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::filter_uses;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
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

/// A page of mailings, newest first, older than the given one.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    status: Option<MailingStatus>,
    before: Option<Uuid>,
    limit: i64,
) -> StoreResult<Vec<StoredMailing>> {
    let mut query = mailing::table
        .select(<MailingRow as Selectable<MultiBackend>>::construct_selection())
        .order(mailing::mailing_id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(mailing::status.eq(status.as_str()));
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

/// Keeps the recipients of the newest preview, in the form `domain::mailing::recipients` gives them.
///
/// # Errors
/// A failure of the database.
pub fn save_preview(
    writer: &mut Writer<'_>,
    mailing_id: Uuid,
    recipients_hash: &str,
    recipients: Vec<u8>,
) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO mailing_preview (mailing_id, recipients_hash, recipients) VALUES ");
    sql.list([Value::from(mailing_id), recipients_hash.into(), recipients.into()]).sql(
        " ON CONFLICT (mailing_id) DO UPDATE SET recipients_hash = excluded.recipients_hash, \
         recipients = excluded.recipients",
    );
    sql.execute(writer.conn)?;
    Ok(())
}

/// The recipients of the newest preview, if it had this hash.
///
/// # Errors
/// A failure of the database.
pub fn previewed(reader: &mut Reader<'_>, mailing_id: Uuid, recipients_hash: &str) -> StoreResult<Option<Vec<u8>>> {
    Ok(mailing_preview::table
        .find(DbId(mailing_id))
        .filter(mailing_preview::recipients_hash.eq(recipients_hash))
        .select(mailing_preview::recipients)
        .first(reader.conn)
        .optional()?)
}

/// One recipient as it is frozen.
#[derive(Debug, Clone)]
pub struct FrozenRow {
    pub row_no: i64,
    pub party_id: PartyId,
    pub channel: &'static str,
    pub address: Option<String>,
    pub language: String,
    /// Index of the content version.
    pub version_no: Option<i64>,
    /// JSON object of merge field names and values.
    pub merge_values: String,
    /// Why it is skipped.
    pub reason: Option<String>,
    /// Why it shares another row's delivery.
    pub shared: Option<&'static str>,
    /// Its delivery, own or shared; none if it is skipped.
    pub delivery_id: Option<Uuid>,
}

/// Freezes rows, and makes the deliveries of those that have one of their own.
///
/// # Errors
/// A failure of the database.
pub fn freeze(writer: &mut Writer<'_>, mailing_id: Uuid, rows: Vec<FrozenRow>, now: DateTime<Utc>) -> StoreResult<()> {
    let queued = DeliveryState::Queued.as_str();
    let deliveries =
        rows.iter().filter(|row| row.shared.is_none()).filter_map(|row| Some((row.delivery_id?, row.row_no)));
    insert_rows(
        writer,
        "INSERT INTO delivery (delivery_id, mailing_id, row_no, state, attempts, due_at)",
        deliveries
            .map(|(id, row_no)| [id.into(), mailing_id.into(), row_no.into(), queued.into(), 0_i64.into(), now.into()]),
        "",
    )?;
    insert_rows(
        writer,
        "INSERT INTO mailing_row (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, \
         reason, shared, delivery_id)",
        rows.into_iter().map(|row| {
            let FrozenRow {
                row_no,
                party_id,
                channel,
                address,
                language,
                version_no,
                merge_values,
                reason,
                shared,
                delivery_id,
            } = row;
            [
                mailing_id.into(),
                row_no.into(),
                party_id.into(),
                channel.into(),
                address.into(),
                language.into(),
                version_no.into(),
                merge_values.into(),
                reason.into(),
                shared.map(str::to_owned).into(),
                delivery_id.into(),
            ]
        }),
        "",
    )
}

/// Marks a draft as sent: from now on it is in the dispatcher's hands.
///
/// # Errors
/// A failure of the database.
pub fn mark_sent(
    writer: &mut Writer<'_>,
    mailing_id: Uuid,
    version: i64,
    (content_hash, recipients_hash): (&str, &str),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let now = UtcTime::from(now);
    diesel::update(mailing::table.find(DbId(mailing_id)))
        .set((
            mailing::version.eq(version),
            mailing::status.eq(MailingStatus::Sending.as_str()),
            mailing::content_hash.eq(content_hash),
            mailing::recipients_hash.eq(recipients_hash),
            mailing::updated_at.eq(now),
            mailing::sent_at.eq(now),
            mailing::sent_by.eq(by),
        ))
        .execute(writer.conn)?;
    diesel::delete(mailing_preview::table.find(DbId(mailing_id))).execute(writer.conn)?;
    // Its rows are frozen: nothing it named matters to it any more.
    filter_uses::set(writer, mailing_id, [])
}

/// Pauses a mailing that is being sent; answers whether it was.
///
/// # Errors
/// A failure of the database.
pub fn pause(writer: &mut Writer<'_>, mailing_id: Uuid, reason: &str, now: DateTime<Utc>) -> StoreResult<bool> {
    let changed = diesel::update(mailing::table.find(DbId(mailing_id)))
        .filter(mailing::status.eq(MailingStatus::Sending.as_str()))
        .set((
            mailing::version.eq(mailing::version + 1),
            mailing::status.eq(MailingStatus::Paused.as_str()),
            mailing::pause_reason.eq(reason),
            mailing::updated_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    Ok(changed > 0)
}

/// Continues a paused mailing, what waited included; answers whether it was paused.
///
/// # Errors
/// A failure of the database.
pub fn resume(writer: &mut Writer<'_>, mailing_id: Uuid, now: DateTime<Utc>) -> StoreResult<bool> {
    let changed = diesel::update(mailing::table.find(DbId(mailing_id)))
        .filter(mailing::status.eq(MailingStatus::Paused.as_str()))
        .set((
            mailing::version.eq(mailing::version + 1),
            mailing::status.eq(MailingStatus::Sending.as_str()),
            mailing::pause_reason.eq(None::<String>),
            mailing::updated_at.eq(UtcTime::from(now)),
        ))
        .execute(writer.conn)?;
    let mut sql = Fragment::new("UPDATE delivery SET due_at = ");
    sql.bind(now).sql(" WHERE mailing_id = ").bind(mailing_id);
    sql.sql(" AND state = ").bind(DeliveryState::Queued.as_str()).sql(" AND due_at > ").bind(now);
    if changed > 0 {
        sql.execute(writer.conn)?;
    }
    Ok(changed > 0)
}

/// Marks every mailing as finished that has nothing left to do; returns how many.
///
/// # Errors
/// A failure of the database.
pub fn finish_done(writer: &mut Writer<'_>, now: DateTime<Utc>) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE mailing SET version = version + 1, status = ");
    sql.bind(MailingStatus::Finished.as_str()).sql(", finished_at = ").bind(now).sql(", updated_at = ").bind(now);
    sql.sql(" WHERE ");
    push_done(&mut sql);
    Ok(sql.execute(writer.conn)?)
}

/// Whether [`finish_done`] would mark any.
///
/// # Errors
/// A failure of the database.
pub fn any_done(reader: &mut Reader<'_>) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT mailing.mailing_id FROM mailing WHERE ");
    push_done(&mut sql);
    sql.sql(" LIMIT 1");
    Ok(!sql.load::<IdRow>(reader.conn)?.is_empty())
}

fn push_done(sql: &mut Fragment) {
    sql.sql("mailing.status = ").bind(MailingStatus::Sending.as_str());
    sql.sql(" AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.mailing_id = mailing.mailing_id AND d.state IN ");
    sql.list(DeliveryState::ALL.into_iter().filter(|state| state.is_open()).map(DeliveryState::as_str)).sql(")");
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    #[diesel(column_name = "mailing_id")]
    _mailing_id: DbId,
}

#[derive(QueryableByName)]
struct StateCount {
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How far these mailings are; one that has no rows is not in the answer.
///
/// # Errors
/// A failure of the database.
pub fn progress(reader: &mut Reader<'_>, mailing_ids: &[Uuid]) -> StoreResult<HashMap<Uuid, Progress>> {
    let mut sql = Fragment::new(
        "SELECT r.mailing_id, COALESCE(d.state, 'skipped') AS state, COUNT(*) AS count FROM mailing_row r \
         LEFT JOIN delivery d ON d.delivery_id = r.delivery_id WHERE r.mailing_id IN ",
    );
    sql.list(mailing_ids.iter().copied()).sql(" GROUP BY 1, 2");
    let mut counts: HashMap<Uuid, Vec<(DeliveryState, i64)>> = HashMap::new();
    for row in sql.load::<StateCount>(reader.conn)? {
        counts.entry(row.mailing_id.0).or_default().push((read_state(&row.state)?, row.count));
    }
    Ok(counts.into_iter().map(|(id, counts)| (id, Progress::from_counts(counts))).collect())
}

pub(crate) fn read_state(word: &str) -> StoreResult<DeliveryState> {
    DeliveryState::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("delivery.state: {word}")))
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
