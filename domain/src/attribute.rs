//! The customer's own fields of parties and properties: declared with a type, held to it, and searched by it (RULES 1).
//!
//! A value is kept in the row's JSON as it was given. What it is searched by is its [`comparable`] form, which both databases
//! compare byte by byte.

use serde_json::{Map, Value};

use crate::invalid::{Checked, FieldError};
use crate::recipient_query::dates;
use crate::recipient_query::fields::FieldType;
use crate::text;

/// The most attributes that a register may declare.
pub const MAX_ATTRIBUTES: usize = 100;
/// The longest name.
pub const MAX_NAME: usize = 64;
/// The longest label, in characters.
const MAX_LABEL: usize = 200;
/// The longest text of a declared attribute, in characters; no filter compares with a longer one.
const MAX_TEXT: usize = 500;

/// Which rows have the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeRegister {
    Party,
    Property,
}

impl AttributeRegister {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Party, Self::Property];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Property => "property",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|register| register.as_str() == word)
    }
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// A JSON string of at most 500 characters.
    String,
    /// A JSON number of at most 2^53 − 1.
    Number,
    /// A JSON boolean.
    Bool,
    /// A JSON string `YYYY-MM-DD`.
    Date,
}

impl AttributeType {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::String, Self::Number, Self::Bool, Self::Date];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Date => "date",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// How a filter writes and compares the values.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::String => FieldType::Text,
            Self::Number => FieldType::Number,
            Self::Bool => FieldType::Bool,
            Self::Date => FieldType::Date,
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::String => "a string of at most 500 characters",
            Self::Number => "a number of at most 2^53 − 1",
            Self::Bool => "true or false",
            Self::Date => "a day, a string `YYYY-MM-DD`",
        }
    }
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub register: AttributeRegister,
    /// The name of the member in the row's `attributes`: a lower-case snake word.
    pub name: String,
    pub attribute_type: AttributeType,
    /// What people call it.
    pub label: Option<String>,
}

impl Attribute {
    /// Whether there may be an attribute of this name: a lower-case snake word of at most 64 characters.
    pub fn is_name(name: &str) -> bool {
        let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.len() <= MAX_NAME && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(snake)
    }

    /// An attribute as it is declared.
    ///
    /// # Errors
    /// `unknown_value`, or `invalid_value` of the label.
    pub fn declare(register: AttributeRegister, name: &str, type_word: &str, label: Option<&str>) -> Checked<Self> {
        let mut errors = Vec::new();
        let attribute_type = AttributeType::parse(type_word);
        if attribute_type.is_none() {
            let known = AttributeType::ALL.map(AttributeType::as_str).join(", ");
            errors.push(FieldError::new("/type", "unknown_value", format!("A type is one of {known}.")));
        }
        let label = label.map(str::trim);
        if label.is_some_and(|label| {
            label.is_empty() || label.chars().nth(MAX_LABEL).is_some() || label.chars().any(char::is_control)
        }) {
            let message = format!("A label has 1 to {MAX_LABEL} characters and no control characters.");
            errors.push(FieldError::new("/label", "invalid_value", message));
        }
        match attribute_type {
            Some(attribute_type) if errors.is_empty() => {
                Ok(Self { register, name: name.to_owned(), attribute_type, label: label.map(str::to_owned) })
            }
            _ => Err(errors),
        }
    }
}

/// All declared attributes of both registers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// These.
    pub fn new(mut declared: Vec<Attribute>) -> Self {
        declared.sort_by(|a, b| (a.register.as_str(), &a.name).cmp(&(b.register.as_str(), &b.name)));
        Self(declared)
    }

    /// Those of one register, by name.
    pub fn of(&self, register: AttributeRegister) -> impl Iterator<Item = &Attribute> {
        self.0.iter().filter(move |attribute| attribute.register == register)
    }

    /// The attribute of this name, if it is declared.
    pub fn find(&self, register: AttributeRegister, name: &str) -> Option<&Attribute> {
        self.of(register).find(|attribute| attribute.name == name)
    }

    /// Refuses the values that are not of their attribute's type. What is not declared may be anything. A null, or a blank
    /// text, is no value.
    ///
    /// # Errors
    /// `wrong_type`, with the pointer of each such value.
    pub fn check(&self, register: AttributeRegister, values: &Map<String, Value>) -> Checked<()> {
        let refused = self.of(register).filter_map(|Attribute { name, attribute_type, .. }| {
            let value = values.get(name)?;
            comparable(*attribute_type, value).err()?;
            let message =
                format!("`{name}` is declared as {}: write {}.", attribute_type.as_str(), attribute_type.description());
            Some(FieldError::new(format!("/attributes/{name}"), "wrong_type", message))
        });
        let refused: Vec<FieldError> = refused.collect();
        if refused.is_empty() { Ok(()) } else { Err(refused) }
    }

    /// What a row is searched by: the names and comparable forms of its declared attributes. Values of another type are left
    /// out; [`Attributes::check`] refuses them.
    pub fn searchable(&self, register: AttributeRegister, values: &Map<String, Value>) -> Vec<(String, String)> {
        let of_one = |attribute: &Attribute| {
            let form = comparable(attribute.attribute_type, values.get(&attribute.name)?).ok()??;
            Some((attribute.name.clone(), form))
        };
        self.of(register).filter_map(of_one).collect()
    }
}

/// A value is not of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongType;

/// The form in which a value is compared; `None` for no value at all.
///
/// # Errors
/// [`WrongType`].
pub fn comparable(attribute_type: AttributeType, value: &Value) -> Result<Option<String>, WrongType> {
    let form = match (attribute_type, value) {
        (_, Value::Null) => return Ok(None),
        (AttributeType::String, Value::String(text)) => {
            let folded = text::fold(text);
            if folded.is_empty() {
                return Ok(None);
            }
            text.chars().nth(MAX_TEXT).is_none().then_some(folded)
        }
        (AttributeType::Number, Value::Number(number)) => number.as_f64().and_then(number_form),
        (AttributeType::Bool, Value::Bool(value)) => Some(bool_form(*value).to_owned()),
        (AttributeType::Date, Value::String(day)) => dates::iso(day).map(|day| day.to_string()),
        _ => None,
    };
    form.map(Some).ok_or(WrongType)
}

/// A boolean as it is compared.
pub fn bool_form(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A number as it is compared: sixteen digits that sort as the numbers do. `None` beyond 2^53 − 1, where not every whole number
/// can be told from its neighbours.
pub fn number_form(number: f64) -> Option<String> {
    const SIGN: u64 = 1 << 63;
    // Of the two zeros one is enough.
    let number = if number == 0.0 { 0.0 } else { number };
    (number.abs() <= MAX_NUMBER).then(|| {
        let bits = number.to_bits();
        format!("{:016x}", if bits & SIGN == 0 { bits | SIGN } else { !bits })
    })
}

/// [`crate::register::MAX_ID`] as what JSON numbers are.
const MAX_NUMBER: f64 = 9_007_199_254_740_991.0;

/// A value's comparable form as it is written in a filter.
pub fn written(attribute_type: AttributeType, form: &str) -> String {
    const SIGN: u64 = 1 << 63;
    match (attribute_type, u64::from_str_radix(form, 16)) {
        (AttributeType::Number, Ok(digits)) => {
            f64::from_bits(if digits & SIGN == 0 { !digits } else { digits & !SIGN }).to_string()
        }
        _ => form.to_owned(),
    }
}

#[cfg(test)]
mod tests;
