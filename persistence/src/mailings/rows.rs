//! The recipients of a mailing, frozen as rows with their deliveries.

use chrono::{DateTime, Utc};
use domain::mailing::AddressedAs;
use domain::mailing::state::DeliveryState;
use domain::register::PartyId;
use uuid::Uuid;

use crate::door::Writer;
use crate::error::StoreResult;
use crate::insert::insert_rows;

/// One recipient as it is frozen.
#[derive(Debug, Clone)]
pub struct FrozenRow {
    pub row_no: i64,
    /// None of an extra address.
    pub party_id: Option<PartyId>,
    /// Whose an extra address is.
    pub name: Option<String>,
    pub addressed_as: AddressedAs,
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
    /// The message that its own delivery is a part of; none where the delivery is a message of its own.
    pub message_id: Option<Uuid>,
}

/// Freezes rows, and makes the deliveries of those that have one of their own.
///
/// # Errors
/// A failure of the database.
pub fn freeze(writer: &mut Writer<'_>, mailing_id: Uuid, rows: Vec<FrozenRow>, now: DateTime<Utc>) -> StoreResult<()> {
    let queued = DeliveryState::Queued.as_str();
    let own = rows.iter().filter(|row| row.shared.is_none());
    let deliveries = own.filter_map(|row| Some((row.delivery_id?, row.row_no, row.message_id)));
    insert_rows(
        writer,
        "INSERT INTO delivery (delivery_id, mailing_id, row_no, state, attempts, due_at, message_id)",
        deliveries.map(|(id, row_no, message_id)| {
            [id.into(), mailing_id.into(), row_no.into(), queued.into(), 0_i64.into(), now.into(), message_id.into()]
        }),
        "",
    )?;
    insert_rows(
        writer,
        "INSERT INTO mailing_row (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, \
         reason, shared, delivery_id, addressed_as, name, shown_in)",
        rows.into_iter().map(|row| {
            let FrozenRow {
                row_no,
                party_id,
                name,
                addressed_as,
                channel,
                address,
                language,
                version_no,
                merge_values,
                reason,
                shared,
                delivery_id,
                message_id,
            } = row;
            let shown_in = message_id.filter(|_| addressed_as.is_visible());
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
                addressed_as.as_str().into(),
                name.into(),
                shown_in.into(),
            ]
        }),
        "",
    )
}
