//! The claims of a token, as read and as minted.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::register::MAX_ID;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::Principal;

/// The longest subject: it is stored with what its bearer does.
const LONGEST_SUBJECT: usize = 255;

/// The claims this service reads; issuer and audience are checked by the JWT library.
#[derive(Deserialize)]
pub(super) struct Claims {
    sub: String,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    /// Scopes separated by spaces (RFC 8693).
    #[serde(default)]
    scope: String,
    // A null must not turn a resident's token into a staff token.
    #[serde(default, deserialize_with = "present")]
    party_ids: Option<Vec<i64>>,
}

/// The claims of a token made here.
#[derive(Serialize)]
pub(super) struct Minted<'a> {
    pub iss: &'a str,
    pub aud: &'a str,
    pub sub: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub jti: Uuid,
    pub scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_ids: Option<&'a [i64]>,
}

impl Claims {
    /// From when on the token is void.
    pub(super) fn expires(&self) -> Option<DateTime<Utc>> {
        instant(self.exp)
    }

    /// Before when the token is not valid yet; `Err` when the claim makes no sense.
    pub(super) fn begins(&self) -> Result<Option<DateTime<Utc>>, ()> {
        self.nbf.map(|nbf| instant(nbf).ok_or(())).transpose()
    }

    pub(super) fn into_principal(self) -> Result<Principal, &'static str> {
        let Self { sub: subject, scope, party_ids, .. } = self;
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.chars().any(char::is_control) {
            return Err("The claim sub must be 1 to 255 bytes without control characters.");
        }
        if party_ids.iter().flatten().any(|id| !(1..=MAX_ID).contains(id)) {
            return Err("The claim party_ids must list ids of parties.");
        }
        Ok(Principal::new(subject, scope.split_ascii_whitespace().map(str::to_owned), party_ids))
    }
}

/// NumericDate of RFC 7519: seconds, possibly with a fraction, which is cut off.
fn instant(seconds: f64) -> Option<DateTime<Utc>> {
    let whole = Duration::try_from_secs_f64(seconds).ok()?.as_secs();
    DateTime::from_timestamp(i64::try_from(whole).ok()?, 0)
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<i64>>, D::Error> {
    Vec::deserialize(deserializer).map(Some)
}
