//! What a filter may be made of, for those who let people choose it: the fields with their types and operators, and of which
//! of them the values can be listed.

use super::FieldOrAttribute;
use super::check::ATTRIBUTES;
use super::fields::{ContractField, FieldType, PartyField, PropertyField};
use crate::attribute::{AttributeRegister, AttributeType, Attributes};
use crate::text;

/// The condition that a field belongs to: `party`, `property` or `contract`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    Party,
    Property,
    Contract,
}

impl Subject {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Party, Self::Property, Self::Contract];

    /// The key of the condition.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Property => "property",
            Self::Contract => "contract",
        }
    }

    /// Reads the key of the condition.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.as_str() == word)
    }
}

/// A field that a condition may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownField {
    pub subject: Subject,
    /// As a filter writes it; `attributes.NAME` for one of the customer's own.
    pub name: String,
    pub field_type: FieldType,
    /// What people call one of the customer's own.
    pub label: Option<String>,
    /// Whether it is unknown of protected parties to those who may not see them.
    pub is_protected: bool,
    /// Where its values can be listed, by which prefix they are chosen.
    pub listed: Option<Listed>,
}

/// The values of a field that can be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub of: ValuesOf,
    /// The type of the customer's own, whose stored form may differ from what is written.
    pub attribute_type: Option<AttributeType>,
}

/// Which values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuesOf {
    Party(FieldOrAttribute<PartyField>),
    Property(FieldOrAttribute<PropertyField>),
    Contract(ContractField),
}

/// Every field there is, in the order of the documentation; the customer's own after the others of their register.
pub fn known_fields(attributes: &Attributes) -> Vec<KnownField> {
    let own = |subject: Subject, register: AttributeRegister| {
        attributes.of(register).map(move |attribute| {
            let own = attribute.name.clone();
            let of = match register {
                AttributeRegister::Party => ValuesOf::Party(FieldOrAttribute::Attribute(own)),
                AttributeRegister::Property => ValuesOf::Property(FieldOrAttribute::Attribute(own)),
            };
            KnownField {
                subject,
                name: format!("{ATTRIBUTES}{}", attribute.name),
                field_type: attribute.attribute_type.field_type(),
                label: attribute.label.clone(),
                is_protected: register == AttributeRegister::Party,
                listed: Some(Listed { of, attribute_type: Some(attribute.attribute_type) }),
            }
        })
    };
    let field = |subject: Subject, name: &str, field_type: FieldType, of: ValuesOf, is_protected: bool| KnownField {
        subject,
        name: name.to_owned(),
        field_type,
        label: None,
        is_protected,
        listed: is_listed(field_type, &of).then_some(Listed { of, attribute_type: None }),
    };
    let parties = PartyField::ALL.map(|one| {
        let of = ValuesOf::Party(FieldOrAttribute::Field(one));
        field(Subject::Party, one.as_str(), one.field_type(), of, one.is_protected())
    });
    let properties = PropertyField::ALL.map(|one| {
        let of = ValuesOf::Property(FieldOrAttribute::Field(one));
        field(Subject::Property, one.as_str(), one.field_type(), of, false)
    });
    let contracts = ContractField::ALL
        .map(|one| field(Subject::Contract, one.as_str(), one.field_type(), ValuesOf::Contract(one), false));
    parties
        .into_iter()
        .chain(own(Subject::Party, AttributeRegister::Party))
        .chain(properties)
        .chain(own(Subject::Property, AttributeRegister::Property))
        .chain(contracts)
        .collect()
}

/// Ids, days and numbers of the register are chosen otherwise, phone numbers are nobody's to leaf through, and the service
/// language is worked out rather than stored.
fn is_listed(field_type: FieldType, of: &ValuesOf) -> bool {
    match field_type {
        FieldType::Text | FieldType::Word | FieldType::PartyKind | FieldType::Country => true,
        FieldType::Language => matches!(of, ValuesOf::Contract(_)),
        FieldType::Phone | FieldType::Integer | FieldType::Number | FieldType::Bool | FieldType::Date => false,
    }
}

impl KnownField {
    /// The beginning of a value in the form in which values are compared; `None` where values have no beginning.
    pub fn prefix(&self, written: &str) -> Option<String> {
        match self.field_type {
            FieldType::Text | FieldType::Word | FieldType::PartyKind | FieldType::Bool => Some(text::fold(written)),
            FieldType::Country => Some(written.trim().to_ascii_uppercase()),
            FieldType::Language | FieldType::Date => Some(written.trim().to_owned()),
            FieldType::Phone | FieldType::Integer | FieldType::Number => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attribute;

    #[test]
    fn every_field_is_told_with_its_type_and_those_whose_values_can_be_listed_say_so() {
        let declare = |register, name: &str, word: &str| Attribute::declare(register, name, word, Some("L")).unwrap();
        let attributes = Attributes::new(vec![
            declare(AttributeRegister::Party, "debt", "number"),
            declare(AttributeRegister::Property, "heating", "string"),
        ]);
        let fields = known_fields(&attributes);
        assert_eq!(fields.len(), 15 + 9 + 8 + 2);
        let find = |subject: Subject, name: &str| {
            fields.iter().find(|field| (field.subject, field.name.as_str()) == (subject, name)).unwrap()
        };
        let city = find(Subject::Party, "city");
        assert!(city.is_protected && city.listed.is_some());
        assert_eq!(city.prefix(" ÅB").as_deref(), Some("åb"));
        let heating = find(Subject::Property, "attributes.heating");
        let expected = ValuesOf::Property(FieldOrAttribute::Attribute("heating".to_owned()));
        assert_eq!(heating.listed.as_ref().map(|listed| &listed.of), Some(&expected));
        assert!(find(Subject::Party, "attributes.debt").is_protected && !heating.is_protected);
        for (subject, name) in
            [(Subject::Party, "phone"), (Subject::Party, "service_language"), (Subject::Contract, "valid_to")]
        {
            assert_eq!(find(subject, name).listed, None, "{name}");
        }
        assert_eq!(find(Subject::Party, "country").prefix("f").as_deref(), Some("F"));
        assert_eq!(find(Subject::Party, "attributes.debt").prefix("1"), None);
    }
}
