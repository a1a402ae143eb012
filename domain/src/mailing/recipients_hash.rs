//! The hash of the resolved rows: what `send` compares with what the preview showed (RULES 5).

use sha2::{Digest, Sha256};

use crate::eligibility::Channel;
use crate::register::PartyId;

/// One resolved row as far as it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashedRow<'a> {
    pub party_id: PartyId,
    pub channel: Channel,
    /// The address it would be sent to.
    pub address: Option<&'a str>,
    /// The service language of the party.
    pub language: &'a str,
    /// The index of the content version chosen, if one was.
    pub version: Option<usize>,
    /// The code of the reason, for a row that is left out.
    pub reason: Option<&'a str>,
    /// The party whose delivery it shares, if it has none of its own.
    pub shared_with: Option<PartyId>,
}

/// Hashes rows one by one. The same rows have the same hash only in the same order: feed them by party id, then channel.
#[derive(Debug, Clone)]
pub struct RecipientsHasher {
    hasher: Sha256,
    rows: u64,
}

impl Default for RecipientsHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl RecipientsHasher {
    /// A hasher that has seen no rows.
    pub fn new() -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"postitus recipients 1\n");
        Self { hasher, rows: 0 }
    }

    /// Takes the next row in.
    pub fn add(&mut self, row: &HashedRow<'_>) {
        let HashedRow { party_id, channel, address, language, version, reason, shared_with } = row;
        self.hasher.update(party_id.to_be_bytes());
        self.text(Some(channel.as_str()));
        self.text(*address);
        self.text(Some(language));
        self.text(version.map(|version| version.to_string()).as_deref());
        self.text(*reason);
        self.text(shared_with.map(|party| party.to_string()).as_deref());
        self.rows += 1;
    }

    /// The hash of all rows, as hex.
    pub fn finish(mut self) -> String {
        self.hasher.update(self.rows.to_be_bytes());
        self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A text with its length before it, so that no two sequences of texts look the same; a missing one differs from an
    /// empty one.
    fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.hasher.update([1]);
                self.hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                self.hasher.update(text);
            }
            None => self.hasher.update([0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ROW: HashedRow<'_> = HashedRow {
        party_id: 1,
        channel: Channel::Email,
        address: Some("a@b.fi"),
        language: "fi",
        version: Some(0),
        reason: None,
        shared_with: None,
    };

    fn hash(rows: &[HashedRow<'_>]) -> String {
        let mut hasher = RecipientsHasher::new();
        rows.iter().for_each(|row| hasher.add(row));
        hasher.finish()
    }

    #[test]
    fn recipients_hash_changes_with_every_field_of_a_row() {
        let variants = [
            ROW,
            HashedRow { party_id: 2, ..ROW },
            HashedRow { channel: Channel::Sms, ..ROW },
            HashedRow { address: Some("c@b.fi"), ..ROW },
            HashedRow { address: None, ..ROW },
            HashedRow { address: Some(""), ..ROW },
            HashedRow { language: "sv", ..ROW },
            HashedRow { version: Some(1), ..ROW },
            HashedRow { version: None, ..ROW },
            HashedRow { reason: Some("no_email"), ..ROW },
            HashedRow { shared_with: Some(7), ..ROW },
        ];
        let mut hashes: BTreeSet<String> = variants.iter().map(|row| hash(&[*row])).collect();
        hashes.insert(hash(&[]));
        hashes.insert(hash(&[ROW, ROW]));
        assert_eq!(hashes.len(), variants.len() + 2);
        assert!(hashes.iter().all(|hash| hash.len() == 64));
    }

    #[test]
    fn recipients_hash_is_the_same_for_the_same_rows() {
        assert_eq!(hash(&[ROW, HashedRow { party_id: 2, ..ROW }]), hash(&[ROW, HashedRow { party_id: 2, ..ROW }]));
    }
}
