//! The resolved recipients of a mailing as a set: its hash, by which an approval names it, and what has changed between two
//! of them (RULES 5).

use sha2::{Digest, Sha256};

use crate::mailing::resolve::ResolvedRow;
use crate::register::PartyId;

const DIGEST: usize = 16;
const ENTRY: usize = 8 + DIGEST;

/// In the place of a party's id: the extra addresses, all of them together.
pub const NO_PARTY: PartyId = 0;

/// The recipients as resolved at one moment. Two sets are equal when the same people get the same messages at the same
/// addresses, and the same are left out for the same reasons; the order does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientSet {
    entries: Vec<(PartyId, [u8; DIGEST])>,
    sorted: bool,
}

/// What differs between an approved set and the present one. Each list is in order of the ids; [`NO_PARTY`] stands for extra
/// addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientChanges {
    pub added: Vec<PartyId>,
    pub removed: Vec<PartyId>,
    /// Still there, but with another address, language, merge value or reason.
    pub changed: Vec<PartyId>,
}

impl RecipientSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a row in.
    pub fn add(&mut self, row: &ResolvedRow) {
        let ResolvedRow {
            party_id,
            name,
            addressed_as,
            channel,
            address,
            language,
            version,
            merge_values,
            reason,
            shared_with,
            together,
        } = row;
        let mut hasher = Sha256::new();
        let mut text = |text: Option<&str>| {
            // Length-prefixed, so that no two different rows read alike.
            match text {
                None => hasher.update([0]),
                Some(text) => {
                    hasher.update([1]);
                    hasher.update(text.len().to_be_bytes());
                    hasher.update(text);
                }
            }
        };
        text(Some(channel.as_str()));
        text(address.as_deref());
        text(Some(language));
        text(version.map(|index| index.to_string()).as_deref());
        text(reason.as_ref().map(|reason| reason.code()).as_deref());
        text(shared_with.map(|_| "shared"));
        text(Some(addressed_as.as_str()));
        text(name.as_deref());
        text(together.then_some("together"));
        for (name, value) in merge_values.iter() {
            text(Some(name));
            text(Some(value));
        }
        let mut digest = [0; DIGEST];
        for (to, from) in digest.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        self.entries.push((party_id.unwrap_or(NO_PARTY), digest));
        self.sorted = false;
    }

    /// SHA-256 over the whole set, as hex.
    pub fn hash(&mut self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"postitus recipients 1\n");
        for (party_id, digest) in self.sorted() {
            hasher.update(party_id.to_be_bytes());
            hasher.update(digest);
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The form in which a preview's set is kept: 24 bytes a row.
    pub fn to_bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.entries.len() * ENTRY);
        for (party_id, digest) in self.sorted() {
            bytes.extend(party_id.to_be_bytes());
            bytes.extend(digest);
        }
        bytes
    }

    /// Reads [`RecipientSet::to_bytes`]; `None` if it is not that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if !bytes.len().is_multiple_of(ENTRY) {
            return None;
        }
        let entries = bytes
            .chunks_exact(ENTRY)
            .map(|entry| {
                let (id, digest) = entry.split_first_chunk::<8>()?;
                Some((PartyId::from_be_bytes(*id), digest.try_into().ok()?))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { entries, sorted: true })
    }

    /// What has to happen to this set to become `now`.
    pub fn changes_to(&mut self, now: &mut Self) -> RecipientChanges {
        let mut changes = RecipientChanges::default();
        let mut before = by_party(self.sorted()).peekable();
        let mut after = by_party(now.sorted()).peekable();
        loop {
            match (before.peek(), after.peek()) {
                (None, None) => return changes,
                (Some((id, _)), None) => {
                    changes.removed.push(*id);
                    before.next();
                }
                (None, Some((id, _))) => {
                    changes.added.push(*id);
                    after.next();
                }
                (Some((old, _)), Some((new, _))) if old < new => {
                    changes.removed.push(*old);
                    before.next();
                }
                (Some((old, _)), Some((new, _))) if old > new => {
                    changes.added.push(*new);
                    after.next();
                }
                (Some((id, old)), Some((_, new))) => {
                    if old != new {
                        changes.changed.push(*id);
                    }
                    before.next();
                    after.next();
                }
            }
        }
    }

    fn sorted(&mut self) -> &[(PartyId, [u8; DIGEST])] {
        if !self.sorted {
            self.entries.sort_unstable();
            self.sorted = true;
        }
        &self.entries
    }
}

/// The rows of each party together: a party has one for every channel.
fn by_party(entries: &[(PartyId, [u8; DIGEST])]) -> impl Iterator<Item = (PartyId, &[(PartyId, [u8; DIGEST])])> {
    entries.chunk_by(|(one, _), (other, _)| one == other).filter_map(|rows| Some((rows.first()?.0, rows)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::MergeValues;
    use crate::eligibility::{Channel, Reason};
    use crate::mailing::AddressedAs;

    fn row(party_id: PartyId) -> ResolvedRow {
        ResolvedRow {
            party_id: Some(party_id),
            name: None,
            addressed_as: AddressedAs::To,
            channel: Channel::Email,
            address: Some(format!("{party_id}@example.fi")),
            language: "fi".to_owned(),
            version: Some(0),
            merge_values: MergeValues::new(),
            reason: None,
            shared_with: None,
            together: false,
        }
    }

    fn set(rows: &[ResolvedRow]) -> RecipientSet {
        let mut set = RecipientSet::new();
        for row in rows {
            set.add(row);
        }
        set
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let approved = set(&[row(1), row(2)]).hash();
        assert_eq!(set(&[row(2), row(1)]).hash(), approved);
        let mut value = MergeValues::new();
        value.set("recipient.name", Some("Matti"));
        let variants = [
            ResolvedRow { address: Some("x@example.fi".to_owned()), ..row(2) },
            ResolvedRow { address: None, ..row(2) },
            ResolvedRow { language: "sv".to_owned(), ..row(2) },
            ResolvedRow { version: Some(1), ..row(2) },
            ResolvedRow { merge_values: value, ..row(2) },
            ResolvedRow { reason: Some(Reason::NoEmail), ..row(2) },
            ResolvedRow { shared_with: Some(1), ..row(2) },
            ResolvedRow { channel: Channel::Sms, ..row(2) },
            ResolvedRow { addressed_as: AddressedAs::Cc, ..row(2) },
            ResolvedRow { together: true, ..row(2) },
            ResolvedRow { name: Some("Huolto".to_owned()), ..row(2) },
            ResolvedRow { party_id: None, ..row(2) },
            row(3),
        ];
        for variant in variants {
            assert_ne!(set(&[row(1), variant.clone()]).hash(), approved, "{variant:?}");
        }
        assert_ne!(set(&[row(1)]).hash(), approved);
    }

    #[test]
    fn changes_are_told_by_party() {
        let mut before = set(&[row(1), row(2), row(3)]);
        let mut now = set(&[row(0), ResolvedRow { language: "sv".to_owned(), ..row(2) }, row(3), row(9)]);
        let expected = RecipientChanges { added: vec![0, 9], removed: vec![1], changed: vec![2] };
        assert_eq!(before.changes_to(&mut now), expected);
        let mut stored = RecipientSet::from_bytes(&before.to_bytes()).unwrap();
        assert_eq!(stored.hash(), before.hash());
        assert_eq!(stored.changes_to(&mut now), expected);
        assert_eq!(stored.changes_to(&mut before), RecipientChanges::default());
        assert_eq!(RecipientSet::from_bytes(&[0; 25]), None);
    }
}
