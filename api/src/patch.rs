//! Merge patches (RFC 7396), whose fields may be left alone, removed or set.

use domain::invalid::FieldError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::extract::from_json;
use crate::problem::Problem;

/// What a PATCH says about one field. Needs `#[serde(default)]` on the field, and `#[schema(value_type = Option<T>)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field is not in the body: keep what is there.
    #[default]
    Absent,
    /// The field is null: remove what is there.
    Null,
    /// The field has a value: set it.
    Value(T),
}

impl<T> Patch<T> {
    /// Applies the patch to a field that may be empty.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }

    /// Applies the patch to a field that always has a value; null gives its default.
    pub fn apply_or(self, field: &mut T, default: T) {
        match self {
            Self::Absent => {}
            Self::Null => *field = default,
            Self::Value(value) => *field = value,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Reads a field that a patch may leave out, and may not remove: null is of the wrong type. Needs `#[serde(default)]` too.
///
/// # Errors
/// Whatever is no `T`.
pub fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Merges a patch into its target (RFC 7396, section 2).
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Merges a patch into its target, and reads what comes of it.
///
/// # Errors
/// 422 `validation_failed`. A required field that the patch takes away is missing then, and is told of as null.
pub fn merged<T: DeserializeOwned>(mut target: Value, patch: &Value) -> Result<T, Problem> {
    merge(&mut target, patch);
    from_json(&target).map_err(|problem| {
        let taken = |error: &FieldError| {
            error.code == "missing_field" && patch.pointer(&error.pointer).is_some_and(Value::is_null)
        };
        match problem.errors() {
            [error] if taken(error) => {
                let name = error.pointer.rsplit('/').next().unwrap_or_default();
                let message = format!("`{name}` cannot be null; leave it out to keep its value");
                Problem::from(FieldError::new(error.pointer.clone(), error.code, message))
            }
            _ => problem,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Change {
        #[serde(default)]
        name: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_told_apart() {
        for (body, wanted, after) in [
            ("{}", Patch::Absent, Some("old")),
            (r#"{"name": null}"#, Patch::Null, None),
            (r#"{"name": "new"}"#, Patch::Value("new".to_owned()), Some("new")),
        ] {
            let change: Change = serde_json::from_str(body).unwrap();
            assert_eq!(change.name, wanted);
            let mut field = Some("old".to_owned());
            change.name.apply(&mut field);
            assert_eq!(field.as_deref(), after);
        }
    }

    #[test]
    fn a_required_field_that_is_taken_away_is_told_of_as_null() {
        #[derive(Debug, Deserialize)]
        struct Named {
            name: String,
        }
        let told = |patch: Value, target: Value| {
            let problem = merged::<Named>(target, &patch).unwrap_err();
            let error = problem.errors()[0].clone();
            (error.pointer, error.code, error.message)
        };
        let fault = |message: &str| ("/name".to_owned(), "missing_field", message.to_owned());
        let null = fault("`name` cannot be null; leave it out to keep its value");
        assert_eq!(told(json!({"name": null}), json!({"name": "a"})), null);
        assert_eq!(told(json!({}), json!({})), fault("missing field `name`"));
        assert_eq!(merged::<Named>(json!({"name": "a"}), &json!({"name": "b"})).unwrap().name, "b");
    }

    #[test]
    fn the_examples_of_rfc_7396_hold() {
        for (original, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut target = original.clone();
            merge(&mut target, &patch);
            assert_eq!(target, result, "{original} {patch}");
        }
    }
}
