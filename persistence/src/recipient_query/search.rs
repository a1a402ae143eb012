//! Running a recipient query: counts by facts, ids in order, and what is known of each person found.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use diesel::{Queryable, QueryableByName, RunQueryDsl};
use domain::eligibility::{AddressState, PartyFacts, PhoneState};
use domain::recipient_query::{AssignmentTest, Condition};
use domain::register::{PartyId, PropertyId};
use domain::service_language::{LanguageSource, ServiceLanguage};

use super::assignments::{push_assignments, push_valid_on};
use super::compile::{self, Context};
use super::service_language::push_contract_language;
use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;

/// A recipient query, and on whose behalf and when it is asked.
#[derive(Debug, Clone)]
pub struct RecipientSearch {
    pub condition: Condition,
    pub today: NaiveDate,
    /// The deployment's language, for those of whom none is known.
    pub default_language: String,
    /// Whether the caller may see the addresses of protected parties.
    pub see_protected: bool,
}

impl RecipientSearch {
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            today: self.today,
            default_language: &self.default_language,
            see_protected: self.see_protected,
            hide_residence: false,
            many: compile::many(compile::sets(&self.condition)),
        }
    }

    pub(super) fn push_matching(&self, sql: &mut Fragment) {
        if self.condition.matches_named_only() {
            sql.append(compile::condition(&self.condition, self.context(), true));
        } else {
            self.push_matching_condition(sql, &self.condition);
        }
    }

    /// A condition among the same parties: those that are there to be found, and those that the whole filter names.
    pub(super) fn push_matching_condition(&self, sql: &mut Fragment, condition: &Condition) {
        let (named, lists) = (self.condition.named_parties(), self.condition.named_lists());
        if named.is_empty() && lists.is_empty() {
            sql.sql("NOT p.archived AND NOT p.deceased AND ");
        } else {
            sql.sql("(NOT p.archived AND NOT p.deceased");
            if !named.is_empty() {
                sql.sql(" OR p.party_id IN ").list(named);
            }
            for list_id in lists {
                sql.sql(" OR p.party_id IN (");
                compile::push_list_members(sql, list_id);
                sql.sql(")");
            }
            sql.sql(") AND ");
        }
        sql.append(compile::condition(condition, self.context(), true));
    }

    /// Of `party p`: the few who are not to be found, since they are archived or dead and the filter does not name them.
    pub(super) fn push_out(&self, sql: &mut Fragment) {
        let (named, lists) = (self.condition.named_parties(), self.condition.named_lists());
        sql.sql("(p.archived OR p.deceased)");
        if !named.is_empty() {
            sql.sql(" AND p.party_id NOT IN ").list(named);
        }
        for list_id in lists {
            sql.sql(" AND p.party_id NOT IN (");
            compile::push_list_members(sql, list_id);
            sql.sql(")");
        }
    }
}

/// How many of the parties that match have these facts and this language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsCount {
    pub facts: PartyFacts,
    pub language: ServiceLanguage,
    pub count: i64,
}

/// One party found, with everything that eligibility, language and merge fields look at.
#[derive(Debug, Clone)]
pub struct RecipientRow {
    pub party_id: PartyId,
    pub kind: String,
    pub name: String,
    pub sort_key: Vec<u8>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The address as it goes into an envelope; none unless it is valid.
    pub email_address: Option<String>,
    /// The phone number in E.164; none unless it takes text messages.
    pub mobile_number: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub facts: PartyFacts,
    pub language: ServiceLanguage,
    /// Of the property fields: the property of the assignment by which the party was found, lowest id first.
    pub property_id: Option<PropertyId>,
}

/// The facts that are true or false, as the bits of [`CountRow::flags`]: one number is grouped by in less time than six columns.
const FLAGS: &str = "CAST(CAST(p.deceased AS INTEGER) + 2 * CAST(p.archived AS INTEGER) + 4 * CAST(p.email_marketing AS INTEGER) \
    + 8 * CAST(p.phone_marketing AS INTEGER) + 16 * CAST(p.has_postal_address AS INTEGER) \
    + 32 * CAST(p.address_protected AS INTEGER) AS BIGINT)";

