use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::clock::{Clock as _, FixedClock};
use futures_util::future::join_all;

use super::issuer::Issuer;
use super::*;
use crate::auth::{Authenticator, Keys};
use crate::outbound::{Outbound, Reach};
use crate::problem::Code;
use crate::settings::Settings;

/// A deployment that trusts an issuer; its clock stands.
struct Deployment {
    auth: Authenticator,
    clock: Arc<FixedClock>,
}

impl Deployment {
    fn of(issuer: &Issuer) -> Self {
        let clock = Arc::new(FixedClock::new(now()));
        let outbound = Outbound::new(Reach::Everywhere).unwrap();
        let keys = Keys::remote(issuer.url.clone(), outbound, Arc::<FixedClock>::clone(&clock)).unwrap();
        Self { auth: Authenticator::new(keys, &Settings::of_variables([]).unwrap().jwt), clock }
    }

    /// Whether a token is good, else why not.
    async fn verify(&self, token: &str) -> Result<(), Code> {
        self.auth.verify(token, self.clock.now()).await.map(drop).map_err(|refusal| refusal.code)
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_checked_by_the_key_they_name() {
    let keys = [IssuerKey::rs256(), IssuerKey::es256(), IssuerKey::eddsa()];
    let names = ["r", "p", "e"];
    let set: Vec<Value> = keys.iter().zip(names).map(|(key, kid)| key.jwk(json!({"kid": kid, "use": "sig"}))).collect();
    let issuer = Issuer::start(&set).await;
    let deployment = Deployment::of(&issuer);
    for (key, kid) in keys.iter().zip(names) {
        assert_eq!(deployment.verify(&key.token(Some(kid))).await, Ok(()), "{kid}");
        let other = names.into_iter().find(|other| *other != kid);
        assert_eq!(deployment.verify(&key.token(other)).await, Err(Code::InvalidToken), "{kid} that names another");
        assert_eq!(deployment.verify(&key.token(None)).await, Err(Code::InvalidToken), "{kid} that names none");
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_single_key_needs_no_name() {
    let key = IssuerKey::es256();
    for (jwk, kid, wanted) in [
        (json!({}), None, Ok(())),
        (json!({}), Some("a"), Ok(())),
        (json!({"kid": "a"}), None, Ok(())),
        (json!({"kid": "a"}), Some("b"), Err(Code::InvalidToken)),
    ] {
        let issuer = Issuer::start(&[key.jwk(jwk.clone())]).await;
        assert_eq!(Deployment::of(&issuer).verify(&key.token(kid)).await, wanted, "{jwk} {kid:?}");
    }
}

#[tokio::test]
async fn keys_that_are_not_for_signatures_of_tokens_are_left_out() {
    let (good, other) = (IssuerKey::eddsa(), IssuerKey::es256());
    let secret = URL_SAFE_NO_PAD.encode("a secret of at least thirty-two bytes");
    let issuer = Issuer::start(&[
        json!({"kty": "oct", "k": secret, "kid": "secret", "alg": "HS256"}),
        json!({"kty": "new", "kid": "new"}),
        json!("rubbish"),
        other.jwk(json!({"kid": "encrypts", "use": "enc"})),
        other.jwk(json!({"kid": "derives", "key_ops": ["deriveKey"]})),
        other.jwk(json!({"kid": "es512", "alg": "ES512"})),
        other.jwk(json!({"kid": "short", "x": "AAAA"})),
        good.jwk(json!({"kid": "good", "alg": "EdDSA", "key_ops": ["verify"]})),
    ])
    .await;
    let deployment = Deployment::of(&issuer);
    assert_eq!(deployment.verify(&good.token(Some("good"))).await, Ok(()));
    for kid in ["encrypts", "derives", "es512", "short"] {
        assert_eq!(deployment.verify(&other.token(Some(kid))).await, Err(Code::InvalidToken), "{kid}");
    }
    let header = Header { kid: Some("secret".to_owned()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(b"a secret of at least thirty-two bytes");
    assert_eq!(deployment.verify(&encode(&header, &claims(), &key).unwrap()).await, Err(Code::InvalidToken));
}

#[tokio::test]
async fn a_new_key_is_found_and_one_that_is_gone_is_trusted_no_more() {
    let (old, new) = (IssuerKey::eddsa(), IssuerKey::es256());
    let issuer = Issuer::start(&[old.jwk(json!({"kid": "old"}))]).await;
    let deployment = Deployment::of(&issuer);
    let (old_token, new_token) = (old.token(Some("old")), new.token(Some("new")));
    assert_eq!(deployment.verify(&old_token).await, Ok(()));
    assert_eq!(deployment.verify(&old_token).await, Ok(()), "now remembered");

    issuer.publish(&[new.jwk(json!({"kid": "new"}))]);
    assert_eq!(deployment.verify(&new_token).await, Err(Code::InvalidToken), "fetched just now");
    deployment.advance(11);
    assert_eq!(deployment.verify(&new_token).await, Ok(()));
    assert_eq!(deployment.verify(&old_token).await, Err(Code::InvalidToken), "also when it was remembered");
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn unknown_keys_make_the_set_be_fetched_once_in_ten_seconds_whatever_is_sent() {
    let key = IssuerKey::eddsa();
    let issuer = Issuer::start(&[key.jwk(json!({"kid": "a"}))]).await;
    let deployment = Deployment::of(&issuer);
    let tokens: Vec<String> = (0..50).map(|number| key.token(Some(&format!("unknown-{number}")))).collect();
    for round in 1..=3 {
        let answers = join_all(tokens.iter().map(|token| deployment.verify(token))).await;
        assert!(answers.iter().all(|answer| *answer == Err(Code::InvalidToken)), "{answers:?}");
        assert_eq!(issuer.fetches(), round);
        deployment.advance(9);
        assert_eq!(deployment.verify(&tokens[0]).await, Err(Code::InvalidToken));
        assert_eq!(issuer.fetches(), round, "nine seconds later");
        deployment.advance(1);
    }
    assert_eq!(deployment.verify(&key.token(Some("a"))).await, Ok(()));
    assert_eq!(issuer.fetches(), 3, "known keys need no fetch");
}

#[tokio::test]
async fn the_last_keys_stay_good_for_a_day_when_the_issuer_does_not_answer() {
    let key = IssuerKey::eddsa();
    let issuer = Issuer::start(&[key.jwk(json!({"kid": "a"}))]).await;
    issuer.go_down();
    let deployment = Deployment::of(&issuer);
    let token = key.token(Some("a"));
    assert_eq!(deployment.verify(&token).await, Err(Code::Unavailable), "never answered yet");

    issuer.publish(&[key.jwk(json!({"kid": "a"}))]);
    deployment.advance(10);
    assert_eq!(deployment.verify(&token).await, Ok(()));
    for broken in ["<html>maintenance</html>", "{}", "{\"keys\": []}"] {
        issuer.answer(broken.to_owned());
        deployment.advance(10);
        assert_eq!(deployment.verify(&key.token(Some("b"))).await, Err(Code::InvalidToken), "{broken}");
        assert_eq!(deployment.verify(&token).await, Ok(()), "{broken}");
    }
    issuer.go_down();
    deployment.advance(24 * 3600 - 31);
    assert_eq!(deployment.verify(&token).await, Ok(()));
    deployment.advance(1);
    assert_eq!(deployment.verify(&token).await, Err(Code::Unavailable), "a day after the last answer");
}

#[tokio::test]
async fn an_issuer_that_hangs_holds_nobody_up_for_long() {
    let key = IssuerKey::eddsa();
    let issuer = Issuer::start(&[key.jwk(json!({"kid": "a"}))]).await;
    let deployment = Deployment::of(&issuer);
    assert_eq!(deployment.verify(&key.token(Some("a"))).await, Ok(()));
    issuer.hang();
    deployment.advance(10);
    let started = Instant::now();
    let unknown = key.token(Some("b"));
    let waiting = join_all((0..20).map(|_| deployment.verify(&unknown)));
    let known = key.token(None);
    let (answers, known) = tokio::join!(waiting, async {
        let verified = deployment.verify(&known).await;
        (verified, started.elapsed())
    });
    assert!(answers.iter().all(|answer| *answer == Err(Code::InvalidToken)));
    assert!(known.0.is_ok() && known.1 < Duration::from_secs(1), "{known:?}");
    let waited = started.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn the_keys_are_fetched_before_anybody_asks() {
    let key = IssuerKey::eddsa();
    let issuer = Issuer::start(&[key.jwk(json!({"kid": "a"}))]).await;
    let deployment = Deployment::of(&issuer);
    deployment.auth.watch_keys();
    while issuer.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(deployment.verify(&key.token(Some("a"))).await, Ok(()));
    assert_eq!(issuer.fetches(), 1, "shared with the first caller");
}

#[test]
fn addresses_that_may_not_be_called_are_refused_at_start() {
    let outbound = Outbound::new(Reach::Public).unwrap();
    let clock = || Arc::new(FixedClock::new(now()));
    for url in ["http://login.example/keys", "https://10.0.0.1/keys", "http://127.0.0.1/keys"] {
        assert!(Keys::remote(url.parse().unwrap(), outbound.clone(), clock()).is_err(), "{url}");
    }
    assert!(Keys::remote("https://login.example/keys".parse().unwrap(), outbound, clock()).is_ok());
}
