//! The rows of a mailing as the API shows them: who got what, and why others did not.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use domain::mailing::AddressedAs;
use domain::mailing::state::DeliveryState;
use domain::register::PartyId;
use uuid::Uuid;

use super::sending::state_of_delivery;
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::mailings::read_state;
use crate::types::{DbId, UtcTime, UuidT};

/// A row with the state of its delivery.
#[derive(Debug, Clone)]
pub struct RowView {
    pub row_no: i64,
    /// None of an extra address.
    pub party_id: Option<PartyId>,
    /// The party's, or whose the extra address is, where that was written.
    pub name: Option<String>,
    pub addressed_as: AddressedAs,
    /// Whether the party is protected: its identity and address are then not shown to everyone.
    pub party_protected: bool,
    pub channel: String,
    pub address: Option<String>,
    pub language: String,
    /// Of the row whose message it is: its own, or the one it shares.
    pub version_no: Option<i64>,
    pub merge_values: String,
    pub state: DeliveryState,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// Why it shares another row's delivery.
    pub shared: Option<String>,
    pub delivery_id: Option<Uuid>,
    /// What the Message-ID is made of: the message's own, where several deliveries share one, else the delivery's.
    pub message_id: Option<Uuid>,
    pub attempts: i64,
    /// When the next attempt is due, where one is.
    pub due_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    /// The relay's last reply code.
    pub last_code: Option<i64>,
    /// What the relay or the connection said last.
    pub last_detail: Option<String>,
}

const COLUMNS: &str = "r.row_no, r.party_id, COALESCE(p.name, r.name) AS name, \
    COALESCE(p.address_protected, FALSE) AS party_protected, r.addressed_as, r.channel, r.address, \
    COALESCE(d.message_id, d.delivery_id) AS message_id, r.language, o.version_no, o.merge_values, COALESCE(r.reason, d.reason) AS reason, \
    r.shared, r.delivery_id, COALESCE(d.attempts, 0) AS attempts, d.due_at, d.sent_at, d.last_code, d.last_detail \
    FROM mailing_row r LEFT JOIN party p ON p.party_id = r.party_id \
    LEFT JOIN delivery d ON d.delivery_id = r.delivery_id \
    JOIN mailing_row o ON o.mailing_id = r.mailing_id AND o.row_no = COALESCE(d.row_no, r.row_no) WHERE r.mailing_id = ";

fn rows_of(mailing_id: Uuid) -> Fragment {
    let mut sql = Fragment::new("SELECT ");
    sql.append(state_shown()).sql(" AS state, ").sql(COLUMNS).bind(mailing_id);
    sql
}

/// The state of a row that has the delivery `d`, or none.
pub(crate) fn state_shown() -> Fragment {
    let mut sql = Fragment::new("COALESCE(");
    sql.append(state_of_delivery()).sql(", 'skipped')");
    sql
}

/// A page of a mailing's rows, in the order they were frozen in, after the given number.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    mailing_id: Uuid,
    state: Option<DeliveryState>,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<RowView>> {
    let mut sql = rows_of(mailing_id);
    sql.sql(" AND r.row_no > ").bind(after);
    if let Some(state) = state {
        sql.sql(" AND ").append(state_shown()).sql(" = ").bind(state.as_str());
    }
    sql.sql(" ORDER BY r.row_no LIMIT ").bind(limit);
    sql.load::<ViewRow>(reader.conn)?.into_iter().map(ViewRow::into_view).collect()
}

/// One row.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, mailing_id: Uuid, row_no: i64) -> StoreResult<Option<RowView>> {
    let mut sql = rows_of(mailing_id);
    sql.sql(" AND r.row_no = ").bind(row_no);
    sql.load::<ViewRow>(reader.conn)?.into_iter().next().map(ViewRow::into_view).transpose()
}

#[derive(QueryableByName)]
struct ViewRow {
    #[diesel(sql_type = BigInt)]
    row_no: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    party_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Text)]
    addressed_as: String,
    #[diesel(sql_type = Nullable<UuidT>)]
    message_id: Option<DbId>,
    #[diesel(sql_type = Bool)]
    party_protected: bool,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    version_no: Option<i64>,
    #[diesel(sql_type = Text)]
    merge_values: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    shared: Option<String>,
    #[diesel(sql_type = Nullable<UuidT>)]
    delivery_id: Option<DbId>,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    due_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    sent_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_code: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    last_detail: Option<String>,
}

impl ViewRow {
    fn into_view(self) -> StoreResult<RowView> {
        let state = read_state(&self.state)?;
        let waits = matches!(state, DeliveryState::Queued | DeliveryState::Deferred);
        Ok(RowView {
            row_no: self.row_no,
            party_id: self.party_id,
            name: self.name,
            addressed_as: read_addressed_as(&self.addressed_as)?,
            party_protected: self.party_protected,
            channel: self.channel,
            address: self.address,
            language: self.language,
            version_no: self.version_no,
            merge_values: self.merge_values,
            state,
            reason: self.reason,
            shared: self.shared,
            delivery_id: self.delivery_id.map(|id| id.0),
            message_id: self.message_id.map(|id| id.0),
            attempts: self.attempts,
            due_at: self.due_at.filter(|_| waits).map(Into::into),
            sent_at: self.sent_at.map(Into::into),
            last_code: self.last_code,
            last_detail: self.last_detail,
        })
    }
}

pub(super) fn read_addressed_as(word: &str) -> StoreResult<AddressedAs> {
    AddressedAs::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("mailing_row.addressed_as: {word}")))
}
