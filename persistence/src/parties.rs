//! Parties: upsert in sets, and reading back.

use diesel::prelude::*;
use domain::address::phone::{self, Phone};
use domain::address::{email, postal};
use domain::attribute::{AttributeRegister, Attributes};
use domain::eligibility::{AddressState, PhoneState};
use domain::register::{Party, PartyId, PartyKind};
use domain::text::{fold, sort_key, words};
use std::collections::{BTreeMap, HashMap};

use crate::attributes;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fill::fill_rows;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::local_values::RegisterRow as _;
use crate::recipient_query::{many, text_condition};
use crate::register::{Upserted, hashed, hashes};
use crate::schema::party;
use crate::staging::{self, Filled, Stage, StagedRow, StagedWord, Words};

/// A party with what the list and the ETag need.
#[derive(Debug, Clone)]
pub struct StoredParty {
    pub party: Party,
    /// Whether mail can be sent to `party.email`, as worked out when the party was written.
    pub email_state: AddressState,
    /// What `party.phone` is, as worked out when the party was written.
    pub phone_state: PhoneState,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
    /// Hash of the row, as the ETag shows it.
    pub row_hash: Vec<u8>,
}

/// Which parties to list.
#[derive(Debug, Clone, Default)]
pub struct PartyFilter {
    /// Folded words, each of which must begin some word of the party or of a property of its roles.
    pub words: Vec<String>,
    /// Whether archived parties are listed too.
    pub archived: bool,
    /// Whether the caller may see the addresses of protected parties.
    pub see_protected: bool,
}

/// Adds and changes parties; unchanged ones are left alone.
///
/// # Errors
/// A failure of the database.
pub fn upsert(writer: &mut Writer<'_>, parties: Vec<Party>) -> StoreResult<Upserted> {
    staging::upsert(writer, parties)
}

impl Filled for Party {
    const INSERT: &'static str = INSERT;
}

struct PartyWord;

impl Filled for PartyWord {
    const INSERT: &'static str = "INSERT INTO party_word (word, party_id, hidden)";
}

impl Stage for Party {
    const TABLES: &'static [&'static str] = &["party", "party_word", "party_attribute"];

    fn stage(self, declared: &Attributes) -> StoreResult<StagedRow> {
        let attributes = declared.searchable(AttributeRegister::Party, &self.attributes);
        let (json, hash) = hashed(&self)?;
        let phone = phone::read(self.phone.as_deref());
        let (key, words) = (self.row_key(), searchable_words(&self, &phone));
        Ok(StagedRow { key, json, hash: hash.clone(), columns: columns(self, phone, hash).into(), words, attributes })
    }

    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>> {
        hashes(reader, "SELECT party_id AS id, row_hash FROM party WHERE party_id IN ", keys)
    }

    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()> {
        if !changed.is_empty() {
            for delete in
                ["DELETE FROM party_word WHERE party_id IN ", "DELETE FROM party_attribute WHERE party_id IN "]
            {
                let mut clear = Fragment::new(delete);
                clear.list(changed.iter().filter_map(|row| row.key.parse::<i64>().ok()));
                clear.execute(writer.conn)?;
            }
        }
        let (mut rows, mut words): (Vec<Vec<Value>>, Vec<[Value; 3]>) = (Vec::new(), Vec::new());
        let mut staged: Vec<StagedRow> = new.into_iter().chain(changed).collect();
        for row in &mut staged {
            let party_id = row.key.parse::<i64>().ok();
            words.extend(
                std::mem::take(&mut row.words)
                    .into_iter()
                    .map(|(word, hidden)| [word.into(), party_id.into(), hidden.into()]),
            );
            rows.push(std::mem::take(&mut row.columns));
        }
        insert_rows(writer, INSERT, rows, ON_CONFLICT)?;
        insert_rows(writer, PartyWord::INSERT, words, "")?;
        Self::write_attributes(writer, &mut staged)
    }

    fn write_attributes(writer: &mut Writer<'_>, rows: &mut [StagedRow]) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let values =
            rows.iter_mut().filter_map(|row| Some((row.key.parse().ok()?, std::mem::take(&mut row.attributes))));
        let values = values.flat_map(|(id, values)| values.into_iter().map(move |(name, form)| (id, name, form)));
        attributes::insert_values(writer, AttributeRegister::Party, values)?;
        attributes::hold(writer, AttributeRegister::Party)
    }

    fn write_words(writer: &mut Writer<'_>, words: Vec<StagedWord>, there: Words) -> StoreResult<()> {
        let rows: Vec<[Value; 3]> =
            words.into_iter().map(|StagedWord { word, id, hidden }| [word.into(), id.into(), hidden.into()]).collect();
        let conflict = " ON CONFLICT (word, party_id) DO UPDATE SET hidden = excluded.hidden";
        match there {
            Words::Some => insert_rows(writer, PartyWord::INSERT, rows, conflict),
            Words::None => fill_rows::<PartyWord, _>(writer, rows),
        }
    }
}

