//! A property as the ERP gives it, and what of it may be set here.

use domain::attribute::AttributeRegister;
use domain::invalid::FieldError;
use domain::register::{PartyId, Property};
use persistence::attributes;
use persistence::properties::{self, StoredProperty};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::PropertyResponse;
use crate::problem::Problem;
use crate::register_import::read_json;
use crate::routes::register::references::check_property;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A property as the ERP has it. The fields and their rules are those of the columns of `properties.csv`; what is left out or
/// null is empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutPropertyRequest)]
pub struct PropertyRequest {
    /// The property above this one; null at the top of a tree. It must be there.
    #[schema(example = json!(null), minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    parent_id: Option<i64>,
    /// The ERP's word for the level, in lower case, for instance `company`, `building`, `stairway` or `unit`.
    #[schema(example = "unit", max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    kind: String,
    /// The code people call it by.
    #[schema(example = "A 2", max_length = 64)]
    code: Option<String>,
    /// The name; lists are sorted by it.
    #[schema(example = "Asunto Oy Mäkikatu 5, A 2", max_length = 200)]
    name: String,
    /// Street address.
    #[schema(example = "Mäkikatu 5 A 2", max_length = 200)]
    street: Option<String>,
    /// Postal code.
    #[schema(example = "33720", max_length = 20)]
    postal_code: Option<String>,
    /// City.
    #[schema(example = "Tampere", max_length = 200)]
    city: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(example = "FI")]
    country: Option<String>,
    /// The customer's own fields, by name; at most 16 KiB.
    #[schema(value_type = Option<Object>, example = json!({"built": 1962}))]
    attributes: Option<Map<String, Value>>,
}

/// The fields of a property to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away. The fields
/// of `attributes` are set one by one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Asunto Oy Mäkikatu 5, A 2"}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the property's JSON")]
pub struct PropertyPatch {
    /// As in PUT.
    #[schema(nullable = false, example = "unit")]
    kind: Option<String>,
    /// As in PUT.
    code: Option<String>,
    /// As in PUT.
    #[schema(nullable = false, example = "Asunto Oy Mäkikatu 5, A 2")]
    name: Option<String>,
    /// As in PUT.
    street: Option<String>,
    /// As in PUT.
    postal_code: Option<String>,
    /// As in PUT.
    city: Option<String>,
    /// As in PUT.
    country: Option<String>,
    /// As in PUT.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
}

impl Stored for StoredProperty {
    type Row = Property;
    type Request = PropertyRequest;
    type Body = PropertyResponse;
    const IDENTITY: &'static [&'static str] = &["property_id"];

    fn row(&self) -> &Property {
        &self.property
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        None
    }

    fn body(&self, _: Visibility) -> PropertyResponse {
        self.property.clone().into()
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<Property>, FieldError> {
        read_json(fields)
    }

    fn find_again(reader: &mut Reader<'_>, row: &Property) -> StoreResult<Option<Self>> {
        properties::find(reader, row.property_id)
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<Property>) -> StoreResult<Upserted> {
        properties::upsert(writer, rows)
    }

    fn check(writer: &mut Writer<'_>, _: Option<&Self>, row: &Property, _: bool) -> Result<(), Problem> {
        attributes::declared(writer)?.check(AttributeRegister::Property, &row.attributes)?;
        check_property(writer, row)
    }
}
