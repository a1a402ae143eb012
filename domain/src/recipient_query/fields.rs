//! The fields a filter may name, the type of each, and what may be asked of it. This table is the documentation's too.

/// What may be asked of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Ne,
    In,
    Lt,
    Lte,
    Gt,
    Gte,
    Contains,
    StartsWith,
    Exists,
}

impl Operator {
    /// Every operator, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Eq,
        Self::Ne,
        Self::In,
        Self::Lt,
        Self::Lte,
        Self::Gt,
        Self::Gte,
        Self::Contains,
        Self::StartsWith,
        Self::Exists,
    ];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::Exists => "exists",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == word)
    }
}

/// How a field's values are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Compared by [`crate::text::fold`].
    Text,
    /// Text; a valid number compares as E.164, however it is written.
    Phone,
    /// A word of the ERP, compared folded.
    Word,
    /// `person` or `company`.
    PartyKind,
    /// BCP 47 tag, compared whole: `sv` is not `sv-FI`.
    Language,
    /// ISO 3166-1 alpha-2.
    Country,
    /// A whole number.
    Integer,
    /// A number, whole or decimal.
    Number,
    /// `true` or `false`.
    Bool,
    /// A day: ISO, or counted from today ([`super::dates`]).
    Date,
}

impl FieldType {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Phone => "phone",
            Self::Word => "word",
            Self::PartyKind => "party_kind",
            Self::Language => "language",
            Self::Country => "country",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Date => "date",
        }
    }

    /// The operators that a field of this type takes.
    pub fn operators(self) -> &'static [Operator] {
        use Operator::{Contains, Eq, Exists, Gt, Gte, In, Lt, Lte, Ne, StartsWith};
        match self {
            Self::Text => &[Eq, Ne, In, Lt, Lte, Gt, Gte, Contains, StartsWith, Exists],
            Self::Phone => &[Eq, Ne, In, Contains, StartsWith, Exists],
            Self::Word | Self::PartyKind | Self::Language | Self::Country => &[Eq, Ne, In, Exists],
            Self::Integer | Self::Number | Self::Date => &[Eq, Ne, In, Lt, Lte, Gt, Gte, Exists],
            Self::Bool => &[Eq, Ne, Exists],
        }
    }

    /// What a value must be like, for refusals and documentation: "must be …".
    pub fn description(self) -> &'static str {
        match self {
            Self::Text | Self::Word => "a text",
            Self::Phone => "a phone number or part of one",
            Self::PartyKind => "`person` or `company`",
            Self::Language => "a BCP 47 language tag, for instance `fi`",
            Self::Country => "a two-letter country code, for instance `FI`",
            Self::Integer => "a whole number of at most 2^53 − 1",
            Self::Number => "a number of at most 2^53 − 1, for instance `-12.5`",
            Self::Bool => "`true` or `false`",
            Self::Date => "a day: `2026-11-30`, `today`, or for instance `today-30d`",
        }
    }
}

/// A field of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartyField {
    PartyId,
    Kind,
    Name,
    FirstName,
    LastName,
    BusinessId,
    /// The language worked out by [`crate::service_language`], not the party's own setting.
    ServiceLanguage,
    Email,
    EmailMarketing,
    Phone,
    PhoneMarketing,
    Street,
    PostalCode,
    City,
    Country,
}

impl PartyField {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 15] = [
        Self::PartyId,
        Self::Kind,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::BusinessId,
        Self::ServiceLanguage,
        Self::Email,
        Self::EmailMarketing,
        Self::Phone,
        Self::PhoneMarketing,
        Self::Street,
        Self::PostalCode,
        Self::City,
        Self::Country,
    ];

    /// The field's name in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PartyId => "party_id",
            Self::Kind => "kind",
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::BusinessId => "business_id",
            Self::ServiceLanguage => "service_language",
            Self::Email => "email",
            Self::EmailMarketing => "email_marketing",
            Self::Phone => "phone",
            Self::PhoneMarketing => "phone_marketing",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Country => "country",
        }
    }

    /// Reads the field's name in a filter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// The type of the field's values.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::PartyId => FieldType::Integer,
            Self::Kind => FieldType::PartyKind,
            Self::ServiceLanguage => FieldType::Language,
            Self::EmailMarketing | Self::PhoneMarketing => FieldType::Bool,
            Self::Phone => FieldType::Phone,
            Self::Country => FieldType::Country,
            Self::Name
            | Self::FirstName
            | Self::LastName
            | Self::BusinessId
            | Self::Email
            | Self::Street
            | Self::PostalCode
            | Self::City => FieldType::Text,
        }
    }

    /// Whether address protection (turvakielto) hides the field: the answer to a test of it must then stay unknown to
    /// those without scope `parties:protected`.
    pub fn is_protected(self) -> bool {
        matches!(self, Self::Phone | Self::Street | Self::PostalCode | Self::City | Self::Country)
    }
}

