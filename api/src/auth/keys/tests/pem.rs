use chrono::Duration;
use rcgen::PKCS_ECDSA_P384_SHA384;

use super::*;
use crate::auth::{Authenticator, Keys, TokenRequest, VerifyingKey};
use crate::problem::Code;
use crate::settings::Settings;

fn authenticator(pem: &str) -> Authenticator {
    let settings = Settings::of_variables([("POSTITUS_JWT_PUBLIC_KEY", pem)]).unwrap();
    Authenticator::new(Keys::public(settings.jwt.public_key.clone().unwrap()), &settings.jwt)
}

#[tokio::test]
async fn each_kind_of_key_takes_the_tokens_of_its_own_algorithm_only() {
    let keys = [IssuerKey::rs256(), IssuerKey::es256(), IssuerKey::eddsa()];
    for key in &keys {
        let auth = authenticator(&key.pem);
        assert!(auth.describe().starts_with(&format!("{:?} by", key.algorithm)), "{}", auth.describe());
        for signer in &keys {
            let verified = auth.verify(&signer.token(Some("any")), now()).await;
            let own = signer.algorithm == key.algorithm;
            assert_eq!(verified.is_ok(), own, "{:?} by a key for {:?}", signer.algorithm, key.algorithm);
        }
    }
    let pkcs1 = authenticator(include_str!("../../testdata/rsa.pkcs1.pub.pem"));
    assert!(pkcs1.verify(&IssuerKey::rs256().token(None), now()).await.is_ok());
}

#[tokio::test]
async fn another_key_of_the_same_kind_or_another_algorithm_of_the_same_key_is_refused() {
    let rsa = IssuerKey::rs256();
    let refused = [
        (IssuerKey::es256().pem, IssuerKey::es256().token(None), "another P-256 key"),
        (IssuerKey::eddsa().pem, IssuerKey::eddsa().token(None), "another Ed25519 key"),
        (rsa.pem.clone(), rsa.token_with(Header::new(Algorithm::RS512)), "RS512"),
        (rsa.pem.clone(), rsa.token_with(Header::new(Algorithm::PS256)), "PS256"),
    ];
    for (pem, token, what) in refused {
        let refusal = authenticator(&pem).verify(&token, now()).await.unwrap_err();
        assert_eq!(refusal.code, Code::InvalidToken, "{what}");
    }
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    for key in [IssuerKey::rs256(), IssuerKey::es256(), IssuerKey::eddsa()] {
        let auth = authenticator(&key.pem);
        let der: Vec<u8> = key.pem.lines().filter(|line| !line.starts_with('-')).collect::<String>().into_bytes();
        let raw = VerifyingKey::from_pem(&key.pem).unwrap().key.try_get_as_bytes().unwrap().to_vec();
        for secret in [key.pem.as_bytes(), key.pem.trim_end().as_bytes(), &der, &raw] {
            let token = encode(&Header::new(Algorithm::HS256), &claims(), &EncodingKey::from_secret(secret)).unwrap();
            assert_eq!(auth.verify(&token, now()).await.unwrap_err().code, Code::InvalidToken, "{:?}", key.algorithm);
        }
    }
}

#[tokio::test]
async fn a_key_that_a_token_brings_along_is_not_used() {
    let (ours, theirs) = (IssuerKey::eddsa(), IssuerKey::eddsa());
    let mut header = Header::new(Algorithm::EdDSA);
    header.jwk = serde_json::from_value(theirs.jwk(json!({}))).ok();
    assert!(header.jwk.is_some());
    header.jku = Some("http://127.0.0.1:1/keys".to_owned());
    let token = theirs.token_with(header);
    assert_eq!(authenticator(&ours.pem).verify(&token, now()).await.unwrap_err().code, Code::InvalidToken);
}

#[test]
fn what_is_no_good_public_key_is_refused_with_the_remedy() {
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let two = format!("{}{}", ed25519.public_key_pem(), IssuerKey::es256().pem);
    for (pem, told) in [
        (include_str!("../../testdata/rsa.pem"), "private key"),
        (&ed25519.serialize_pem(), "private key"),
        (include_str!("../../testdata/rsa-1024.pub.pem"), "less than 2048"),
        (&p384.public_key_pem(), "another curve"),
        (&two, "one public key"),
        ("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----", "one public key"),
        ("-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----", "no key of"),
        ("just a text", "one public key"),
    ] {
        let refused = VerifyingKey::from_pem(pem).unwrap_err();
        assert!(refused.contains(told), "{refused}");
    }
}

#[test]
fn tokens_cannot_be_made_with_a_public_key() {
    let request =
        TokenRequest { subject: "a".to_owned(), scopes: Vec::new(), party_ids: None, time_to_live: Duration::hours(1) };
    let refused = authenticator(&IssuerKey::eddsa().pem).mint(&request, now()).unwrap_err().to_string();
    assert!(refused.contains("only checks tokens"), "{refused}");
}
