//! Who calls, and what they may do: bearer tokens (JWT) with scopes.
//!
//! A handler names what it needs in its signature: [`Require<perm::…>`](Require) for staff operations, [`Authenticated`]
//! where any valid token will do. It cannot be forgotten, because without it there is no [`Principal`] to work with.

mod cache;
mod claims;
mod extractors;
mod keys;
mod local_key;
pub mod perm;
mod principal;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header, encode};

use crate::problem::Code;
use crate::settings::JwtSettings;
use cache::{Cache, Entry};
use claims::{Claims, Minted};
use keys::NoKey;

pub use extractors::{Authenticated, Permitted, Require};
pub use keys::{KeyError, Keys, SHORTEST_SECRET, VerifyingKey};
pub(crate) use local_key::FILE as LOCAL_KEY_FILE;
pub use principal::Principal;

/// The longest token that is looked at.
const LONGEST_TOKEN: usize = 8 * 1024;
/// How far the issuer's clock may run ahead of ours. Expiry has no such allowance.
const CLOCK_SKEW: Duration = Duration::seconds(5);

/// Verifies tokens, and mints them from the same key.
pub struct Authenticator {
    keys: Keys,
    validation: Validation,
    issuer: String,
    audience: String,
    cache: Cache,
}

/// Why a token is refused: the problem's code and a sentence for its detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `missing_token`, `invalid_token` or `expired_token`; `unavailable` when no token can be checked now.
    pub code: Code,
    /// What is wrong with the token; says nothing that its bearer does not know.
    pub detail: String,
}

impl Refusal {
    fn invalid(detail: impl Into<String>) -> Self {
        Self { code: Code::InvalidToken, detail: detail.into() }
    }
}

/// What a minted token says.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Who the bearer is.
    pub subject: String,
    /// What the bearer may do.
    pub scopes: Vec<String>,
    /// Whose resident's token it is; `None` for staff and machines.
    pub party_ids: Option<Vec<i64>>,
    /// How long it is valid.
    pub time_to_live: Duration,
}

impl Authenticator {
    /// Tokens of this issuer, for this audience, signed with these keys.
    pub fn new(keys: Keys, settings: &JwtSettings) -> Self {
        let mut validation = Validation::default();
        // Each key names its own when it is used.
        validation.algorithms.clear();
        // The library checks issuer, audience and subject only where the claim is present, unless it is required.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[settings.issuer.as_str()]);
        validation.set_audience(&[settings.audience.as_str()]);
        // It also knows only the machine's clock; the times are checked below, with ours.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let (issuer, audience) = (settings.issuer.clone(), settings.audience.clone());
        Self { keys, validation, issuer, audience, cache: Cache::default() }
    }

    /// Begins to fetch the keys where they are an issuer's. Must be called inside an async runtime.
    pub fn watch_keys(&self) {
        self.keys.watch();
    }

    /// Which key signs, in words for the start message.
    pub fn describe(&self) -> String {
        self.keys.describe()
    }

    /// Who bears this token.
    ///
    /// # Errors
    /// [`Refusal`] with `invalid_token` or `expired_token`, or `unavailable` while the issuer's keys are not known.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Principal>, Refusal> {
        let generation = self.keys.generation();
        if let Some((principal, expires)) = generation.and_then(|generation| self.cache.get(token, generation)) {
            if now < expires {
                return Ok(principal);
            }
            return Err(expired());
        }
        let (principal, expires) = self.verify_afresh(token, now).await?;
        let principal = Arc::new(principal);
        if let Some(generation) = generation {
            self.cache.put(token, Entry { principal: Arc::clone(&principal), expires, generation }, now);
        }
        Ok(principal)
    }

    /// A token that [`Authenticator::verify`] accepts.
    ///
    /// # Errors
    /// [`KeyError`], when the key cannot sign.
    pub fn mint(&self, request: &TokenRequest, now: DateTime<Utc>) -> Result<String, KeyError> {
        let claims = Minted {
            iss: &self.issuer,
            aud: &self.audience,
            sub: &request.subject,
            iat: now.timestamp(),
            exp: (now + request.time_to_live).timestamp(),
            jti: domain::ids::new_id(),
            scope: request.scopes.join(" "),
            party_ids: request.party_ids.as_deref(),
        };
        let (algorithm, key) = self.keys.signing()?;
        encode(&jsonwebtoken::Header::new(algorithm), &claims, key)
            .map_err(|error| KeyError::Unusable(error.to_string()))
    }

    async fn verify_afresh(&self, token: &str, now: DateTime<Utc>) -> Result<(Principal, DateTime<Utc>), Refusal> {
        if token.len() > LONGEST_TOKEN {
            return Err(Refusal::invalid("The token is too long."));
        }
        // RFC 7515: a token whose critical extensions one does not understand is invalid; we understand none.
        let header = decode_header(token).map_err(|error| refusal(error.kind()))?;
        if header.crit.is_some() {
            return Err(Refusal::invalid("The token has critical extensions."));
        }
        let key = self.keys.find(&header).await.map_err(keyless)?;
        let mut validation = self.validation.clone();
        validation.algorithms.push(key.algorithm);
        let claims = decode::<Claims>(token, &key.key, &validation).map_err(|error| refusal(error.kind()))?.claims;
        let expires = claims.expires().ok_or_else(|| Refusal::invalid("The claim exp is out of range."))?;
        if now >= expires {
            return Err(expired());
        }
        let begins = claims.begins().map_err(|()| Refusal::invalid("The claim nbf is out of range."))?;
        if begins.is_some_and(|begins| now + CLOCK_SKEW < begins) {
            return Err(Refusal::invalid("The token is not valid yet."));
        }
        let principal = claims.into_principal().map_err(Refusal::invalid)?;
        Ok((principal, expires))
    }
}

fn expired() -> Refusal {
    Refusal { code: Code::ExpiredToken, detail: "The token has expired. Get a new one.".to_owned() }
}

fn keyless(no_key: NoKey) -> Refusal {
    match no_key {
        NoKey::Unknown => Refusal::invalid("The token's key (kid) is none of the issuer's."),
        NoKey::Unavailable => Refusal {
            code: Code::Unavailable,
            detail: "The keys of the tokens' issuer cannot be fetched now.".to_owned(),
        },
    }
}

fn refusal(kind: &ErrorKind) -> Refusal {
    Refusal::invalid(match kind {
        ErrorKind::InvalidSignature => "The token's signature is not from a key of this service.".to_owned(),
        ErrorKind::InvalidAlgorithm => "The token is signed by another algorithm than this service's key.".to_owned(),
        ErrorKind::InvalidIssuer => "The token is from another issuer (iss).".to_owned(),
        ErrorKind::InvalidAudience => "The token is for another audience (aud).".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => {
            format!("The token lacks the claim {claim}, or it has no sane value.")
        }
        _ => "The token is malformed.".to_owned(),
    })
}

#[cfg(test)]
mod tests;
