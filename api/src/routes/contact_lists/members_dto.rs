//! Who is on a contact list, and who of them can be reached, in JSON.

use domain::eligibility::{Channel, Purpose, exclusion};
use domain::service_language::LanguageSource;
use persistence::recipient_query::{FactsCount, RecipientRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::routes::recipients::counting::counts_for;
use crate::routes::recipients::search_dto::{LanguageCount, ReasonCount};

/// Parties to put on a list, or to take off it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"party_ids": [1042, 1043]}))]
pub struct ContactListParties {
    /// The parties; in any order, 1 to 10,000 of them.
    #[schema(min_items = 1, max_items = 10_000, example = json!([1042, 1043]))]
    pub(super) party_ids: Vec<i64>,
}

/// What became of parties that were to be put on a list. The three counts add up to the number of different parties named.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedMembers {
    /// Those who are on it now and were not before.
    #[schema(example = 2)]
    pub(super) added: i64,
    /// Those who were on it already.
    #[schema(example = 0)]
    pub(super) already: i64,
    /// Those of whom the register knows nothing.
    #[schema(example = 0)]
    pub(super) unknown: i64,
    /// The first hundred of the unknown.
    #[schema(example = json!([]))]
    pub(super) unknown_party_ids: Vec<i64>,
}

/// What became of parties that were to be taken off a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedMembers {
    /// Those who were on it.
    #[schema(example = 2)]
    pub(super) removed: i64,
    /// Those who were not.
    #[schema(example = 0)]
    pub(super) not_on_it: i64,
}

/// Someone on a contact list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactListMember {
    /// Null for a protected party, unless the token has the scope `parties:protected`; so are `kind` and `name`.
    #[schema(required = true, example = 1042)]
    party_id: Option<i64>,
    /// Whether the party's address is protected.
    protected: bool,
    /// `person` or `company`.
    #[schema(required = true, example = "person")]
    kind: Option<String>,
    /// The name; see `party_id`.
    #[schema(required = true, example = "Virtanen Matti")]
    name: Option<String>,
    /// The language the party is served in (BCP 47).
    #[schema(example = "fi")]
    service_language: String,
    /// Where the language comes from: `party`, `contract` or `assumed`.
    #[schema(example = "contract")]
    language_source: String,
    /// Whether no language is known of the party.
    language_assumed: bool,
    /// Whether the party can be reached, channel by channel.
    channels: Vec<MemberChannel>,
}

/// Whether a member can be reached by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberChannel {
    /// The channel.
    #[schema(example = "email")]
    channel: String,
    /// Whether it reaches the member.
    reachable: bool,
    /// Why not: for instance `no_email`, `archived`, `deceased`.
    #[schema(required = true, example = json!(null))]
    reason: Option<String>,
}

impl ContactListMember {
    /// A row as the caller may see it: of a protected party only that it is there.
    pub(super) fn new(row: RecipientRow, purpose: Purpose, see_protected: bool) -> Self {
        let shown = see_protected || !row.facts.address_protected;
        let channels = Channel::ALL.map(|channel| {
            let reason = exclusion(channel, purpose, &row.facts).map(|reason| reason.code().into_owned());
            MemberChannel { channel: channel.as_str().to_owned(), reachable: reason.is_none(), reason }
        });
        Self {
            party_id: shown.then_some(row.party_id),
            protected: row.facts.address_protected,
            kind: shown.then_some(row.kind),
            name: shown.then_some(row.name),
            language_source: row.language.source.as_str().to_owned(),
            language_assumed: row.language.source == LanguageSource::Assumed,
            service_language: row.language.language,
            channels: channels.into(),
        }
    }
}

/// A page of those on a contact list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactListMemberPage {
    /// In Finnish order of their names, then by id.
    pub(super) items: Vec<ContactListMember>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

/// How many of those on a contact list can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactListReach {
    /// Why they would be written to: marketing needs a permission.
    #[schema(example = "information")]
    purpose: String,
    /// All on the list, those included who are archived or have died.
    #[schema(example = 42)]
    members: i64,
    /// Those whose address is protected.
    #[schema(example = 1)]
    protected: i64,
    /// Those whom no channel of this deployment reaches.
    #[schema(example = 2)]
    unreachable: i64,
    /// Channel by channel.
    channels: Vec<ChannelReach>,
}

/// How many a channel reaches. `reachable` and the counts of `excluded` add up to all on the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelReach {
    /// The channel.
    #[schema(example = "email")]
    channel: String,
    /// Whether this deployment offers it.
    enabled: bool,
    /// Those whom it reaches.
    #[schema(example = 39)]
    reachable: i64,
    /// Those whom it does not, by the first reason of each.
    excluded: Vec<ReasonCount>,
    /// Those whom it reaches, by service language.
    by_language: Vec<LanguageCount>,
}

impl ContactListReach {
    pub(super) fn new(purpose: Purpose, counted: &[FactsCount]) -> Self {
        let unreached = |row: &&FactsCount| {
            Channel::ENABLED.into_iter().all(|channel| exclusion(channel, purpose, &row.facts).is_some())
        };
        let sum = |rows: &mut dyn Iterator<Item = &FactsCount>| rows.map(|row| row.count).sum();
        let channels = Channel::ALL.map(|channel| {
            let counts = counts_for(channel, purpose, counted);
            ChannelReach {
                channel: channel.as_str().to_owned(),
                enabled: channel.is_enabled(),
                reachable: counts.eligible,
                excluded: counts.excluded,
                by_language: counts.by_language,
            }
        });
        Self {
            purpose: purpose.as_str().to_owned(),
            members: sum(&mut counted.iter()),
            protected: sum(&mut counted.iter().filter(|row| row.facts.address_protected)),
            unreachable: sum(&mut counted.iter().filter(unreached)),
            channels: channels.into(),
        }
    }
}
