//! A conflict as the API shows it.

use chrono::{DateTime, Utc};
use domain::register::local::{Conflict, LocalValue, RegisterKind};
use persistence::local_values::StoredConflict;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::routes::register::visibility::Visibility;

/// What a protected party's fields must not show: the same as in the party itself.
const HIDDEN: [&str; 6] = ["phone", "street", "postal_code", "city", "country", "attributes"];

/// A value that was set here, until the ERP's own value changed and took its place. Values are texts; those of other types are
/// written as JSON.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct RegisterConflict {
    /// The conflict's id.
    conflict_id: Uuid,
    /// `party`, `property`, `contract`, `role`, `key_loan` or `move_in_inspection`. New values may appear.
    #[schema(example = "party")]
    kind: String,
    /// The id of the party, property or contract; null for other kinds.
    #[schema(required = true, example = 1042)]
    id: Option<i64>,
    /// The id of the role in this service; null for other kinds, and for a role that is gone.
    #[schema(required = true, example = json!(null))]
    role_id: Option<Uuid>,
    /// The id of the key loan or move-in inspection in this service; null for other kinds, and for one that is gone.
    #[schema(required = true, example = json!(null))]
    item_id: Option<Uuid>,
    /// Whose row it is; null for a property.
    #[schema(required = true, example = 1042)]
    party_id: Option<i64>,
    /// The field, or `attributes.NAME` for one of the customer's own fields.
    #[schema(example = "email")]
    field: String,
    /// Whether the values are hidden, for they tell where a protected party is.
    #[schema(example = false)]
    hidden: bool,
    /// The ERP's value when the other was set here.
    #[schema(required = true, example = "matti@old.example")]
    erp_before: Option<String>,
    /// The value set here, which holds no more.
    #[schema(required = true, example = "matti@example.fi")]
    local_value: Option<String>,
    /// The ERP's new value, which holds.
    #[schema(required = true, example = "matti@new.example")]
    erp_now: Option<String>,
    /// When the ERP's new value came.
    detected_at: DateTime<Utc>,
    /// The import that brought it; null for a PUT and for `postitus import`.
    #[schema(required = true, example = json!(null))]
    operation_id: Option<Uuid>,
}

impl RegisterConflict {
    /// The conflict as this caller sees it.
    pub(super) fn of(stored: StoredConflict, visibility: Visibility) -> Self {
        let StoredConflict {
            conflict_id,
            kind,
            id,
            role_id,
            item_id,
            party_id,
            conflict,
            detected_at,
            operation_id,
            ..
        } = stored;
        let Conflict { local: LocalValue { field, erp, local }, erp_now } = conflict;
        let hidden = visibility == Visibility::Redacted && tells_where(kind, &field);
        let shown = |value| if hidden { None } else { text(value) };
        Self {
            conflict_id,
            kind: kind.as_str().to_owned(),
            id,
            role_id,
            item_id,
            party_id,
            field,
            hidden,
            erp_before: shown(erp),
            local_value: shown(local),
            erp_now: shown(erp_now),
            detected_at,
            operation_id,
        }
    }
}

fn tells_where(kind: RegisterKind, field: &str) -> bool {
    match kind {
        RegisterKind::Party => HIDDEN.contains(&field.split('.').next().unwrap_or_default()),
        RegisterKind::KeyLoan | RegisterKind::MoveInInspection => matches!(field, "key_code" | "description" | "link"),
        RegisterKind::Property | RegisterKind::Contract | RegisterKind::Role => false,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A page of conflicts.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterConflictPage {
    /// The conflicts, newest first.
    pub(super) items: Vec<RegisterConflict>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use domain::ids::new_id;
    use serde_json::json;

    use super::*;

    fn conflict(field: &str, visibility: Visibility) -> RegisterConflict {
        let local = LocalValue { field: field.to_owned(), erp: json!("a"), local: json!(true) };
        let stored = StoredConflict {
            conflict_id: new_id(),
            kind: RegisterKind::Party,
            id: Some(1),
            role_id: None,
            item_id: None,
            party_id: Some(1),
            party_protected: visibility != Visibility::Open,
            conflict: Conflict { local, erp_now: Value::Null },
            detected_at: DateTime::UNIX_EPOCH,
            operation_id: None,
        };
        RegisterConflict::of(stored, visibility)
    }

    #[test]
    fn where_a_protected_party_is_is_hidden_and_the_rest_is_not() {
        for (field, visibility, hidden) in [
            ("street", Visibility::Redacted, true),
            ("attributes.door", Visibility::Redacted, true),
            ("email", Visibility::Redacted, false),
            ("street", Visibility::Disclosed, false),
            ("street", Visibility::Open, false),
        ] {
            let shown = conflict(field, visibility);
            assert_eq!((shown.hidden, shown.erp_before.is_none()), (hidden, hidden), "{field}");
            assert_eq!(shown.local_value.as_deref(), if hidden { None } else { Some("true") });
        }
    }
}
