//! Fields of a merge patch (RFC 7396), which may be left alone, removed or set.

use serde::{Deserialize, Deserializer};

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

#[cfg(test)]
mod tests {
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
}
