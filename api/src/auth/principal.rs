//! Who is calling.

use std::collections::BTreeSet;

/// The scope that includes every other.
const ADMIN: &str = "admin";

/// The bearer of a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The claim `sub`: a user or a machine, 1–255 bytes without control characters.
    pub subject: String,
    /// What the token allows.
    pub scopes: BTreeSet<String>,
    /// The residents this token is limited to, possibly none of them; `None` for staff and machines.
    pub party_ids: Option<Vec<i64>>,
}

impl Principal {
    /// A principal with these scopes.
    pub fn new(
        subject: impl Into<String>,
        scopes: impl IntoIterator<Item = String>,
        party_ids: Option<Vec<i64>>,
    ) -> Self {
        Self { subject: subject.into(), scopes: scopes.into_iter().collect(), party_ids }
    }

    /// Whether the token has this scope, or `admin`, which has every scope. A resident's token never counts as admin.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.contains(scope) || (self.scopes.contains(ADMIN) && self.party_ids.is_none())
    }

    /// Whether this is a resident's token, which sees nothing of staff operations.
    pub fn is_resident(&self) -> bool {
        self.party_ids.is_some()
    }
}
