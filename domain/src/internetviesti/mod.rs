//! Messages shown in portals (seed 000, RULES 8): addressed to parties, or as bulletins to properties. `internetviesti` is the
//! word that portals know; what belongs to it has English names here.

mod check;
mod language;
mod served;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::invalid::{Checked, FieldError};
use crate::register::{PartyId, PropertyId};

pub use check::check;
pub use language::{Wish, choose};
pub use served::{TooLarge, served};

/// Ours; at most 2^53 − 1, as portals hold integers.
pub type InternetviestiId = i64;
/// The id of an attachment of a message.
pub type LiiteId = i64;

/// Where a message is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Being written: for the tool only.
    #[serde(rename = "luonnos")]
    Draft,
    /// Shown while it is valid.
    #[serde(rename = "julkaistu")]
    Published,
    /// Taken back; it does not come again.
    #[serde(rename = "poistettu")]
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Withdrawn];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "luonnos",
            Self::Published => "julkaistu",
            Self::Withdrawn => "poistettu",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageFormat {
    #[serde(rename = "teksti")]
    Text,
    #[serde(rename = "markdown")]
    Markdown,
    #[serde(rename = "html")]
    Html,
}

impl MessageFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Text, Self::Markdown, Self::Html];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "teksti",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// A language version as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// BCP 47.
    pub language: String,
    pub title: String,
    pub message: String,
    pub format: MessageFormat,
    /// What goes with this version, in order; beside it goes what goes with all.
    pub attachment_ids: Vec<Uuid>,
}

/// All of a message that its author decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Internetviesti {
    pub party_ids: Vec<PartyId>,
    pub property_ids: Vec<PropertyId>,
    /// As a bulletin, shown also to what is below its properties.
    pub reaches_down: bool,
    /// As a bulletin, shown only to those with one of these roles; to all when there are none.
    pub roles: Vec<String>,
    /// The first is the one served where nothing tells which.
    pub versions: Vec<Written>,
    /// What goes with every version, in order.
    pub attachment_ids: Vec<Uuid>,
    /// Not shown before; without it shown at once.
    pub valid_from: Option<DateTime<Utc>>,
    /// Not shown from then on.
    pub valid_to: Option<DateTime<Utc>>,
    pub important: bool,
    /// The earlier message that this one corrects or follows up.
    pub corrects: Option<InternetviestiId>,
}

impl Internetviesti {
    /// Every attachment it names, each once, in the order of first mention.
    pub fn attachments(&self) -> Vec<Uuid> {
        let mut seen = HashSet::new();
        let all = self.attachment_ids.iter().chain(self.versions.iter().flat_map(|version| &version.attachment_ids));
        all.copied().filter(|id| seen.insert(*id)).collect()
    }

    /// When a message that is published at `published_at` comes into view: lists are in this order, newest first.
    pub fn shown_at(&self, published_at: DateTime<Utc>) -> DateTime<Utc> {
        self.valid_from.map_or(published_at, |from| from.max(published_at))
    }

    /// Adds the audience of the message it corrects: those who had the first are the audience of the next.
    ///
    /// # Errors
    /// Where both are bulletins: the roles and the reach are of all properties, and differ. Taking either for both would leave out
    /// somebody who had the first, or tell somebody who is not meant.
    pub fn inherit_audience(&mut self, earlier: &Self) -> Checked<()> {
        fn join(own: &mut Vec<i64>, earlier: &[i64]) {
            let known: HashSet<i64> = own.iter().copied().collect();
            own.extend(earlier.iter().filter(|target| !known.contains(target)));
        }
        join(&mut self.party_ids, &earlier.party_ids);
        if earlier.property_ids.is_empty() {
            return Ok(());
        }
        if self.property_ids.is_empty() {
            self.roles.clone_from(&earlier.roles);
            self.reaches_down = earlier.reaches_down;
        }
        let roles = |message: &Self| message.roles.iter().cloned().collect::<BTreeSet<_>>();
        let differs =
            [("/roolit", roles(self) != roles(earlier)), ("/ulottuu_alas", self.reaches_down != earlier.reaches_down)];
        let told = "Give the same as the message it corrects, or leave kohde_idt out to have all of its audience.";
        let error = |(pointer, _)| FieldError::new(pointer, "differs_from_corrected", told);
        let errors: Vec<FieldError> = differs.into_iter().filter(|(_, differs)| *differs).map(error).collect();
        join(&mut self.property_ids, &earlier.property_ids);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests;
