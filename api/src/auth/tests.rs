use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::settings::{JwtSettings, Secret, Settings};
use crate::testing::{SECRET, now};

fn settings() -> JwtSettings {
    Settings::of_variables([]).unwrap().jwt
}

fn hs256() -> Authenticator {
    Authenticator::new(Keys::shared_secret(&Secret::new(SECRET)), &settings())
}

/// The claims of a good token, changed; a null in `change` removes the claim.
fn claims(change: Value) -> Value {
    let mut claims =
        json!({"iss": "postitus", "aud": "postitus", "sub": "virpi", "exp": now().timestamp() + 60, "scope": "a b"});
    let (Value::Object(claims_map), Value::Object(change)) = (&mut claims, change) else { unreachable!() };
    for (name, value) in change {
        if value.is_null() {
            claims_map.remove(&name)
        } else {
            claims_map.insert(name, value)
        };
    }
    claims
}

fn signed(claims: &Value, secret: &[u8]) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret)).unwrap()
}

#[tokio::test]
async fn a_good_token_tells_who_its_bearer_is() {
    let token = signed(&claims(json!({"party_ids": [7, 8], "aud": ["other", "postitus"]})), SECRET.as_bytes());
    let principal = hs256().verify(&token, now()).await.unwrap();
    assert_eq!(*principal, Principal::new("virpi", ["a", "b"].map(str::to_owned), Some(vec![7, 8])));
}

#[tokio::test]
async fn a_token_without_a_required_claim_or_with_a_wrong_one_is_refused() {
    for change in [
        json!({"aud": null}),
        json!({"iss": null}),
        json!({"sub": null}),
        json!({"exp": null}),
        json!({"aud": "other"}),
        json!({"aud": []}),
        json!({"iss": "other"}),
        json!({"sub": ""}),
        json!({"sub": "a\u{0}b"}),
        json!({"sub": 7}),
        json!({"exp": "tomorrow"}),
        json!({"exp": -1}),
        json!({"exp": 1e300}),
        json!({"nbf": now().timestamp() + 60}),
        json!({"nbf": -1}),
        json!({"scope": ["a"]}),
        json!({"party_ids": "7"}),
        json!({"party_ids": [0]}),
        json!({"party_ids": [9_007_199_254_740_992_i64]}),
    ] {
        let refusal = hs256().verify(&signed(&claims(change.clone()), SECRET.as_bytes()), now()).await.unwrap_err();
        assert_eq!(refusal.code, Code::InvalidToken, "{change}: {}", refusal.detail);
    }
}

#[tokio::test]
async fn a_null_list_of_residents_does_not_make_a_staff_token() {
    let mut claims = claims(json!({}));
    claims["party_ids"] = Value::Null;
    assert_eq!(hs256().verify(&signed(&claims, SECRET.as_bytes()), now()).await.unwrap_err().code, Code::InvalidToken);
}

#[tokio::test]
async fn expiry_is_exact_by_our_clock_also_for_remembered_tokens() {
    let auth = hs256();
    let token = signed(&claims(json!({})), SECRET.as_bytes());
    assert!(auth.verify(&token, now() + Duration::seconds(59)).await.is_ok());
    for _ in 0..2 {
        assert_eq!(auth.verify(&token, now() + Duration::seconds(60)).await.unwrap_err().code, Code::ExpiredToken);
    }
    assert_eq!(hs256().verify(&token, now() + Duration::seconds(60)).await.unwrap_err().code, Code::ExpiredToken);
}

#[tokio::test]
async fn a_token_of_another_key_or_algorithm_is_refused() {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let good = signed(&claims(json!({})), SECRET.as_bytes());
    let unsigned = format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims(json!({}))));
    let hs512 =
        encode(&Header::new(Algorithm::HS512), &claims(json!({})), &EncodingKey::from_secret(SECRET.as_bytes()));
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["exp".to_owned()]);
    let critical = encode(&critical, &claims(json!({})), &EncodingKey::from_secret(SECRET.as_bytes()));
    let mut stretched = good.clone();
    stretched.push('A');
    for (what, token) in [
        ("alg none", unsigned.clone()),
        ("alg none with the signature of another token", format!("{unsigned}{}", good.rsplit('.').next().unwrap())),
        ("another secret", signed(&claims(json!({})), b"another secret of at least 32 bytes")),
        ("another length of HMAC", hs512.unwrap()),
        ("a critical extension", critical.unwrap()),
        ("a stretched signature", stretched),
        ("too long", "x".repeat(9000)),
        ("no token at all", "abc".to_owned()),
        ("nothing", String::new()),
    ] {
        assert_eq!(hs256().verify(&token, now()).await.unwrap_err().code, Code::InvalidToken, "{what}");
    }
}

#[tokio::test]
async fn the_public_key_of_eddsa_is_no_secret_of_hs256() {
    let folder = std::env::temp_dir().join(domain::ids::new_id().to_string());
    std::fs::create_dir(&folder).unwrap();
    let keys = Keys::local(&folder).unwrap();
    let public = keys.find(&Header::default()).await.unwrap().key.try_get_as_bytes().unwrap().to_vec();
    let auth = Authenticator::new(keys, &settings());
    assert_eq!(auth.verify(&signed(&claims(json!({})), &public), now()).await.unwrap_err().code, Code::InvalidToken);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn tokens_of_the_local_key_outlive_a_restart_and_the_key_is_private() {
    let folder = std::env::temp_dir().join(domain::ids::new_id().to_string());
    std::fs::create_dir(&folder).unwrap();
    let authenticator = || Authenticator::new(Keys::local(&folder).unwrap(), &settings());
    let request = TokenRequest {
        subject: "virpi".to_owned(),
        scopes: vec!["register:read".to_owned()],
        party_ids: None,
        time_to_live: Duration::seconds(10),
    };
    let token = authenticator().mint(&request, now()).unwrap();
    assert!(authenticator().verify(&token, now()).await.unwrap().may("register:read"));
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 1, "nothing is left behind but the key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(files[0].path(), "rubbish").unwrap();
    assert!(Keys::local(&folder).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn admin_has_every_scope_but_not_as_a_resident() {
    let admin = || ["admin".to_owned()];
    assert!(Principal::new("a", admin(), None).may("parties:protected"));
    assert!(!Principal::new("a", admin(), Some(vec![1])).may("parties:protected"));
    assert!(!Principal::new("a", ["mailings:read".to_owned()], None).may("mailings:write"));
}
