//! Access tokens for tests, signed with the secret that the servers under test are given.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value, json};

/// The `POSTITUS_JWT_SECRET` of the servers under test.
pub const SECRET: &str = "a secret of the tests, long enough for HS256";

/// A token with these scopes (separated by spaces), good for an hour.
///
/// `overrides` is an object whose members replace the usual claims; a null removes one.
pub fn token(scopes: &str, overrides: &Value) -> String {
    let in_an_hour =
        (SystemTime::now() + Duration::from_secs(3600)).duration_since(UNIX_EPOCH).expect("a date after 1970");
    let mut claims = Map::new();
    let usual = [
        ("iss", json!("postitus")),
        ("aud", json!("postitus")),
        ("sub", json!("test")),
        ("exp", json!(in_an_hour.as_secs())),
        ("scope", json!(scopes)),
    ];
    let changed = overrides.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in usual.into_iter().chain(changed) {
        claims.insert(name.to_owned(), value);
    }
    claims.retain(|_, value| !value.is_null());
    sign(&claims, SECRET)
}

/// Signs any claims with any secret, by HS256.
pub fn sign(claims: &Map<String, Value>, secret: &str) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}