/// A field of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PropertyField {
    PropertyId,
    ParentId,
    Kind,
    Code,
    Name,
    Street,
    PostalCode,
    City,
    Country,
}

impl PropertyField {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::PropertyId,
        Self::ParentId,
        Self::Kind,
        Self::Code,
        Self::Name,
        Self::Street,
        Self::PostalCode,
        Self::City,
        Self::Country,
    ];

    /// The field's name in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PropertyId => "property_id",
            Self::ParentId => "parent_id",
            Self::Kind => "kind",
            Self::Code => "code",
            Self::Name => "name",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Country => "country",
        }
    }

    /// Reads the field's name in a filter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// The type of the field's values.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::PropertyId | Self::ParentId => FieldType::Integer,
            Self::Kind => FieldType::Word,
            Self::Country => FieldType::Country,
            Self::Code | Self::Name | Self::Street | Self::PostalCode | Self::City => FieldType::Text,
        }
    }
}

/// A field of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContractField {
    ContractId,
    /// The very property of the contract, not what is below it.
    PropertyId,
    Kind,
    /// The language chosen with the contract.
    Language,
    ValidFrom,
    ValidTo,
    PointsEnrolled,
    PointsEnrolledOn,
}

impl ContractField {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::ContractId,
        Self::PropertyId,
        Self::Kind,
        Self::Language,
        Self::ValidFrom,
        Self::ValidTo,
        Self::PointsEnrolled,
        Self::PointsEnrolledOn,
    ];

    /// The field's name in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContractId => "contract_id",
            Self::PropertyId => "property_id",
            Self::Kind => "kind",
            Self::Language => "language",
            Self::ValidFrom => "valid_from",
            Self::ValidTo => "valid_to",
            Self::PointsEnrolled => "points_enrolled",
            Self::PointsEnrolledOn => "points_enrolled_on",
        }
    }

    /// Reads the field's name in a filter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// The type of the field's values.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::ContractId | Self::PropertyId => FieldType::Integer,
            Self::Kind => FieldType::Word,
            Self::Language => FieldType::Language,
            Self::ValidFrom | Self::ValidTo | Self::PointsEnrolledOn => FieldType::Date,
            Self::PointsEnrolled => FieldType::Bool,
        }
    }

    /// Whether the field says when the contract is valid: who asks for it chooses the time, and contracts of any day count.
    pub fn is_validity(self) -> bool {
        matches!(self, Self::ValidFrom | Self::ValidTo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for operator in Operator::ALL {
            assert_eq!(Operator::parse(operator.as_str()), Some(operator));
        }
        for field in PartyField::ALL {
            assert_eq!(PartyField::parse(field.as_str()), Some(field));
        }
        for field in PropertyField::ALL {
            assert_eq!(PropertyField::parse(field.as_str()), Some(field));
        }
        assert_eq!(PartyField::parse("Name"), None);
        assert_eq!(PropertyField::parse("valid_from"), None);
        assert_eq!(Operator::parse("like"), None);
    }

    #[test]
    fn a_partys_phone_and_address_are_protected_and_nothing_else_is() {
        let protected: Vec<_> =
            PartyField::ALL.into_iter().filter(|field| field.is_protected()).map(PartyField::as_str).collect();
        assert_eq!(protected, ["phone", "street", "postal_code", "city", "country"]);
    }
}
