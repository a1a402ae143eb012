//! A public key, with the one algorithm that its type stands for: RS256, ES256 or EdDSA.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// The shortest modulus of an RSA key, in bytes (RFC 7518, 3.3: 2048 bits).
const SHORTEST_MODULUS: usize = 256;
/// The shortest RSA public key in DER form: a modulus of 2048 bits, the exponent 3, and their frame.
const SHORTEST_RSA_DER: usize = SHORTEST_MODULUS + 10;
/// A point of P-256 as SEC 1 writes it: a byte that tells the form, and two coordinates.
const P256_POINT: usize = 65;
/// Length of a coordinate of P-256 and of an Ed25519 key, in bytes.
const COORDINATE: usize = 32;

/// A key that checks tokens of one algorithm; a token of any other is refused before the key is used.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    pub(in crate::auth) algorithm: Algorithm,
    pub(in crate::auth) key: DecodingKey,
}

impl VerifyingKey {
    /// Reads a public key in PEM form.
    ///
    /// # Errors
    /// What is wrong with it, and the remedy.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        if text.contains("PRIVATE KEY-----") {
            return Err("is a private key; give its public key only, from: openssl pkey -pubout".to_owned());
        }
        let of_public_keys = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"];
        if text.matches("-----BEGIN ").count() != 1 || !of_public_keys.iter().any(|begin| text.contains(begin)) {
            return Err("must be one public key in PEM form, from: openssl pkey -pubout".to_owned());
        }
        let pem = text.as_bytes();
        let length = |key: &DecodingKey| key.try_get_as_bytes().map_or(0, <[u8]>::len);
        if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
            return match length(&key) {
                SHORTEST_RSA_DER.. => Ok(Self { algorithm: Algorithm::RS256, key }),
                _ => Err("is an RSA key of less than 2048 bits".to_owned()),
            };
        }
        if let Ok(key) = DecodingKey::from_ec_pem(pem) {
            return match length(&key) {
                P256_POINT => Ok(Self { algorithm: Algorithm::ES256, key }),
                _ => Err("is a key of another curve than P-256".to_owned()),
            };
        }
        match DecodingKey::from_ed_pem(pem) {
            Ok(key) if length(&key) == COORDINATE => Ok(Self { algorithm: Algorithm::EdDSA, key }),
            _ => Err("is no key of RSA, P-256 or Ed25519".to_owned()),
        }
    }

    /// Reads a key of a set; `None` for those that are not for the signatures of tokens, or of another kind.
    pub(super) fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let Jwk { kty, kid: _, usage, key_ops, alg, crv, n, e, x, y } = jwk;
        let verifies = key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if usage.as_deref().is_some_and(|usage| usage != "sig") || !verifies {
            return None;
        }
        let algorithm_is = |names: &[&str]| alg.as_deref().is_none_or(|alg| names.contains(&alg));
        let long = |text: &str| URL_SAFE_NO_PAD.decode(text).map_or(0, |bytes| bytes.len());
        let (algorithm, key) = match (kty.as_str(), crv.as_deref()) {
            ("RSA", _) if algorithm_is(&["RS256"]) => {
                let modulus = n.as_deref().filter(|n| long(n) >= SHORTEST_MODULUS)?;
                (Algorithm::RS256, DecodingKey::from_rsa_components(modulus, e.as_deref()?))
            }
            ("EC", Some("P-256")) if algorithm_is(&["ES256"]) => {
                let coordinate = |text: &'_ Option<String>| text.clone().filter(|text| long(text) == COORDINATE);
                (Algorithm::ES256, DecodingKey::from_ec_components(&coordinate(x)?, &coordinate(y)?))
            }
            // RFC 9864 calls it Ed25519.
            ("OKP", Some("Ed25519")) if algorithm_is(&["EdDSA", "Ed25519"]) => {
                let point = x.as_deref().filter(|x| long(x) == COORDINATE)?;
                (Algorithm::EdDSA, DecodingKey::from_ed_components(point))
            }
            _ => return None,
        };
        key.ok().map(|key| Self { algorithm, key })
    }
}

/// The members of a JSON Web Key (RFC 7517) that are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Jwk {
    pub kty: String,
    pub kid: Option<String>,
    #[serde(rename = "use")]
    pub usage: Option<String>,
    pub key_ops: Option<Vec<String>>,
    pub alg: Option<String>,
    pub crv: Option<String>,
    pub n: Option<String>,
    pub e: Option<String>,
    pub x: Option<String>,
    pub y: Option<String>,
}
