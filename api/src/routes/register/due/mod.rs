//! What the lists of key loans and of move-in inspections have in common.

mod drafting;
mod listing;
mod query;
mod reach;

pub use drafting::ReminderDraftRequest;
pub(super) use drafting::{Kind, draft_about};
pub(super) use listing::{Listed, Listing, list_due};
pub(super) use query::due_state;
pub use reach::ReminderReach;
