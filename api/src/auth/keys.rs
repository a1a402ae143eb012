//! The keys that tokens are checked with, of one source: a shared secret, this deployment's own key, a public key, or an
//! issuer's key set.
//!
//! Each key is for one algorithm, told by its type and never by a token. Nor is a key ever taken from a token's header.

mod remote;
mod set;
mod verifying;

use std::path::Path;
use std::sync::Arc;

use domain::clock::Clock;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use thiserror::Error;
use url::Url;

use super::local_key;
use crate::outbound::{Outbound, OutboundError};
use crate::settings::Secret;
use remote::RemoteKeys;

pub use verifying::VerifyingKey;

/// The shortest shared secret: as long as the output of its hash (RFC 7518, 3.2).
pub const SHORTEST_SECRET: usize = 32;

/// Why there is no usable key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The key file cannot be read or made.
    #[error("the key file {path}: {reason}")]
    File { path: String, reason: String },
    /// The key does not do its work.
    #[error("the signing key cannot be used: {0}")]
    Unusable(String),
    /// The address of the key set is none that may be called.
    #[error("{0}")]
    Address(#[from] OutboundError),
    /// Tokens are checked here, and made elsewhere.
    #[error("this deployment only checks tokens ({0}); get them from their issuer")]
    CannotSign(String),
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has no such key.
    Unknown,
    /// The issuer's keys are not known now.
    Unavailable,
}

/// The keys of a deployment.
pub struct Keys {
    kind: Kind,
    description: String,
}

enum Kind {
    Signing { encoding: EncodingKey, verifying: Arc<VerifyingKey> },
    Public(Arc<VerifyingKey>),
    Remote(Arc<RemoteKeys>),
}

impl Keys {
    /// HS256 by a shared secret, which [`crate::settings`] has found long enough.
    pub fn shared_secret(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        let verifying = VerifyingKey { algorithm: Algorithm::HS256, key: DecodingKey::from_secret(bytes) };
        let encoding = EncodingKey::from_secret(bytes);
        Self {
            kind: Kind::Signing { encoding, verifying: Arc::new(verifying) },
            description: "HS256 by POSTITUS_JWT_SECRET".to_owned(),
        }
    }

    /// EdDSA by this deployment's own key in the data folder, made when there is none.
    ///
    /// # Errors
    /// [`KeyError`], when the file cannot be read or made, or is no Ed25519 key.
    pub fn local(data_dir: &Path) -> Result<Self, KeyError> {
        let path = data_dir.join(local_key::FILE);
        let description = format!("EdDSA by {}", path.display());
        Self::eddsa(&local_key::load_or_make(&path)?, description)
    }

    /// A public key; its type tells the algorithm.
    pub fn public(key: VerifyingKey) -> Self {
        let description = format!("{:?} by POSTITUS_JWT_PUBLIC_KEY", key.algorithm);
        Self { kind: Kind::Public(Arc::new(key)), description }
    }

    /// The keys of the issuer's key set at this address. They are fetched when [`Keys::watch`] is called.
    ///
    /// # Errors
    /// [`KeyError`], when the address is none that may be called.
    pub fn remote(url: Url, outbound: Outbound, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        let description = format!("keys of POSTITUS_JWKS_URL, {url}");
        Ok(Self { kind: Kind::Remote(Arc::new(RemoteKeys::new(url, outbound, clock)?)), description })
    }

    /// Begins to fetch the issuer's keys, and keeps them fresh. Must be called inside an async runtime.
    pub fn watch(&self) {
        if let Kind::Remote(keys) = &self.kind {
            RemoteKeys::watch(keys);
        }
    }

    fn eddsa(key: &SigningKey, description: String) -> Result<Self, KeyError> {
        let der = key.to_pkcs8_der().map_err(|error| KeyError::Unusable(error.to_string()))?;
        let verifying =
            VerifyingKey { algorithm: Algorithm::EdDSA, key: DecodingKey::from_ed_der(key.verifying_key().as_bytes()) };
        let encoding = EncodingKey::from_ed_der(der.as_bytes());
        Ok(Self { kind: Kind::Signing { encoding, verifying: Arc::new(verifying) }, description })
    }

    /// Which keys these are, in words for the start message.
    pub fn describe(&self) -> String {
        self.description.clone()
    }

    /// What to sign with, and by which algorithm.
    pub(super) fn signing(&self) -> Result<(Algorithm, &EncodingKey), KeyError> {
        match &self.kind {
            Kind::Signing { encoding, verifying } => Ok((verifying.algorithm, encoding)),
            Kind::Public(_) | Kind::Remote(_) => Err(KeyError::CannotSign(self.description.clone())),
        }
    }

    /// The key for a token of this header. Waits a little when an issuer's keys have to be fetched.
    pub(super) async fn find(&self, header: &Header) -> Result<Arc<VerifyingKey>, NoKey> {
        match &self.kind {
            Kind::Signing { verifying: key, .. } | Kind::Public(key) => Ok(Arc::clone(key)),
            Kind::Remote(keys) => RemoteKeys::find(keys, header).await,
        }
    }

    /// Changes when the keys do: what was verified under another generation has to be verified again. `None` when nothing
    /// can be verified now.
    pub(super) fn generation(&self) -> Option<u64> {
        match &self.kind {
            Kind::Signing { .. } | Kind::Public(_) => Some(0),
            Kind::Remote(keys) => keys.generation(),
        }
    }
}

#[cfg(test)]
mod tests;
