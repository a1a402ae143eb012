//! What a question for coverage asks and answers, in JSON.

use persistence::recipient_query::{LeftOut, UncoveredUnit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter::RecipientFilter;
use crate::extract::not_null;

/// Which units, and which audience: a filter with channel and purpose, or a mailing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "property_ids": [1001],
    "channel": "email",
    "purpose": "service",
    "filter": {"role": {"codes": ["resident"]}}
}))]
pub struct SearchCoverageRequest {
    /// The units are among these properties and everything below them; 1 to 1,000.
    #[schema(min_items = 1, max_items = 1000, example = json!([1001]))]
    pub(super) property_ids: Vec<i64>,
    /// The kinds of property that count as units; at most 20. By default `unit` alone.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_items = 1, max_items = 20, example = json!(["unit"]))]
    pub(super) unit_kinds: Option<Vec<String>>,
    /// Who is meant. Takes `channel` and `purpose` with it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub(super) filter: Option<RecipientFilter>,
    /// With `filter`: the channel they are to be reached by, `email` or `internetviesti`.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "email")]
    pub(super) channel: Option<String>,
    /// With `filter`: why they are written to.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "service")]
    pub(super) purpose: Option<String>,
    /// The recipients of this mailing instead: of a draft as they are now, by its channels and purpose; of one that was sent as
    /// they were frozen. The token needs the scope `mailings:read` too.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub(super) mailing_id: Option<Uuid>,
    /// How many units a page has, 1 to 200. By default 50.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, minimum = 1, maximum = 200, example = 50)]
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before, with everything else unchanged.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub(super) cursor: Option<String>,
}

/// A page of the units with nobody in the audience, and the totals of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientCoveragePage {
    /// In Finnish order of their names, then by id.
    pub(super) items: Vec<UncoveredUnitItem>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
    pub(super) totals: CoverageTotals,
}

/// A unit with nobody in the audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct UncoveredUnitItem {
    /// The unit.
    #[schema(example = 1011)]
    property_id: i64,
    /// Its kind.
    #[schema(example = "unit")]
    kind: String,
    /// Its code.
    #[schema(required = true, example = "A 2")]
    code: Option<String>,
    /// Its name.
    #[schema(example = "Asunto A 2")]
    name: String,
    /// Whether nobody has a role in it, or below it, today.
    vacant: bool,
    /// Who was left out there, by role.
    left_out: Vec<LeftOutRole>,
}

/// How many with a role were left out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeftOutRole {
    /// The role code.
    #[schema(example = "resident")]
    role: String,
    /// How many people have it; archived and deceased ones do not count.
    #[schema(example = 2)]
    people: i64,
    /// How many of them are meant, and cannot be sent such a message: the others are not meant at all.
    #[schema(example = 1)]
    unreachable: i64,
}

/// How many units there are. `covered` and `uncovered` add up to `units`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageTotals {
    /// All of them.
    #[schema(example = 48)]
    pub(super) units: i64,
    /// Those with somebody in the audience.
    #[schema(example = 45)]
    pub(super) covered: i64,
    /// Those with nobody.
    #[schema(example = 3)]
    pub(super) uncovered: i64,
    /// Those of them in which nobody has a role today.
    #[schema(example = 1)]
    pub(super) vacant: i64,
    /// Who was left out in the uncovered ones, by role; each person once.
    pub(super) left_out: Vec<LeftOutRole>,
}

impl UncoveredUnitItem {
    pub(super) fn new(unit: UncoveredUnit, left_out: &[LeftOut]) -> Self {
        let UncoveredUnit { property_id, kind, code, name, sort_key: _ } = unit;
        let of_unit = left_out.iter().filter(|row| row.unit_id == property_id).cloned();
        let left_out: Vec<LeftOutRole> = of_unit.map(LeftOutRole::from).collect();
        Self { property_id, kind, code, name, vacant: left_out.is_empty(), left_out }
    }
}

impl From<LeftOut> for LeftOutRole {
    fn from(row: LeftOut) -> Self {
        let LeftOut { unit_id: _, role, people, unreached } = row;
        Self { role, people, unreachable: unreached }
    }
}
