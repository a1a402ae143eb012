//! What portals read: messages that are shown now, from the viewpoint of a party, a property, or residents.

mod list;
mod one;
mod source;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use domain::internetviesti::{InternetviestiId, LiiteId};
use domain::register::{PartyId, PropertyId};
use uuid::Uuid;

use crate::fragment::Fragment;
use crate::types::UtcTime;

pub use list::{ListFilter, VersionText, chain, list, texts, withdrawn_since};
pub use one::{Shown, body, find_liite, find_shown};
pub use source::{Source, holds_property};

pub(super) use source::push_source;

/// A message as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub internetviesti_id: InternetviestiId,
    pub version: i64,
    /// When it came into view.
    pub shown_at: DateTime<Utc>,
    pub valid_from: Option<DateTime<Utc>>,
    pub valid_to: Option<DateTime<Utc>>,
    pub important: bool,
    pub created_by: String,
    pub corrects: Option<InternetviestiId>,
    /// The party it is addressed to, of those it is looked at for.
    pub party_id: Option<PartyId>,
    /// The property it is addressed to, when it is looked at as a bulletin.
    pub property_id: Option<PropertyId>,
    /// Whether it comes from above the property it is looked at from.
    pub inherited: bool,
    /// Whether the party of the list has read it; `None` of no party.
    pub read: Option<bool>,
    /// The message that corrects it, if one is shown; in lists only.
    pub corrected_by: Option<InternetviestiId>,
    /// In the order of the message.
    pub versions: Vec<VersionHead>,
}

/// What lists show of a language version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionHead {
    pub language: String,
    pub title: String,
    /// How many attachments go with it.
    pub attachments: i64,
}

/// What a message says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedBody {
    pub html: String,
    pub text: String,
    pub liitteet: Vec<ServedLiite>,
}

/// An attachment as portals get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedLiite {
    pub liite_id: LiiteId,
    pub internetviesti_id: InternetviestiId,
    pub attachment_id: Uuid,
    pub file_name: String,
    pub content_type: String,
    pub size: u64,
    pub sha256: String,
}

/// The columns of a head, over `internetviesti i` and a source `s`.
const COLUMNS: &str =
    "i.internetviesti_id, i.version, i.shown_at, i.valid_from, i.valid_to, i.important, i.created_by, i.corrects";

#[derive(QueryableByName)]
struct HeadRow {
    #[diesel(sql_type = BigInt)]
    internetviesti_id: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamp)]
    shown_at: UtcTime,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_from: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    valid_to: Option<UtcTime>,
    #[diesel(sql_type = Bool)]
    important: bool,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    corrects: Option<i64>,
}

impl HeadRow {
    /// The head from no viewpoint, and yet without versions.
    fn into_head(self) -> Head {
        Head {
            internetviesti_id: self.internetviesti_id,
            version: self.version,
            shown_at: self.shown_at.into(),
            valid_from: self.valid_from.map(Into::into),
            valid_to: self.valid_to.map(Into::into),
            important: self.important,
            created_by: self.created_by,
            corrects: self.corrects,
            party_id: None,
            property_id: None,
            inherited: false,
            read: None,
            corrected_by: None,
            versions: Vec::new(),
        }
    }
}

/// `internetviesti i` is shown at `now`.
pub(super) fn push_is_shown(sql: &mut Fragment, now: DateTime<Utc>) {
    sql.sql("i.state = 'julkaistu' AND i.shown_at <= ").bind(now);
    sql.sql(" AND (i.valid_to IS NULL OR i.valid_to > ").bind(now).sql(")");
}