/// Counts those that match, by facts and language. At most a few hundred rows come back, whatever the register's size.
///
/// # Errors
/// A failure of the database.
pub fn count(reader: &mut Reader<'_>, search: &RecipientSearch) -> StoreResult<Vec<FactsCount>> {
    let mut sql = Fragment::new(
        "SELECT own_language, contract_language, email_state, phone_state, flags, COUNT(*) AS count \
         FROM (SELECT p.email_state, p.phone_state, ",
    );
    sql.sql(FLAGS).sql(" AS flags, p.language AS own_language, CASE WHEN p.language IS NULL THEN (");
    push_contract_language(&mut sql, search.today);
    sql.sql(") END AS contract_language FROM party p WHERE ");
    search.push_matching(&mut sql);
    sql.sql(") AS found GROUP BY 1, 2, 3, 4, 5");
    let rows: Vec<CountRow> = sql.one_off().load(reader.conn)?;
    rows.into_iter().map(|row| row.read(&search.default_language)).collect()
}

/// The ids of one page of those that match, by name and id, after `after`, narrowed to parties with one of the given facts.
///
/// # Errors
/// A failure of the database.
pub fn page_ids(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    facts: Option<&[PartyFacts]>,
    after: Option<(Vec<u8>, PartyId)>,
    limit: i64,
) -> StoreResult<Vec<PartyId>> {
    let mut sql = Fragment::new("SELECT p.party_id AS id FROM party p WHERE ");
    search.push_matching(&mut sql);
    if let Some(facts) = facts {
        push_facts(&mut sql, facts);
    }
    if let Some((key, id)) = after {
        sql.sql(" AND (p.sort_key, p.party_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY p.sort_key, p.party_id LIMIT ").bind(limit);
    Ok(sql.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

/// The ids of all that match, by name and id.
///
/// # Errors
/// A failure of the database.
pub fn matching_ids(reader: &mut Reader<'_>, search: &RecipientSearch) -> StoreResult<Vec<PartyId>> {
    let mut sql = Fragment::new("SELECT p.party_id AS id FROM party p WHERE ");
    search.push_matching(&mut sql);
    sql.sql(" ORDER BY p.sort_key, p.party_id");
    Ok(sql.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

/// What is known of these parties, in the order of `ids`. `property_of` asks for the property by which each was found: that
/// of the given assignment, or of any valid today.
///
/// # Errors
/// A failure of the database.
pub fn details(
    reader: &mut Reader<'_>,
    ids: &[PartyId],
    today: NaiveDate,
    default_language: &str,
    property_of: Option<Option<&AssignmentTest>>,
) -> StoreResult<Vec<RecipientRow>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(1000) {
        let mut sql = Fragment::new(
            "SELECT p.party_id, p.kind, p.name, p.sort_key, p.first_name, p.last_name, p.email_address, p.phone_match, p.street, \
             p.postal_code, p.city, p.deceased, p.archived, p.email_state, p.email_marketing, p.phone_state, p.phone_marketing, \
             p.has_postal_address, p.address_protected, p.language, CASE WHEN p.language IS NULL THEN (",
        );
        push_contract_language(&mut sql, today);
        sql.sql(") END FROM party p WHERE p.party_id IN ").list(chunk.iter().copied());
        let properties = match property_of {
            Some(test) => properties_of(reader, chunk, test, today)?,
            None => HashMap::new(),
        };
        for row in sql.by_place::<DetailColumns>().load::<DetailRow>(reader.conn)? {
            let property_id = properties.get(&row.party_id).copied();
            found.insert(row.party_id, row.into_recipient(default_language, property_id)?);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn properties_of(
    reader: &mut Reader<'_>,
    ids: &[PartyId],
    test: Option<&AssignmentTest>,
    today: NaiveDate,
) -> StoreResult<HashMap<PartyId, PropertyId>> {
    let mut sql = Fragment::new("SELECT held.party_id AS id, MIN(held.property_id) AS property_id FROM (");
    let select = "SELECT r.party_id, r.property_id";
    match test {
        Some(test) => push_assignments(&mut sql, select, test, compile::many(test.properties.len()), Some(ids)),
        None => {
            sql.sql(select).sql(" FROM role r WHERE r.party_id IN ").list(ids.iter().copied()).sql(" AND ");
            push_valid_on(&mut sql, today);
        }
    }
    sql.sql(") AS held GROUP BY held.party_id");
    let rows: Vec<PropertyOfRow> = sql.one_off().load(reader.conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.property_id)).collect())
}

pub(super) fn push_facts(sql: &mut Fragment, facts: &[PartyFacts]) {
    sql.sql(" AND (");
    for (number, facts) in facts.iter().enumerate() {
        sql.sql(if number > 0 { " OR " } else { "" });
        sql.sql("(p.deceased = ").bind(facts.deceased).sql(" AND p.archived = ").bind(facts.archived);
        sql.sql(" AND p.email_state = ").bind(facts.email.as_str());
        sql.sql(" AND p.email_marketing = ").bind(facts.email_marketing);
        sql.sql(" AND p.phone_state = ").bind(facts.phone.as_str());
        sql.sql(" AND p.phone_marketing = ").bind(facts.phone_marketing);
        sql.sql(" AND p.has_postal_address = ").bind(facts.has_postal_address);
        sql.sql(" AND p.address_protected = ").bind(facts.address_protected).sql(")");
    }
    sql.sql(if facts.is_empty() { "FALSE)" } else { ")" });
}

fn service_language(own: Option<String>, contract: Option<String>, default: &str) -> ServiceLanguage {
    match (own, contract) {
        (Some(language), _) => ServiceLanguage { language, source: LanguageSource::Party },
        (None, Some(language)) => ServiceLanguage { language, source: LanguageSource::Contract },
        (None, None) => ServiceLanguage { language: default.to_owned(), source: LanguageSource::Assumed },
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct PropertyOfRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    property_id: i64,
}

#[derive(Queryable)]
struct FactsRow {
    deceased: bool,
    archived: bool,
    email_state: String,
    email_marketing: bool,
    phone_state: String,
    phone_marketing: bool,
    has_postal_address: bool,
    address_protected: bool,
}

impl FactsRow {
    fn read(self) -> StoreResult<PartyFacts> {
        let unknown = |what: &str, state: &str| StoreError::Inconsistent(format!("party.{what}: {state}"));
        Ok(PartyFacts {
            deceased: self.deceased,
            archived: self.archived,
            email: AddressState::parse(&self.email_state).ok_or_else(|| unknown("email_state", &self.email_state))?,
            email_marketing: self.email_marketing,
            phone: PhoneState::parse(&self.phone_state).ok_or_else(|| unknown("phone_state", &self.phone_state))?,
            phone_marketing: self.phone_marketing,
            has_postal_address: self.has_postal_address,
            address_protected: self.address_protected,
        })
    }
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Nullable<Text>)]
    own_language: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    contract_language: Option<String>,
    #[diesel(sql_type = Text)]
    email_state: String,
    #[diesel(sql_type = Text)]
    phone_state: String,
    #[diesel(sql_type = BigInt)]
    flags: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl CountRow {
    fn read(self, default_language: &str) -> StoreResult<FactsCount> {
        let is = |bit: u32| self.flags & (1 << bit) != 0;
        let facts = FactsRow {
            deceased: is(0),
            archived: is(1),
            email_state: self.email_state,
            email_marketing: is(2),
            phone_state: self.phone_state,
            phone_marketing: is(3),
            has_postal_address: is(4),
            address_protected: is(5),
        };
        let language = service_language(self.own_language, self.contract_language, default_language);
        Ok(FactsCount { facts: facts.read()?, language, count: self.count })
    }
}

#[derive(Queryable)]
struct DetailRow {
    party_id: i64,
    kind: String,
    name: String,
    sort_key: Vec<u8>,
    first_name: Option<String>,
    last_name: Option<String>,
    email_address: Option<String>,
    /// The number in E.164, where it can be written so.
    phone_match: Option<String>,
    street: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    facts: FactsRow,
    own_language: Option<String>,
    contract_language: Option<String>,
}

type NullableText = Nullable<Text>;
type FactsColumns = (Bool, Bool, Text, Bool, Text, Bool, Bool, Bool);
#[rustfmt::skip]
type DetailColumns = (
    BigInt, Text, Text, Binary, NullableText, NullableText, NullableText, NullableText, NullableText, NullableText, NullableText,
    FactsColumns, NullableText, NullableText,
);

impl DetailRow {
    fn into_recipient(self, default_language: &str, property_id: Option<PropertyId>) -> StoreResult<RecipientRow> {
        let facts = self.facts.read()?;
        Ok(RecipientRow {
            party_id: self.party_id,
            kind: self.kind,
            name: self.name,
            sort_key: self.sort_key,
            first_name: self.first_name,
            last_name: self.last_name,
            email_address: self.email_address,
            mobile_number: self.phone_match.filter(|_| facts.phone == PhoneState::Mobile),
            street: self.street,
            postal_code: self.postal_code,
            city: self.city,
            facts,
            language: service_language(self.own_language, self.contract_language, default_language),
            property_id,
        })
    }
}
