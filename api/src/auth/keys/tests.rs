//! Keys of every algorithm, and what must not pass for them.

mod issuer;
mod pem;
mod remote;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData as _};
use serde_json::{Value, json};

use crate::testing::now;

/// The private key of the tests, as an issuer has it.
struct IssuerKey {
    algorithm: Algorithm,
    encoding: EncodingKey,
    /// The public key in PEM form.
    pem: String,
    /// The public key as a member of a key set, without `kid`.
    jwk: Value,
}

impl IssuerKey {
    fn rs256() -> Self {
        let modulus = include_str!("../testdata/rsa.modulus").trim_end();
        Self {
            algorithm: Algorithm::RS256,
            encoding: EncodingKey::from_rsa_pem(include_bytes!("../testdata/rsa.pem")).unwrap(),
            pem: include_str!("../testdata/rsa.pub.pem").to_owned(),
            jwk: json!({"kty": "RSA", "n": modulus, "e": "AQAB"}),
        }
    }

    fn es256() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let part = |range| URL_SAFE_NO_PAD.encode::<&[u8]>(&pair.der_bytes()[range]);
        Self {
            algorithm: Algorithm::ES256,
            encoding: EncodingKey::from_ec_der(pair.serialized_der()),
            pem: pair.public_key_pem(),
            jwk: json!({"kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65)}),
        }
    }

    fn eddsa() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        Self {
            algorithm: Algorithm::EdDSA,
            encoding: EncodingKey::from_ed_der(pair.serialized_der()),
            pem: pair.public_key_pem(),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.der_bytes())}),
        }
    }

    /// The public key as a member of a key set, with these members changed.
    fn jwk(&self, changes: Value) -> Value {
        let mut jwk = self.jwk.clone();
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    }

    /// A good token that names this key.
    fn token(&self, kid: Option<&str>) -> String {
        self.token_with(Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) })
    }

    fn token_with(&self, header: Header) -> String {
        encode(&header, &claims(), &self.encoding).unwrap()
    }
}

fn claims() -> Value {
    json!({"iss": "postitus", "aud": "postitus", "sub": "virpi", "exp": now().timestamp() + 1_000_000, "scope": "a"})
}
