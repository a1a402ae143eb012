//! What the commands do, one file each.

pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod token;

use std::error::Error;
use std::fs;

use crate::auth::{KeyError, Keys};
use crate::settings::Settings;
use persistence::{Backend, Db};

/// The answer of a command: what to tell the user when it fails.
pub(crate) type Done = Result<(), Box<dyn Error>>;

/// Opens the database and makes the data folder. A database elsewhere comes first: when that fails, nothing has been made.
fn open_database(settings: &Settings) -> Result<Db, Box<dyn Error>> {
    let folder = &settings.data_dir;
    let make_folder = || {
        fs::create_dir_all(folder)
            .map_err(|error| format!("POSTITUS_DATA_DIR: cannot make {}: {error}", folder.display()))
    };
    if settings.has_own_database() {
        make_folder()?;
    }
    let db = Db::open(&settings.database).map_err(|error| format!("POSTITUS_DATABASE_URL: {error}"))?;
    make_folder()?;
    Ok(db)
}

/// The key of this deployment. A database that several servers may share needs a key that they share.
fn keys(settings: &Settings) -> Result<Keys, Box<dyn Error>> {
    match (&settings.jwt.secret, settings.database.url.backend()) {
        (Some(secret), _) => Ok(Keys::shared_secret(secret)),
        (None, Backend::Sqlite) => Ok(Keys::local(&settings.data_dir).map_err(|error: KeyError| Box::new(error))?),
        (None, Backend::Postgres) => {
            Err("POSTITUS_JWT_SECRET (or POSTITUS_JWT_SECRET_FILE): with PostgreSQL a key for tokens must be given; it needs \
                 at least 32 bytes, for instance from: openssl rand -base64 48"
                .into())
        }
    }
}
