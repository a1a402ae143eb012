//! The recipient query on the database: [`compile`] turns a checked condition into SQL, [`search`] runs it.
//!
//! What a condition means is said in `domain::recipient_query` and RULES 1; here is only how both databases are asked.

mod assignments;
mod attributes;
mod choices;
mod compile;
mod contracts;
mod coverage;
mod explain;
mod party_fields;
mod person;
mod search;
mod service_language;

pub(crate) use assignments::{push_valid_on, push_word_range};
pub use choices::{RoleCount, roles_in_use, values};
pub(crate) use compile::{many, text_condition};
pub use coverage::{Audience, Coverage, LeftOut, UncoveredUnit, UnitCounts, left_out, uncovered, unit_counts};
pub use explain::{Explained, Truth, anyone, explain, truths};
pub use person::person;
pub use search::{FactsCount, RecipientRow, RecipientSearch, count, details, matching_ids, page_ids};
pub use service_language::of_party as service_language;
