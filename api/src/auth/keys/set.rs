//! A key set (JWKS, RFC 7517) as an issuer publishes it.

use std::sync::Arc;

use jsonwebtoken::Header;
use serde::Deserialize;
use serde_json::Value;

use super::verifying::{Jwk, VerifyingKey};

/// How many keys of a set are looked at; issuers have two or three.
const MOST_KEYS: usize = 64;

/// The keys of a set that are of use here.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<(Option<String>, Arc<VerifyingKey>)>,
    source: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set. Keys that are not for the signatures of tokens, or of kinds unknown here, are left out.
    ///
    /// # Errors
    /// When it is no key set, or has no key of use.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let Document { keys } =
            serde_json::from_slice(json).map_err(|error| format!("answered no key set (JWKS): {error}"))?;
        let mut set = Self::default();
        for jwk in keys.into_iter().take(MOST_KEYS) {
            let Ok(jwk) = serde_json::from_value::<Jwk>(jwk) else { continue };
            let Some(key) = VerifyingKey::from_jwk(&jwk) else { continue };
            set.keys.push((jwk.kid.clone(), Arc::new(key)));
            set.source.push(jwk);
        }
        if set.keys.is_empty() {
            return Err("answered a key set without a key for RS256, ES256 or EdDSA".to_owned());
        }
        Ok(set)
    }

    /// The key that a token's header names. Without names on one side, only the single key of a set will do.
    pub(super) fn find(&self, header: &Header) -> Option<Arc<VerifyingKey>> {
        if let [(kid, key)] = self.keys.as_slice()
            && (kid.is_none() || header.kid.is_none())
        {
            return Some(Arc::clone(key));
        }
        let wanted = header.kid.as_deref()?;
        let mut named = self.keys.iter().filter(|(kid, _)| kid.as_deref() == Some(wanted)).map(|(_, key)| key);
        let of_the_algorithm = named.clone().find(|key| key.algorithm == header.alg);
        of_the_algorithm.or_else(|| named.next()).map(Arc::clone)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether another set says the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
