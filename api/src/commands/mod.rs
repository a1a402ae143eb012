//! What the commands do, one file each.

pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod token;

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::auth::Keys;
use crate::outbound::Outbound;
use crate::settings::Settings;
use domain::clock::Clock;
use persistence::{Backend, Db};

/// The answer of a command: what to tell the user when it fails.
pub(crate) type Done = Result<(), Box<dyn Error>>;

/// Opens the database and makes the data folder. A database elsewhere comes first: when that fails, nothing has been made.
fn open_database(settings: &Settings) -> Result<Db, Box<dyn Error>> {
    let folder = &settings.data_dir;
    let make_folder = || {
        make_private(folder).map_err(|error| format!("POSTITUS_DATA_DIR: cannot make {}: {error}", folder.display()))
    };
    if settings.has_own_database() {
        make_folder()?;
    }
    let db = Db::open(&settings.database).map_err(|error| format!("POSTITUS_DATABASE_URL: {error}"))?;
    make_folder()?;
    Ok(db)
}

/// Makes a folder that nobody else may look into: the register is in it, and keys. One that is there keeps its permissions.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The keys of this deployment. A database that several servers may share needs keys that they share.
fn keys(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Keys, Box<dyn Error>> {
    match given_keys(settings, clock)? {
        Some(keys) => Ok(keys),
        None => Ok(Keys::local(&settings.data_dir)?),
    }
}

/// The keys that the settings give; none where the data folder has the key.
fn given_keys(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Option<Keys>, Box<dyn Error>> {
    let jwt = &settings.jwt;
    if let Some(secret) = &jwt.secret {
        return Ok(Some(Keys::shared_secret(secret)));
    }
    if let Some(key) = &jwt.public_key {
        return Ok(Some(Keys::public(key.clone())));
    }
    if let Some(url) = &jwt.key_set {
        let named = |fault: &dyn Error| format!("POSTITUS_JWKS_URL: {fault}");
        let outbound = Outbound::new(settings.outbound).map_err(|error| named(&error))?;
        return Ok(Some(Keys::remote(url.clone(), outbound, clock).map_err(|error| named(&error))?));
    }
    match settings.database.url.backend() {
        Backend::Sqlite => Ok(None),
        Backend::Postgres => {
            Err("with PostgreSQL keys for tokens must be given: POSTITUS_JWT_SECRET (at least 32 bytes, \
                                  for instance from: openssl rand -base64 48), POSTITUS_JWT_PUBLIC_KEY or \
                                  POSTITUS_JWKS_URL"
                .into())
        }
    }
}
