//! What there is to choose a filter from: roles in use, and the values of a field.

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::recipient_query::{ContractField, FieldOrAttribute, PartyField, PropertyField, ValuesOf};

use super::assignments::{push_prefix, push_valid_on};
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// The most roles that are told.
const MAX_ROLES: i64 = 1_000;

/// A role code, and how many hold it today.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct RoleCount {
    #[diesel(sql_type = Text)]
    pub role: String,
    /// Parties, but for the archived and the deceased.
    #[diesel(sql_type = BigInt)]
    pub parties: i64,
}

/// The roles held today, by their codes.
///
/// # Errors
/// A failure of the database.
pub fn roles_in_use(reader: &mut Reader<'_>, today: NaiveDate) -> StoreResult<Vec<RoleCount>> {
    let mut sql = Fragment::new(
        "SELECT r.role, COUNT(DISTINCT r.party_id) AS parties FROM role r \
         WHERE r.party_id NOT IN (SELECT o.party_id FROM party o WHERE o.archived OR o.deceased) AND ",
    );
    push_valid_on(&mut sql, today);
    sql.sql(" GROUP BY r.role ORDER BY r.role LIMIT ").bind(MAX_ROLES);
    Ok(sql.load(reader.conn)?)
}

/// The values of a field that begin so, each once, by the order in which they are compared; at most `limit`. Values of archived,
/// deceased and protected parties are not among those of parties.
///
/// # Errors
/// A failure of the database.
pub fn values(reader: &mut Reader<'_>, of: &ValuesOf, prefix: &str, limit: i64) -> StoreResult<Vec<String>> {
    let (shown, compared, from) = place(of);
    let mut sql = Fragment::new("SELECT MIN(");
    sql.sql(shown).sql(") AS value").sql(from);
    if let ValuesOf::Party(FieldOrAttribute::Attribute(name)) | ValuesOf::Property(FieldOrAttribute::Attribute(name)) =
        of
    {
        sql.bind(name.as_str()).sql(" AND ");
    }
    push_prefix(&mut sql, compared, prefix);
    sql.sql(" GROUP BY ").sql(compared).sql(" ORDER BY ").sql(compared).sql(" LIMIT ").bind(limit);
    Ok(sql.load::<ValueRow>(reader.conn)?.into_iter().map(|row| row.value).collect())
}

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = Text)]
    value: String,
}

const PARTIES: &str = " FROM party p WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND ";
const PROPERTIES: &str = " FROM property q WHERE ";
const CONTRACTS: &str = " FROM contract c WHERE ";
const OF_PARTIES: &str = " FROM party_attribute a JOIN party p ON p.party_id = a.party_id \
    WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND a.name = ";
const OF_PROPERTIES: &str = " FROM property_attribute a WHERE a.name = ";

/// The column that is shown, that which is compared, and where they are. Ids and the like compare as the texts they are not:
/// nobody lists them.
fn place(of: &ValuesOf) -> (&'static str, &'static str, &'static str) {
    use {ContractField as C, PartyField as A, PropertyField as B};
    match of {
        ValuesOf::Party(FieldOrAttribute::Attribute(_)) => ("a.value", "a.value", OF_PARTIES),
        ValuesOf::Property(FieldOrAttribute::Attribute(_)) => ("a.value", "a.value", OF_PROPERTIES),
        ValuesOf::Party(FieldOrAttribute::Field(field)) => {
            let (shown, compared) = match field {
                A::FirstName => ("p.first_name", "p.first_name_fold"),
                A::LastName => ("p.last_name", "p.last_name_fold"),
                A::BusinessId => ("p.business_id", "p.business_id_fold"),
                A::Email => ("p.email", "p.email_fold"),
                A::Street => ("p.street", "p.street_fold"),
                A::PostalCode => ("p.postal_code", "p.postal_code_fold"),
                A::City => ("p.city", "p.city_fold"),
                A::Country => ("p.country", "p.country"),
                A::Kind => ("p.kind", "p.kind"),
                A::Name | A::PartyId | A::ServiceLanguage | A::EmailMarketing | A::Phone | A::PhoneMarketing => {
                    ("p.name", "p.name_fold")
                }
            };
            (shown, compared, PARTIES)
        }
        ValuesOf::Property(FieldOrAttribute::Field(field)) => {
            let (shown, compared) = match field {
                B::Kind => ("q.kind", "q.kind"),
                B::Code => ("q.code", "q.code_fold"),
                B::Street => ("q.street", "q.street_fold"),
                B::PostalCode => ("q.postal_code", "q.postal_code_fold"),
                B::City => ("q.city", "q.city_fold"),
                B::Country => ("q.country", "q.country"),
                B::Name | B::PropertyId | B::ParentId => ("q.name", "q.name_fold"),
            };
            (shown, compared, PROPERTIES)
        }
        ValuesOf::Contract(C::Language) => ("c.language", "c.language", CONTRACTS),
        ValuesOf::Contract(_) => ("c.kind", "c.kind", CONTRACTS),
    }
}
