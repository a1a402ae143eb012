//! A contract as the API shows it.

use chrono::NaiveDate;
use domain::register::Contract;
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::register::visibility::Visibility;

/// A tenancy or another contract. Of a protected party, the property is null for callers without the scope `parties:protected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Contract)]
pub struct ContractResponse {
    /// The ERP's id.
    #[schema(example = 5001)]
    contract_id: i64,
    /// Whose contract it is.
    #[schema(example = 1042)]
    party_id: i64,
    /// What the contract is about; null where it is hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// The ERP's word for the kind of contract, for instance `tenancy`. Kinds are data.
    #[schema(example = "tenancy")]
    kind: String,
    /// The service language chosen with this contract (BCP 47).
    #[schema(required = true, example = "sv")]
    language: Option<String>,
    /// The first day of the contract; null: it has always been.
    #[schema(required = true, example = "2024-03-01")]
    valid_from: Option<NaiveDate>,
    /// The last day of the contract; null: no end is known.
    #[schema(required = true, example = json!(null))]
    valid_to: Option<NaiveDate>,
    /// Whether the contract takes part in the points programme.
    #[schema(example = false)]
    points_enrolled: bool,
    /// Since which day it does.
    #[schema(required = true, example = json!(null))]
    points_enrolled_on: Option<NaiveDate>,
}

impl ContractResponse {
    /// The contract as this caller sees it.
    pub(super) fn of(contract: Contract, visibility: Visibility) -> Self {
        let Contract {
            contract_id,
            party_id,
            property_id,
            kind,
            language,
            valid_from,
            valid_to,
            points_enrolled,
            points_enrolled_on,
        } = contract;
        let whole = Self {
            contract_id,
            party_id,
            property_id: Some(property_id),
            kind,
            language,
            valid_from,
            valid_to,
            points_enrolled,
            points_enrolled_on,
        };
        if visibility == Visibility::Redacted { whole.redacted() } else { whole }
    }

    /// Without what tells where the party lives.
    fn redacted(self) -> Self {
        Self { property_id: None, ..self }
    }
}

/// A page of contracts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractPage {
    /// The contracts, by their ids.
    pub(super) items: Vec<ContractResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_contract_tells_the_language_but_not_the_place() {
        let contract = Contract {
            contract_id: 5001,
            party_id: 1042,
            property_id: 310,
            kind: "tenancy".to_owned(),
            language: Some("sv".to_owned()),
            valid_from: None,
            valid_to: None,
            points_enrolled: false,
            points_enrolled_on: None,
        };
        let hidden = ContractResponse::of(contract.clone(), Visibility::Redacted);
        assert_eq!((hidden.property_id, hidden.language.as_deref()), (None, Some("sv")));
        for visibility in [Visibility::Open, Visibility::Disclosed] {
            assert_eq!(ContractResponse::of(contract.clone(), visibility).property_id, Some(310));
        }
    }
}
