//! Short-lived signed links, for browsers that cannot send a token: whoever has the link may follow it until it ends.

use std::error::Error;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use persistence::Db;
use ring::hmac;

use crate::secrets::service_secret;

/// How long a link lasts.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// The name of the key among those of the service.
const KEY: &str = "links";

/// Signs and checks links, with a key that all processes on the same database share. Cheap to clone.
#[derive(Clone)]
pub struct Links(Arc<hmac::Key>);

/// What a link leads to, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub liite_id: i64,
    /// In seconds since 1970.
    pub until: i64,
}

impl Links {
    /// With the key of this database, made now if there is none.
    ///
    /// # Errors
    /// A failure of the database, or a system without randomness.
    pub async fn load(db: &Db) -> Result<Self, Box<dyn Error>> {
        Ok(Self::of_secret(&service_secret(db, KEY).await?))
    }

    pub(crate) fn of_secret(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The signature of a link.
    pub fn sign(&self, link: Link) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, link.text().as_bytes()))
    }

    /// Whether the link was signed here and has not ended.
    pub fn verify(&self, link: Link, signature: &str, now: DateTime<Utc>) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        hmac::verify(&self.0, link.text().as_bytes(), &signature).is_ok() && now.timestamp() < link.until
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

    #[test]
    fn a_link_holds_until_it_ends_and_for_nothing_else() {
        let now = crate::testing::now();
        let link = Link { liite_id: 7, until: now.timestamp() + 300 };
        let signature = Links::of_secret(&[7; 32]).sign(link);
        // Another process on the same database.
        let other = Links::of_secret(&[7; 32]);
        assert!(other.verify(link, &signature, now));
        assert!(!other.verify(link, &signature, now + LIFETIME));
        assert!(!other.verify(Link { liite_id: 8, ..link }, &signature, now));
        assert!(!other.verify(Link { until: link.until + 1, ..link }, &signature, now));
        assert!(!Links::of_secret(&[8; 32]).verify(link, &signature, now));
        for rubbish in ["", "x", "%%", "AAAA"] {
            assert!(!other.verify(link, rubbish, now), "{rubbish}");
        }
    }
}
