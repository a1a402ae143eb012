//! A property as the API shows it.

use domain::register::Property;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A node of the property tree. It says nothing about people, so everyone with `register:read` sees all of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Property)]
pub struct PropertyResponse {
    /// The ERP's id.
    #[schema(example = 310)]
    property_id: i64,
    /// The property above this one; null at the top of a tree.
    #[schema(required = true, example = 31)]
    parent_id: Option<i64>,
    /// The ERP's word for the level, for instance `company`, `building`, `stairway` or `unit`. Kinds are data.
    #[schema(example = "unit")]
    kind: String,
    /// The code people call it by.
    #[schema(required = true, example = "A 2")]
    code: Option<String>,
    /// The name; lists are sorted by it.
    #[schema(example = "Asunto Oy Mäkikatu 5, A 2")]
    name: String,
    /// Street address.
    #[schema(required = true, example = "Mäkikatu 5 A 2")]
    street: Option<String>,
    /// Postal code.
    #[schema(required = true, example = "33720")]
    postal_code: Option<String>,
    /// City.
    #[schema(required = true, example = "Tampere")]
    city: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(required = true, example = "FI")]
    country: Option<String>,
    /// The customer's own fields, by name.
    #[schema(value_type = Object, example = json!({"built": 1962}))]
    attributes: Map<String, Value>,
}

impl From<Property> for PropertyResponse {
    fn from(property: Property) -> Self {
        let Property { property_id, parent_id, kind, code, name, street, postal_code, city, country, attributes } =
            property;
        Self { property_id, parent_id, kind, code, name, street, postal_code, city, country, attributes }
    }
}

/// A page of properties.
#[derive(Debug, Serialize, ToSchema)]
pub struct PropertyPage {
    /// The properties, in Finnish order of their names.
    pub(super) items: Vec<PropertyResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
