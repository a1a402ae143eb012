//! Messages shown in portals (`internetviestit`): kept with every change, read by portals from a viewpoint, and by the tool as
//! they are.

mod audience;
mod changes;
mod portal;
mod reads;
mod stored;
mod tool;
mod write;

pub use audience::{Audience, Reading, UnitReading, audience, readers, units};
pub use changes::{Change, What, changes};
pub use portal::{
    Head, ListFilter, ServedBody, ServedLiite, Shown, Source, VersionHead, VersionText, body, chain, find_liite,
    find_shown, holds_property, list, texts, withdrawn_since,
};
pub use reads::{Unread, mark_read, unread};
pub use stored::{StoredInternetviesti, StoredLiite, find};
pub use tool::{ListedInternetviesti, ToolFilter, list as list_all};
pub use write::{Author, insert, replace, withdraw};

use crate::error::StoreError;
use domain::internetviesti::{InternetviestiId, State};

/// The state that a column holds.
fn state(word: &str, id: InternetviestiId) -> Result<State, StoreError> {
    State::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("internetviesti.state of {id}: {word}")))
}
