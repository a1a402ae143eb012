//! Short-lived signed links, for browsers that cannot send a token: whoever has the link may follow it until it ends.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use persistence::{Db, service_keys};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::sync::OnceCell;

use crate::problem::Problem;

/// How long a link lasts.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// The name of the key among those of the service.
const KEY: &str = "links";

/// Signs and checks links, with a key that all processes on the same database share. Cheap to clone.
#[derive(Clone, Default)]
pub struct Links(Arc<OnceCell<hmac::Key>>);

/// What a link leads to, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub liite_id: i64,
    /// In seconds since 1970.
    pub until: i64,
}

impl Links {
    /// The signature of a link.
    ///
    /// # Errors
    /// 503, while the key cannot be read.
    pub async fn sign(&self, db: &Db, link: Link) -> Result<String, Problem> {
        let signature = hmac::sign(self.key(db).await?, link.text().as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// Whether the link was signed here and has not ended.
    ///
    /// # Errors
    /// 503, while the key cannot be read.
    pub async fn verify(&self, db: &Db, link: Link, signature: &str, now: DateTime<Utc>) -> Result<bool, Problem> {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return Ok(false) };
        let is_ours = hmac::verify(self.key(db).await?, link.text().as_bytes(), &signature).is_ok();
        Ok(is_ours && now.timestamp() < link.until)
    }

    async fn key(&self, db: &Db) -> Result<&hmac::Key, Problem> {
        self.0
            .get_or_try_init(|| async {
                let mut fresh = [0; 32];
                SystemRandom::new()
                    .fill(&mut fresh)
                    .map_err(|error| Problem::unavailable(format!("the system has no randomness: {error}")))?;
                let secret = db.write(move |writer| service_keys::get_or_keep(writer, KEY, &fresh)).await?;
                Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
            })
            .await
    }
}

impl Link {
    fn text(self) -> String {
        format!("liite {} {}", self.liite_id, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_link_holds_until_it_ends_and_for_nothing_else() {
        let state = crate::testing::state();
        let now = crate::testing::now();
        let link = Link { liite_id: 7, until: now.timestamp() + 300 };
        let signature = state.links.sign(&state.db, link).await.unwrap();
        // Another process on the same database.
        let other = Links::default();
        let holds = async |link, signature: &str, now| other.verify(&state.db, link, signature, now).await.unwrap();
        assert!(holds(link, &signature, now).await);
        assert!(!holds(link, &signature, now + LIFETIME).await);
        assert!(!holds(Link { liite_id: 8, ..link }, &signature, now).await);
        assert!(!holds(Link { until: link.until + 1, ..link }, &signature, now).await);
        for rubbish in ["", "x", "%%", "AAAA"] {
            assert!(!holds(link, rubbish, now).await, "{rubbish}");
        }
    }
}
