//! What claimed deliveries send, and whom they tell.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use domain::eligibility::Channel;
use domain::mailing::AddressedAs;
use domain::register::PartyId;
use uuid::Uuid;

use super::by_index;
use super::listing::read_addressed_as;
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UuidT};

/// A claimed delivery with what it takes to render and send it.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub delivery_id: Uuid,
    pub mailing_id: Uuid,
    /// The message it is a part of; none when it is a message of its own.
    pub message_id: Option<Uuid>,
    /// None of an extra address.
    pub party_id: Option<PartyId>,
    pub channel: Channel,
    pub address: Option<String>,
    pub version_no: Option<i64>,
    pub merge_values: String,
    /// Attempts that counted so far.
    pub attempts: i64,
    /// Whether the party has been archived since the rows were frozen.
    pub archived: bool,
    /// Whether the party has died since the rows were frozen.
    pub deceased: bool,
    /// The parties that it tells: that of its own row, and those that share it once [`add_sharing`] has found them.
    pub told: Vec<Told>,
}

/// A party that a delivery tells: the row that was frozen for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub mailing_id: Uuid,
    pub row_no: i64,
    pub party_id: PartyId,
    pub channel: Channel,
}

#[derive(Queryable)]
struct ClaimedRow {
    delivery_id: DbId,
    mailing_id: DbId,
    message_id: Option<DbId>,
    row_no: i64,
    party_id: Option<i64>,
    channel: String,
    address: Option<String>,
    version_no: Option<i64>,
    merge_values: String,
    attempts: i64,
    archived: bool,
    deceased: bool,
}

#[rustfmt::skip]
type ClaimedColumns = (
    UuidT, UuidT, Nullable<UuidT>, BigInt, Nullable<BigInt>, Text, Nullable<Text>, Nullable<BigInt>, Text, BigInt, Bool, Bool,
);

/// What these deliveries send.
///
/// # Errors
/// A failure of the database.
pub fn load(reader: &mut Reader<'_>, ids: &[Uuid]) -> StoreResult<Vec<Claimed>> {
    let mut sql = Fragment::new(
        "SELECT d.delivery_id, d.mailing_id, d.message_id, d.row_no, r.party_id, r.channel, r.address, r.version_no, r.merge_values, \
         d.attempts, COALESCE(p.archived, FALSE), COALESCE(p.deceased, FALSE) FROM delivery d \
         JOIN mailing_row r ON r.mailing_id = d.mailing_id AND r.row_no = d.row_no \
         LEFT JOIN party p ON p.party_id = r.party_id WHERE d.delivery_id ",
    );
    sql.among(ids.iter().copied()).sql(" ORDER BY d.delivery_id");
    let rows: Vec<ClaimedRow> = reader.snapshot(|reader| {
        by_index(reader)?;
        Ok::<_, StoreError>(sql.by_place::<ClaimedColumns>().load(reader.conn)?)
    })?;
    rows.into_iter()
        .map(|row| {
            let channel = read_channel(&row.channel)?;
            let mailing_id = row.mailing_id.0;
            let own = row.party_id.map(|party_id| Told { mailing_id, row_no: row.row_no, party_id, channel });
            Ok(Claimed {
                delivery_id: row.delivery_id.0,
                mailing_id,
                message_id: row.message_id.map(|id| id.0),
                party_id: row.party_id,
                channel,
                address: row.address,
                version_no: row.version_no,
                merge_values: row.merge_values,
                attempts: row.attempts,
                archived: row.archived,
                deceased: row.deceased,
                told: own.into_iter().collect(),
            })
        })
        .collect()
}

#[derive(Queryable)]
struct ToldRow {
    mailing_id: DbId,
    delivery_id: DbId,
    row_no: i64,
    party_id: i64,
    channel: String,
}

type ToldColumns = (UuidT, UuidT, BigInt, BigInt, Text);

/// Finds whom each tells beside the party of its own row: those that share it. Frozen rows never change, so that the journal need not
/// look while others wait for it.
///
/// # Errors
/// A failure of the database.
pub fn add_sharing(reader: &mut Reader<'_>, claimed: &mut [Claimed]) -> StoreResult<()> {
    let mailings: HashSet<Uuid> = claimed.iter().map(|one| one.mailing_id).collect();
    let rows: Vec<ToldRow> = reader.snapshot(|reader| {
        by_index(reader)?;
        let sharing = with_shared_rows(reader, mailings)?;
        if sharing.is_empty() {
            return Ok::<_, StoreError>(Vec::new());
        }
        let mut sql = Fragment::new("SELECT mailing_id, delivery_id, row_no, party_id, channel FROM mailing_row");
        sql.either("", BY_SHARED).sql(" WHERE shared IS NOT NULL AND party_id IS NOT NULL AND mailing_id IN ");
        sql.list(sharing).sql(" AND delivery_id ").among(claimed.iter().map(|one| one.delivery_id));
        sql.sql(" ORDER BY mailing_id, row_no");
        Ok(sql.one_off().by_place::<ToldColumns>().load(reader.conn)?)
    })?;
    let mut places: HashMap<Uuid, &mut Claimed> = claimed.iter_mut().map(|one| (one.delivery_id, one)).collect();
    for row in rows {
        let channel = read_channel(&row.channel)?;
        let Some(one) = places.get_mut(&row.delivery_id.0) else { continue };
        let ToldRow { mailing_id, delivery_id: _, row_no, party_id, channel: _ } = row;
        one.told.push(Told { mailing_id: mailing_id.0, row_no, party_id, channel });
    }
    Ok(())
}

/// Without it, SQLite reads all rows of a mailing to find that none of them shares another's delivery.
const BY_SHARED: &str = " INDEXED BY mailing_row_shared";

/// Which of these mailings have rows that share another's delivery.
fn with_shared_rows(reader: &mut Reader<'_>, mailings: HashSet<Uuid>) -> StoreResult<Vec<Uuid>> {
    let mut sql = Fragment::new("SELECT m.mailing_id FROM mailing m WHERE m.mailing_id ");
    sql.among(mailings).sql(" AND EXISTS (SELECT 1 FROM mailing_row r").either("", BY_SHARED);
    sql.sql(" WHERE r.mailing_id = m.mailing_id AND r.shared IS NOT NULL)");
    Ok(sql.by_place::<UuidT>().load::<DbId>(reader.conn)?.into_iter().map(|id| id.0).collect())
}

fn read_channel(word: &str) -> StoreResult<Channel> {
    Channel::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("mailing_row.channel: {word}")))
}

/// The addresses that the header of a message shows, in the order of the rows: not those that have come under protection
/// since they were frozen.
///
/// # Errors
/// A failure of the database.
pub fn shown(reader: &mut Reader<'_>, message_id: Uuid) -> StoreResult<Vec<(AddressedAs, String)>> {
    let mut sql = Fragment::new(
        "SELECT r.addressed_as, r.address FROM mailing_row r LEFT JOIN party p ON p.party_id = r.party_id \
         WHERE NOT COALESCE(p.address_protected, FALSE) AND r.address IS NOT NULL AND r.shown_in = ",
    );
    sql.bind(message_id).sql(" ORDER BY r.row_no");
    let rows: Vec<ShownRow> = sql.load(reader.conn)?;
    rows.into_iter().map(|row| Ok((read_addressed_as(&row.addressed_as)?, row.address))).collect()
}

#[derive(QueryableByName)]
struct ShownRow {
    #[diesel(sql_type = Text)]
    addressed_as: String,
    #[diesel(sql_type = Text)]
    address: String,
}
