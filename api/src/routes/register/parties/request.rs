//! A party as the ERP gives it, and what of it may be set here.

use domain::attribute::AttributeRegister;
use domain::invalid::FieldError;
use domain::register::{Party, PartyId};
use persistence::attributes;
use persistence::parties::{self, StoredParty};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::PartyResponse;
use crate::auth::perm::{PartiesProtected, Permission as _};
use crate::problem::{Code, Problem};
use crate::register_import::read_json;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A party as the ERP has it. The fields and their rules are those of the columns of `parties.csv`; what is left out or null is
/// empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutPartyRequest)]
pub struct PartyRequest {
    /// `person` or `company`.
    #[schema(example = "person")]
    kind: String,
    /// The name shown and sorted by, at most 200 characters.
    #[schema(example = "Virtanen Matti", max_length = 200)]
    name: String,
    /// A person's first name.
    #[schema(example = "Matti", max_length = 200)]
    first_name: Option<String>,
    /// A person's last name.
    #[schema(example = "Virtanen", max_length = 200)]
    last_name: Option<String>,
    /// Finnish Y-tunnus or another business id.
    #[schema(example = json!(null), max_length = 64)]
    business_id: Option<String>,
    /// The service language the party has chosen (BCP 47).
    #[schema(example = "fi")]
    language: Option<String>,
    /// The e-mail address, valid or not.
    #[schema(example = "matti.virtanen@example.fi", max_length = 320)]
    email: Option<String>,
    /// Whether the e-mail address may be used for marketing. By default false.
    #[serde(default)]
    #[schema(example = false)]
    email_marketing: bool,
    /// The phone number, valid or not.
    #[schema(example = "+358 40 1234567", max_length = 64)]
    phone: Option<String>,
    /// Whether the phone number may be used for marketing. By default false.
    #[serde(default)]
    #[schema(example = false)]
    phone_marketing: bool,
    /// Street address.
    #[schema(example = "Mannerheimintie 1 A 2", max_length = 200)]
    street: Option<String>,
    /// Postal code.
    #[schema(example = "00100", max_length = 20)]
    postal_code: Option<String>,
    /// City.
    #[schema(example = "Helsinki", max_length = 200)]
    city: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(example = "FI")]
    country: Option<String>,
    /// Whether the party is under address protection (turvakielto). To lift it takes the scope `parties:protected`. By default
    /// false.
    #[serde(default)]
    #[schema(example = false)]
    address_protected: bool,
    /// Whether the party has died. By default false.
    #[serde(default)]
    #[schema(example = false)]
    deceased: bool,
    /// Whether the party is no longer in use. By default false.
    #[serde(default)]
    #[schema(example = false)]
    archived: bool,
    /// The customer's own fields, by name; at most 16 KiB. Those that are declared have values of their type; others may be
    /// anything, and cannot be searched by.
    #[schema(value_type = Option<Object>, example = json!({"customer_class": "A"}))]
    attributes: Option<Map<String, Value>>,
}

/// The fields of a party to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away. The fields of
/// `attributes` are set one by one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "matti@example.fi", "archived": true}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the party's JSON")]
pub struct PartyPatch {
    /// As in PUT.
    #[schema(nullable = false, example = "person")]
    kind: Option<String>,
    /// As in PUT.
    #[schema(nullable = false, example = "Virtanen Matti")]
    name: Option<String>,
    /// As in PUT.
    first_name: Option<String>,
    /// As in PUT.
    last_name: Option<String>,
    /// As in PUT.
    business_id: Option<String>,
    /// As in PUT.
    language: Option<String>,
    /// As in PUT.
    email: Option<String>,
    /// As in PUT.
    email_marketing: Option<bool>,
    /// As in PUT.
    phone: Option<String>,
    /// As in PUT.
    phone_marketing: Option<bool>,
    /// As in PUT.
    street: Option<String>,
    /// As in PUT.
    postal_code: Option<String>,
    /// As in PUT.
    city: Option<String>,
    /// As in PUT.
    country: Option<String>,
    /// As in PUT.
    address_protected: Option<bool>,
    /// As in PUT.
    deceased: Option<bool>,
    /// As in PUT; this is how a party is taken out of use.
    archived: Option<bool>,
    /// As in PUT.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
}

impl Stored for StoredParty {
    type Row = Party;
    type Request = PartyRequest;
    type Body = PartyResponse;
    const IDENTITY: &'static [&'static str] = &["party_id"];

    fn row(&self) -> &Party {
        &self.party
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        Some((self.party.party_id, self.party.address_protected))
    }

    fn body(&self, visibility: Visibility) -> PartyResponse {
        PartyResponse::of(self.clone(), visibility)
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<Party>, FieldError> {
        read_json(fields)
    }

    fn find_again(reader: &mut Reader<'_>, row: &Party) -> StoreResult<Option<Self>> {
        parties::find(reader, row.party_id)
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<Party>) -> StoreResult<Upserted> {
        parties::upsert(writer, rows)
    }

    /// Whoever lifted a protection without being let behind it would be behind it.
    fn check(writer: &mut Writer<'_>, before: Option<&Self>, row: &Party, sees_protected: bool) -> Result<(), Problem> {
        let is_protected = before.is_some_and(|stored| stored.party.address_protected);
        if is_protected && !row.address_protected && !sees_protected {
            let detail = format!("To lift an address protection takes the scope {}.", PartiesProtected::SCOPE);
            return Err(Problem::new(Code::MissingScope, detail));
        }
        Ok(attributes::declared(writer)?.check(AttributeRegister::Party, &row.attributes)?)
    }
}
