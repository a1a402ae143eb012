//! How much a caller sees of what belongs to a party (turvakielto, address protection).

use domain::register::PartyId;
use serde::Serialize;

use crate::etag::ETag;
use crate::problem::Problem;

/// What a caller sees of one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::routes) enum Visibility {
    /// Everything: the party is not protected.
    Open,
    /// Everything of a protected party; it is audited that this was shown.
    Disclosed,
    /// A protected party without its addresses, phones and residence.
    Redacted,
}

impl Visibility {
    /// What a caller who may or may not see protected parties sees of a party that is protected or not.
    pub(in crate::routes) fn of(party_protected: bool, sees_protected: bool) -> Self {
        match (party_protected, sees_protected) {
            (false, _) => Self::Open,
            (true, true) => Self::Disclosed,
            (true, false) => Self::Redacted,
        }
    }

    /// The tag of a row's representation.
    ///
    /// A redacted one is tagged by what it shows: a hash over the whole row would let hidden values be guessed and tried, and
    /// would tell that they have changed.
    ///
    /// # Errors
    /// 500 when the body is no JSON, which no body is.
    pub(super) fn etag(self, row_hash: &[u8], body: &impl Serialize) -> Result<ETag, Problem> {
        match self {
            Self::Open | Self::Disclosed => Ok(ETag::of_bytes(row_hash)),
            Self::Redacted => Ok(ETag::of_bytes(&serde_json::to_vec(body).map_err(Problem::internal)?)),
        }
    }
}

/// Those of these parties that are disclosed, each once, in the order of their ids.
pub(in crate::routes) fn disclosed(parties: impl IntoIterator<Item = (PartyId, Visibility)>) -> Vec<PartyId> {
    let is_disclosed = |(party_id, visibility)| (visibility == Visibility::Disclosed).then_some(party_id);
    let mut ids: Vec<PartyId> = parties.into_iter().filter_map(is_disclosed).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protected_parties_are_redacted_or_disclosed() {
        assert_eq!(Visibility::of(false, false), Visibility::Open);
        assert_eq!(Visibility::of(false, true), Visibility::Open);
        assert_eq!(Visibility::of(true, true), Visibility::Disclosed);
        assert_eq!(Visibility::of(true, false), Visibility::Redacted);
    }

    #[test]
    fn the_tag_of_a_redacted_row_depends_on_what_is_shown_alone() {
        let (before, after) = (b"lives here", b"moved away");
        let shown = ["name"];
        let tag = |visibility: Visibility, hash: &[u8]| visibility.etag(hash, &shown).unwrap();
        assert_eq!(tag(Visibility::Redacted, before), tag(Visibility::Redacted, after));
        assert_ne!(tag(Visibility::Disclosed, before), tag(Visibility::Disclosed, after));
        assert_ne!(tag(Visibility::Disclosed, before), tag(Visibility::Redacted, before));
    }

    #[test]
    fn a_party_disclosed_in_several_rows_is_named_once() {
        let rows = [
            (7, Visibility::Disclosed),
            (3, Visibility::Disclosed),
            (7, Visibility::Disclosed),
            (5, Visibility::Redacted),
            (4, Visibility::Open),
        ];
        assert_eq!(disclosed(rows), [3, 7]);
    }
}