/// In the order of [`columns`].
const INSERT: &str = "INSERT INTO party (party_id, kind, name_fold, sort_key, name, first_name_fold, first_name, \
    last_name_fold, last_name, business_id_fold, business_id, language, email_fold, email, email_address, email_state, \
    email_marketing, phone, phone_match, phone_state, phone_marketing, street_fold, street, postal_code_fold, \
    postal_code, city_fold, city, country, has_postal_address, address_protected, deceased, archived, attributes, \
    row_hash)";

const ON_CONFLICT: &str = " ON CONFLICT (party_id) DO UPDATE SET kind = excluded.kind, name = excluded.name, \
    name_fold = excluded.name_fold, sort_key = excluded.sort_key, first_name = excluded.first_name, \
    first_name_fold = excluded.first_name_fold, last_name = excluded.last_name, \
    last_name_fold = excluded.last_name_fold, business_id = excluded.business_id, \
    business_id_fold = excluded.business_id_fold, language = excluded.language, email = excluded.email, \
    email_fold = excluded.email_fold, email_address = excluded.email_address, email_state = excluded.email_state, \
    email_marketing = excluded.email_marketing, phone = excluded.phone, phone_match = excluded.phone_match, \
    phone_state = excluded.phone_state, phone_marketing = excluded.phone_marketing, street = excluded.street, \
    street_fold = excluded.street_fold, postal_code = excluded.postal_code, \
    postal_code_fold = excluded.postal_code_fold, city = excluded.city, city_fold = excluded.city_fold, \
    country = excluded.country, has_postal_address = excluded.has_postal_address, \
    address_protected = excluded.address_protected, deceased = excluded.deceased, archived = excluded.archived, \
    attributes = excluded.attributes, row_hash = excluded.row_hash";

fn columns(party: Party, phone_read: Phone, hash: Vec<u8>) -> [Value; 34] {
    let has_postal_address = postal::is_complete(&party);
    let email_state = email::state(party.email.as_deref());
    let email_address = party.email.as_deref().and_then(email::envelope_address);
    let Party {
        party_id,
        kind,
        name,
        first_name,
        last_name,
        business_id,
        language,
        email,
        email_marketing,
        phone,
        phone_marketing,
        street,
        postal_code,
        city,
        country,
        address_protected,
        deceased,
        archived,
        attributes,
    } = party;
    let phone_match = phone_read.e164.or_else(|| folded(phone.as_deref()));
    [
        party_id.into(),
        kind.as_str().into(),
        fold(&name).into(),
        sort_key(&name).into(),
        name.into(),
        folded(first_name.as_deref()).into(),
        first_name.into(),
        folded(last_name.as_deref()).into(),
        last_name.into(),
        folded(business_id.as_deref()).into(),
        business_id.into(),
        language.into(),
        folded(email.as_deref()).into(),
        email.into(),
        email_address.into(),
        email_state.as_str().into(),
        email_marketing.into(),
        phone.into(),
        phone_match.into(),
        phone_read.state.as_str().into(),
        phone_marketing.into(),
        folded(street.as_deref()).into(),
        street.into(),
        folded(postal_code.as_deref()).into(),
        postal_code.into(),
        folded(city.as_deref()).into(),
        city.into(),
        country.into(),
        has_postal_address.into(),
        address_protected.into(),
        deceased.into(),
        archived.into(),
        serde_json::Value::Object(attributes).to_string().into(),
        hash.into(),
    ]
}

pub(crate) fn folded(text: Option<&str>) -> Option<String> {
    text.map(fold)
}

/// The searchable words of a party. A word that only the address or the phone of a protected party has is hidden.
fn searchable_words(party: &Party, phone: &Phone) -> Vec<(String, bool)> {
    let open =
        [Some(party.name.as_str()), party.first_name.as_deref(), party.last_name.as_deref(), party.email.as_deref()];
    let private = [
        party.street.as_deref(),
        party.postal_code.as_deref(),
        party.city.as_deref(),
        party.phone.as_deref(),
        phone.e164.as_deref(),
    ];
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for word in private.into_iter().flatten().flat_map(words) {
        found.insert(word, party.address_protected);
    }
    for word in open.into_iter().flatten().flat_map(words) {
        found.insert(word, false);
    }
    found.into_iter().collect()
}

