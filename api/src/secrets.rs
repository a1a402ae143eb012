//! Secrets that the service makes for itself.

use std::error::Error;

use persistence::{Db, StoreError, service_keys};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The secret of this name in the database, 32 bytes; made now if there is none, and then the same for all processes.
///
/// # Errors
/// A failure of the database, or a system without randomness.
pub async fn service_secret(db: &Db, name: &'static str) -> Result<Vec<u8>, Box<dyn Error>> {
    if let Some(secret) = db.read::<_, StoreError, _>(move |reader| service_keys::find(reader, name)).await? {
        return Ok(secret);
    }
    let mut fresh = [0; 32];
    SystemRandom::new().fill(&mut fresh).map_err(|error| format!("the system has no randomness: {error}"))?;
    Ok(db.write::<_, StoreError, _>(move |writer| service_keys::get_or_keep(writer, name, &fresh)).await?)
}
