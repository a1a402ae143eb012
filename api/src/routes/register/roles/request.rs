//! A role as the ERP gives it, and what of it may be set here.

use domain::invalid::FieldError;
use domain::register::{PartyId, Role};
use persistence::register::Upserted;
use persistence::roles::{self, StoredRole};
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::RoleResponse;
use crate::extract::day_or_null;
use crate::problem::Problem;
use crate::register_import::read_json;
use crate::routes::register::references::check_role;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A role as the ERP has it. The fields and their rules are those of the columns of `roles.csv`; what is left out or null is
/// empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutRoleRequest)]
pub struct RoleRequest {
    /// Whose role it is.
    #[schema(example = 1042, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    party_id: i64,
    /// The property.
    #[schema(example = 310, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    property_id: i64,
    /// The role's code, in lower case, for instance `resident`, `owner` or `board_member`.
    #[schema(example = "resident", max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    role: String,
    /// The first day of the role; null: it has always been.
    #[serde(default, deserialize_with = "day_or_null")]
    #[schema(format = Date, example = "2024-03-01")]
    valid_from: Option<String>,
    /// The last day of the role; null: no end is known.
    #[serde(default, deserialize_with = "day_or_null")]
    #[schema(format = Date, example = json!(null))]
    valid_to: Option<String>,
    /// The contract the role comes from.
    #[schema(example = 5001, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    contract_id: Option<i64>,
}

/// The fields of a role to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"valid_to": "2026-12-31"}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the role's JSON")]
pub struct RolePatch {
    /// As in PUT; only of a role with an `erp_role_id`.
    #[schema(nullable = false, example = "resident")]
    role: Option<String>,
    /// As in PUT; only of a role with an `erp_role_id`.
    #[schema(format = Date)]
    valid_from: Option<String>,
    /// As in PUT.
    #[schema(format = Date)]
    valid_to: Option<String>,
}

impl Stored for StoredRole {
    type Row = Role;
    type Request = RoleRequest;
    type Body = RoleResponse;
    const IDENTITY: &'static [&'static str] = &["role_id", "erp_role_id"];

    fn row(&self) -> &Role {
        &self.role
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        Some((self.role.party_id, self.party_protected))
    }

    fn body(&self, visibility: Visibility) -> RoleResponse {
        RoleResponse::of(self.role.clone(), visibility)
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<Role>, FieldError> {
        read_json(fields)
    }

    fn identified(row: Role, before: &Role) -> Role {
        Role { role_id: before.role_id, ..row }
    }

    fn find_again(reader: &mut Reader<'_>, row: &Role) -> StoreResult<Option<Self>> {
        roles::find_by_key(reader, &row.key())
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<Role>) -> StoreResult<Upserted> {
        roles::upsert(writer, rows)
    }

    fn check(writer: &mut Writer<'_>, _: Option<&Self>, row: &Role, _: bool) -> Result<(), Problem> {
        check_role(writer, row)
    }
}
