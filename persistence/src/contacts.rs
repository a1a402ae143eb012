//! Contacts: every message with a party. What a sent one said is rendered again from its mailing's row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::contact::{Contact, Direction};
use domain::eligibility::Channel;
use domain::ids::new_id;
use domain::internetviesti::InternetviestiId;
use domain::register::PartyId;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::Value;
use crate::insert::insert_rows;
use crate::schema::{contact, delivery, mailing_row};
use crate::types::{DbId, UtcTime};

/// A contact and the row it was sent for, from which its content is rendered.
#[derive(Debug, Clone)]
pub struct StoredContact {
    pub contact: Contact,
    /// The party's row in the mailing.
    pub row_no: Option<i64>,
    pub row: Option<ContactRow>,
}

/// What was frozen of the message: of the row it was made for, which others may share.
#[derive(Debug, Clone, Queryable)]
pub struct ContactRow {
    pub address: Option<String>,
    pub language: String,
    pub version_no: Option<i64>,
    pub merge_values: String,
}

/// Adds the contacts of messages that were sent, which have none yet.
///
/// # Errors
/// A failure of the database.
pub(crate) fn add(writer: &mut Writer<'_>, contacts: Vec<(Contact, i64)>) -> StoreResult<()> {
    insert_rows(
        writer,
        "INSERT INTO contact (contact_id, thread_id, party_id, direction, channel, occurred_at, mailing_id, row_no, delivery_id, \
         internetviesti_id)",
        contacts.into_iter().map(|(contact, row_no)| {
            let Contact {
                contact_id,
                thread_id,
                party_id,
                direction,
                channel,
                occurred_at,
                mailing_id,
                delivery_id,
                internetviesti_id,
            } = contact;
            [
                contact_id.into(),
                thread_id.into(),
                party_id.into(),
                direction.as_str().into(),
                channel.as_str().into(),
                occurred_at.into(),
                mailing_id.into(),
                row_no.into(),
                delivery_id.into(),
                internetviesti_id.into(),
            ]
        }),
        "",
    )
}

/// Adds the contacts of a message in the portal with each party it is addressed to.
///
/// # Errors
/// A failure of the database.
pub(crate) fn add_internetviesti(
    writer: &mut Writer<'_>,
    internetviesti_id: InternetviestiId,
    party_ids: &[PartyId],
    at: DateTime<Utc>,
) -> StoreResult<()> {
    let rows = party_ids.iter().map(|party_id| -> [Value; 7] {
        let contact_id = new_id();
        [
            contact_id.into(),
            contact_id.into(),
            (*party_id).into(),
            Direction::Outbound.as_str().into(),
            Channel::Internetviesti.as_str().into(),
            at.into(),
            internetviesti_id.into(),
        ]
    });
    insert_rows(
        writer,
        "INSERT INTO contact (contact_id, thread_id, party_id, direction, channel, occurred_at, internetviesti_id)",
        rows,
        "",
    )
}

type Columns = (DbId, DbId, i64, String, String, UtcTime, Option<DbId>, Option<DbId>, Option<i64>);

/// A page of a party's contacts, newest first, older than the given time and id.
///
/// # Errors
/// A failure of the database.
pub fn of_party(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<StoredContact>> {
    let mut query = contact::table
        .left_join(delivery::table.on(contact::delivery_id.eq(delivery::delivery_id.nullable())))
        // What was sent is what the delivery's own row says, also to those who share it.
        .left_join(
            mailing_row::table.on(delivery::mailing_id
                .nullable()
                .eq(mailing_row::mailing_id.nullable())
                .and(delivery::row_no.nullable().eq(mailing_row::row_no.nullable()))),
        )
        .filter(contact::party_id.eq(party_id))
        .order((contact::occurred_at.desc(), contact::contact_id.desc()))
        .limit(limit)
        .select((
            (
                contact::contact_id,
                contact::thread_id,
                contact::party_id,
                contact::direction,
                contact::channel,
                contact::occurred_at,
                contact::mailing_id,
                contact::delivery_id,
                contact::internetviesti_id,
            ),
            contact::row_no,
            (mailing_row::address, mailing_row::language, mailing_row::version_no, mailing_row::merge_values)
                .nullable(),
        ))
        .into_boxed();
    if let Some((time, id)) = before {
        let time = UtcTime::from(time);
        query = query.filter(
            contact::occurred_at.lt(time).or(contact::occurred_at.eq(time).and(contact::contact_id.lt(DbId(id)))),
        );
    }
    query
        .load::<(Columns, Option<i64>, Option<ContactRow>)>(reader.conn)?
        .into_iter()
        .map(|(columns, row_no, row)| Ok(StoredContact { contact: into_contact(columns)?, row_no, row }))
        .collect()
}

fn into_contact(columns: Columns) -> StoreResult<Contact> {
    let (contact_id, thread_id, party_id, direction, channel, occurred_at, mailing_id, delivery_id, internetviesti_id) =
        columns;
    let inconsistent = |what: &str| StoreError::Inconsistent(format!("contact.{what} of {}", contact_id.0));
    Ok(Contact {
        contact_id: contact_id.0,
        thread_id: thread_id.0,
        party_id,
        direction: Direction::parse(&direction).ok_or_else(|| inconsistent("direction"))?,
        channel: Channel::parse(&channel).ok_or_else(|| inconsistent("channel"))?,
        occurred_at: occurred_at.into(),
        mailing_id: mailing_id.map(|id| id.0),
        delivery_id: delivery_id.map(|id| id.0),
        internetviesti_id,
    })
}
