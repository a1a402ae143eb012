//! What the lists of key loans and of move-in inspections have in common.

mod listing;
mod query;
mod reach;

pub(super) use listing::{Listed, Listing, list_due};
pub(super) use query::due_state;
pub use reach::ChannelReach;
