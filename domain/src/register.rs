//! The register as the ERP keeps it: parties, properties, the roles that join them, and contracts.

pub mod local;
pub mod tree;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The ERP's id of a party, 1 to 2^53 − 1.
pub type PartyId = i64;
/// The ERP's id of a property, 1 to 2^53 − 1.
pub type PropertyId = i64;
/// The ERP's id of a contract, 1 to 2^53 − 1.
pub type ContractId = i64;

/// The largest id that JavaScript reads exactly.
pub const MAX_ID: i64 = 9_007_199_254_740_991;

/// A person or a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    Person,
    Company,
}

impl PartyKind {
    /// The word of the API and of `parties.csv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
        }
    }

    /// Reads the word of the API and of `parties.csv`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "person" => Some(Self::Person),
            "company" => Some(Self::Company),
            _ => None,
        }
    }
}

/// Anyone in the register. Texts are trimmed, NFC and never empty: what is missing is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Party {
    pub party_id: PartyId,
    pub kind: PartyKind,
    /// The name shown and sorted by; for a person usually "Last First" or "First Last", as the ERP gives it.
    pub name: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Finnish Y-tunnus or another business id, as given.
    pub business_id: Option<String>,
    /// The party's own service language (BCP 47), when one has been set.
    pub language: Option<String>,
    /// As given, valid or not.
    pub email: Option<String>,
    /// Marketing permission of this e-mail address.
    pub email_marketing: bool,
    /// As given, valid or not.
    pub phone: Option<String>,
    /// Marketing permission of this phone number.
    pub phone_marketing: bool,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<String>,
    /// Turvakielto: address and phone are never shown to anyone else.
    pub address_protected: bool,
    pub deceased: bool,
    pub archived: bool,
    /// The customer's own fields.
    pub attributes: Map<String, Value>,
}

/// A node of the property tree: company, building, stairway or unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Property {
    pub property_id: PropertyId,
    pub parent_id: Option<PropertyId>,
    /// A word of the ERP, for instance `company`, `building`, `stairway`, `unit`.
    pub kind: String,
    pub code: Option<String>,
    pub name: String,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<String>,
    /// The customer's own fields.
    pub attributes: Map<String, Value>,
}

/// A tenancy or another contract; both ends of its validity are inclusive and an open end is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    pub contract_id: ContractId,
    pub party_id: PartyId,
    pub property_id: PropertyId,
    /// A word of the ERP, for instance `tenancy`.
    pub kind: String,
    /// The service language the party chose with this contract (BCP 47).
    pub language: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub points_enrolled: bool,
    pub points_enrolled_on: Option<NaiveDate>,
}

/// A role assignment: party × property × code, valid from and to inclusive; an open end is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Ours (UUIDv7), given when the role is first stored.
    pub role_id: Uuid,
    /// The ERP's id. Without one the role's key is (party, property, role, valid_from).
    pub erp_role_id: Option<String>,
    pub party_id: PartyId,
    pub property_id: PropertyId,
    /// The role code, for instance `resident`; codes are data.
    pub role: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub contract_id: Option<ContractId>,
}

impl Role {
    /// What tells one role from another: the ERP's id, or without one party, property, code and first day.
    pub fn key(&self) -> String {
        match &self.erp_role_id {
            Some(id) => Self::erp_key(id),
            None => {
                let first_day = self.valid_from.map(|day| day.to_string()).unwrap_or_default();
                format!("{}/{}/{}/{first_day}", self.party_id, self.property_id, self.role)
            }
        }
    }

    /// The key of the role that has this id in the ERP.
    pub fn erp_key(erp_role_id: &str) -> String {
        format!("erp:{erp_role_id}")
    }
}

/// Whether `day` lies between two inclusive ends, either of which may be open.
pub fn valid_on(day: NaiveDate, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
}
