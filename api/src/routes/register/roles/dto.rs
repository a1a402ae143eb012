//! A role as the API shows it.

use chrono::NaiveDate;
use domain::register::Role;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::routes::register::visibility::Visibility;

/// A role assignment: a party has a role in a property for a time. Of a protected party, property and contract are null for
/// callers without the scope `parties:protected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleResponse {
    /// The role's id in this service; it stays the same from import to import.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    role_id: Uuid,
    /// The ERP's id of the role, if it gives one.
    #[schema(required = true, example = "R-20931")]
    erp_role_id: Option<String>,
    /// Whose role it is.
    #[schema(example = 1042)]
    party_id: i64,
    /// The property; null where it is hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// The role's code, for instance `resident`, `owner` or `board_member`. Codes are data.
    #[schema(example = "resident")]
    role: String,
    /// The first day of the role; null: it has always been.
    #[schema(required = true, example = "2024-03-01")]
    valid_from: Option<NaiveDate>,
    /// The last day of the role; null: no end is known.
    #[schema(required = true, example = json!(null))]
    valid_to: Option<NaiveDate>,
    /// The contract the role comes from; null where there is none or it is hidden.
    #[schema(required = true, example = 5001)]
    contract_id: Option<i64>,
}

impl RoleResponse {
    /// The role as this caller sees it.
    pub(super) fn of(role: Role, visibility: Visibility) -> Self {
        let Role { role_id, erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id } = role;
        let property_id = Some(property_id);
        let whole = Self { role_id, erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id };
        if visibility == Visibility::Redacted { whole.redacted() } else { whole }
    }

    /// The role's id in this service.
    pub(super) fn role_id(&self) -> Uuid {
        self.role_id
    }

    /// Without what tells where the party lives.
    fn redacted(self) -> Self {
        Self { property_id: None, contract_id: None, ..self }
    }
}

/// A page of roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolePage {
    /// The roles, in the order in which this service first met them.
    pub(super) items: Vec<RoleResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use domain::ids::new_id;

    use super::*;

    #[test]
    fn a_redacted_role_tells_the_code_but_not_the_place() {
        let role = Role {
            role_id: new_id(),
            erp_role_id: None,
            party_id: 1042,
            property_id: 310,
            role: "resident".to_owned(),
            valid_from: None,
            valid_to: None,
            contract_id: Some(5001),
        };
        let hidden = RoleResponse::of(role.clone(), Visibility::Redacted);
        assert_eq!((hidden.property_id, hidden.contract_id), (None, None));
        assert_eq!((hidden.party_id, hidden.role.as_str()), (1042, "resident"));
        for visibility in [Visibility::Open, Visibility::Disclosed] {
            let shown = RoleResponse::of(role.clone(), visibility);
            assert_eq!((shown.property_id, shown.contract_id), (Some(310), Some(5001)));
        }
    }
}
