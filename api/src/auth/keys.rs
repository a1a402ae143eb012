//! The key that tokens are signed with: one at a time, with one algorithm.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use thiserror::Error;

use super::local_key;
use crate::settings::Secret;

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
}

/// A key with the one algorithm it is for: a token of another algorithm is refused before the key is used.
pub struct Keys {
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    description: String,
}

impl Keys {
    /// HS256 by a shared secret, which [`crate::settings`] has found long enough.
    pub fn shared_secret(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        Self {
            algorithm: Algorithm::HS256,
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
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

    fn eddsa(key: &SigningKey, description: String) -> Result<Self, KeyError> {
        let der = key.to_pkcs8_der().map_err(|error| KeyError::Unusable(error.to_string()))?;
        Ok(Self {
            algorithm: Algorithm::EdDSA,
            encoding: EncodingKey::from_ed_der(der.as_bytes()),
            decoding: DecodingKey::from_ed_der(key.verifying_key().as_bytes()),
            description,
        })
    }

    /// The one algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which key this is, in words for the start message.
    pub fn describe(&self) -> String {
        self.description.clone()
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}