/// One party.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, party_id: PartyId) -> StoreResult<Option<StoredParty>> {
    party::table
        .find(party_id)
        .select(<PartyRow as Selectable<crate::connection::MultiBackend>>::construct_selection())
        .first::<PartyRow>(reader.conn)
        .optional()?
        .map(PartyRow::into_stored)
        .transpose()
}

/// These parties.
///
/// # Errors
/// A failure of the database.
pub fn by_ids(reader: &mut Reader<'_>, ids: &[PartyId]) -> StoreResult<Vec<Party>> {
    let rows: Vec<PartyRow> = party::table
        .filter(party::party_id.eq_any(ids))
        .select(<PartyRow as Selectable<crate::connection::MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    rows.into_iter().map(|row| Ok(row.into_stored()?.party)).collect()
}

/// Those of `ids` whose address is protected.
///
/// # Errors
/// A failure of the database.
pub fn protected_among(reader: &mut Reader<'_>, ids: &[PartyId]) -> StoreResult<Vec<PartyId>> {
    Ok(party::table
        .filter(party::party_id.eq_any(ids).and(party::address_protected.eq(true)))
        .select(party::party_id)
        .load(reader.conn)?)
}

/// A page of parties in Finnish order of their names, after the one with the given sort key and id.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &PartyFilter,
    today: chrono::NaiveDate,
    after: Option<(Vec<u8>, PartyId)>,
    limit: i64,
) -> StoreResult<Vec<StoredParty>> {
    let mut query = Fragment::new("SELECT p.party_id AS id FROM party p WHERE ");
    query.sql(if filter.archived { "TRUE" } else { "NOT p.archived" });
    if !filter.words.is_empty() {
        query.sql(" AND ").append(text_condition(&filter.words, filter.see_protected, today, many(filter.words.len())));
    }
    if let Some((key, id)) = after {
        query.sql(" AND (p.sort_key, p.party_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    query.sql(" ORDER BY p.sort_key, p.party_id LIMIT ").bind(limit);
    let ids: Vec<i64> = query.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect();
    let rows: Vec<PartyRow> = party::table
        .filter(party::party_id.eq_any(&ids))
        .order((party::sort_key, party::party_id))
        .select(<PartyRow as Selectable<crate::connection::MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    rows.into_iter().map(PartyRow::into_stored).collect()
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = party)]
struct PartyRow {
    party_id: i64,
    kind: String,
    name: String,
    sort_key: Vec<u8>,
    first_name: Option<String>,
    last_name: Option<String>,
    business_id: Option<String>,
    language: Option<String>,
    email: Option<String>,
    email_state: String,
    email_marketing: bool,
    phone: Option<String>,
    phone_state: String,
    phone_marketing: bool,
    street: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    country: Option<String>,
    address_protected: bool,
    deceased: bool,
    archived: bool,
    attributes: String,
    row_hash: Vec<u8>,
}

impl PartyRow {
    fn into_stored(self) -> StoreResult<StoredParty> {
        let inconsistent = |what: &str| StoreError::Inconsistent(format!("party.{what} of {}", self.party_id));
        let kind = PartyKind::parse(&self.kind).ok_or_else(|| inconsistent("kind"))?;
        let attributes =
            serde_json::from_str(&self.attributes).map_err(|error| inconsistent(&format!("attributes ({error})")))?;
        let email_state = AddressState::parse(&self.email_state).ok_or_else(|| inconsistent("email_state"))?;
        let phone_state = PhoneState::parse(&self.phone_state).ok_or_else(|| inconsistent("phone_state"))?;
        Ok(StoredParty {
            email_state,
            phone_state,
            party: Party {
                party_id: self.party_id,
                kind,
                name: self.name,
                first_name: self.first_name,
                last_name: self.last_name,
                business_id: self.business_id,
                language: self.language,
                email: self.email,
                email_marketing: self.email_marketing,
                phone: self.phone,
                phone_marketing: self.phone_marketing,
                street: self.street,
                postal_code: self.postal_code,
                city: self.city,
                country: self.country,
                address_protected: self.address_protected,
                deceased: self.deceased,
                archived: self.archived,
                attributes,
            },
            sort_key: self.sort_key,
            row_hash: self.row_hash,
        })
    }
}
