//! JSON into types: a struct is read from an object and never from an array, and `4.0` is the integer that JSON Schema says
//! it is.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Number, Value};

use super::json_fault;

/// Reads types from a JSON value.
#[derive(Clone, Copy)]
pub(super) struct Strict<'de>(pub(super) &'de Value);

impl<'de> IntoDeserializer<'de, Error> for Strict<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match integer(number) {
                Some(integer) => visitor.visit_i64(integer),
                None => number.deserialize_any(visitor),
            },
            Value::String(text) => visitor.visit_borrowed_str(text).map_err(|error: Error| {
                // Here, for the fault itself does not say what was given.
                json_fault::of_text(&error.to_string(), text).map_or(error, Error::custom)
            }),
            Value::Array(items) => {
                let mut access = SeqDeserializer::new(items.iter().map(Strict));
                let read = visitor.visit_seq(&mut access)?;
                access.end()?;
                Ok(read)
            }
            Value::Object(fields) => {
                let mut access = MapDeserializer::new(fields.iter().map(|(key, value)| (key.as_str(), Strict(value))));
                let read = visitor.visit_map(&mut access)?;
                access.end()?;
                Ok(read)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_array() {
            return Err(Error::invalid_type(Unexpected::Seq, &"an object"));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // A map reads null as an empty one.
        if self.0.is_null() {
            return Err(Error::invalid_type(Unexpected::Unit, &"an object"));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct identifier ignored_any
    }
}

/// The integer that a number with a fraction of zero stands for.
fn integer(number: &Number) -> Option<i64> {
    if !number.is_f64() {
        return None;
    }
    // Exact for every number that JSON of other languages can carry without loss.
    let text = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0)?;
    format!("{text:.0}").parse().ok()
}
