//! What a mailing reminds of: rows that were ticked in a list of what is due.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::occasion::OccasionKind;

/// The rows, by which the fields of their occasion get their values. They are looked up again whenever recipients are worked
/// out, so that nobody is reminded of what is done meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub occasion: OccasionKind,
    /// The ids of the key loans or move-in inspections.
    pub ids: Vec<Uuid>,
}
