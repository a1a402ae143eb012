//! The two kinds and the columns they share.

use chrono::{DateTime, Utc};
use domain::due::{KeyLoan, MoveInInspection};
use domain::register::{PartyId, PropertyId};
use uuid::Uuid;

use crate::error::{StoreError, StoreResult};
use crate::local_values::RegisterRow;

/// A kind of row of the table: something that is due.
pub trait DueItem: RegisterRow {
    /// The row in the words of the table.
    fn into_columns(self) -> ItemColumns;

    /// The row that the table holds.
    ///
    /// # Errors
    /// When a column is empty that the kind needs.
    fn from_columns(columns: ItemColumns) -> StoreResult<Self>;

    /// The same row under another id of ours.
    #[must_use]
    fn with_id(self, id: Uuid) -> Self;

    /// The same row, done at `at` unless it was done before.
    #[must_use]
    fn done(self, at: DateTime<Utc>) -> Self;
}

/// What the table holds of a row.
#[derive(Debug, Clone)]
pub struct ItemColumns {
    pub item_id: Uuid,
    pub erp_id: Option<String>,
    pub party_id: PartyId,
    pub property_id: Option<PropertyId>,
    pub title: Option<String>,
    pub details: Option<String>,
    pub begun_at: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

impl DueItem for KeyLoan {
    fn into_columns(self) -> ItemColumns {
        let Self { loan_id, erp_loan_id, party_id, property_id, key_code, description, lent_at, due_at, returned_at } =
            self;
        ItemColumns {
            item_id: loan_id,
            erp_id: erp_loan_id,
            party_id,
            property_id,
            title: Some(key_code),
            details: description,
            begun_at: lent_at,
            due_at,
            done_at: returned_at,
        }
    }

    fn from_columns(columns: ItemColumns) -> StoreResult<Self> {
        let ItemColumns { item_id, erp_id, party_id, property_id, title, details, begun_at, due_at, done_at } = columns;
        Ok(Self {
            loan_id: item_id,
            erp_loan_id: erp_id,
            party_id,
            property_id,
            key_code: title.ok_or_else(|| StoreError::Inconsistent(format!("due_item {item_id} has no title")))?,
            description: details,
            lent_at: begun_at,
            due_at,
            returned_at: done_at,
        })
    }

    fn with_id(self, loan_id: Uuid) -> Self {
        Self { loan_id, ..self }
    }

    fn done(self, at: DateTime<Utc>) -> Self {
        // What is to be lent later cannot be back before.
        let at = self.lent_at.map_or(at, |lent_at| lent_at.max(at));
        Self { returned_at: self.returned_at.or(Some(at)), ..self }
    }
}

impl DueItem for MoveInInspection {
    fn into_columns(self) -> ItemColumns {
        let Self { inspection_id, erp_inspection_id, party_id, property_id, deadline, answered_at, link } = self;
        ItemColumns {
            item_id: inspection_id,
            erp_id: erp_inspection_id,
            party_id,
            property_id: Some(property_id),
            title: None,
            details: link,
            begun_at: None,
            due_at: deadline,
            done_at: answered_at,
        }
    }

    fn from_columns(columns: ItemColumns) -> StoreResult<Self> {
        let ItemColumns { item_id, erp_id, party_id, property_id, title: _, details, begun_at: _, due_at, done_at } =
            columns;
        let no_property = || StoreError::Inconsistent(format!("due_item {item_id} has no property"));
        Ok(Self {
            inspection_id: item_id,
            erp_inspection_id: erp_id,
            party_id,
            property_id: property_id.ok_or_else(no_property)?,
            deadline: due_at,
            answered_at: done_at,
            link: details,
        })
    }

    fn with_id(self, inspection_id: Uuid) -> Self {
        Self { inspection_id, ..self }
    }

    fn done(self, at: DateTime<Utc>) -> Self {
        Self { answered_at: self.answered_at.or(Some(at)), ..self }
    }
}
