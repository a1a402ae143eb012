//! Where the database is: `sqlite:` or `postgres:` URLs, and nothing guessed from anything else.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use crate::error::OpenError;

/// How long a connection to PostgreSQL may take, unless the URL says `connect_timeout` itself.
const CONNECT_TIMEOUT_SECONDS: u32 = 10;

/// Which database is behind a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A checked database URL. `Display` and `Debug` leave the password out.
#[derive(Clone)]
pub struct DatabaseUrl(Location);

#[derive(Clone)]
pub(crate) enum Location {
    Sqlite { path: PathBuf, create: bool },
    Postgres { url: String },
}

impl DatabaseUrl {
    /// The product's own SQLite file, made when it is missing.
    pub fn own_file(path: &Path) -> Self {
        Self(Location::Sqlite { path: path.to_owned(), create: true })
    }

    /// Reads `sqlite:PATH`, `sqlite://PATH`, either with `?mode=rwc` to have a missing file made, or `postgres://…`.
    ///
    /// # Errors
    /// [`OpenError::Url`] for every other form, and for a PostgreSQL URL that asks for TLS this build does not have.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        match text.split_once(':') {
            Some(("sqlite", rest)) => parse_sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            Some(("postgres" | "postgresql", _)) => parse_postgres(text),
            _ => Err(OpenError::Url(
                "the database URL must begin with postgres:// or sqlite: (for instance sqlite:data/postitus.db)"
                    .to_owned(),
            )),
        }
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self.0 {
            Location::Sqlite { .. } => Backend::Sqlite,
            Location::Postgres { .. } => Backend::Postgres,
        }
    }

    pub(crate) fn location(&self) -> &Location {
        &self.0
    }
}

fn parse_sqlite(rest: &str) -> Result<DatabaseUrl, OpenError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let create = match query {
        "" | "mode=rw" => false,
        "mode=rwc" => true,
        other => {
            return Err(OpenError::Url(format!("the SQLite URL knows only ?mode=rw and ?mode=rwc, not ?{other}")));
        }
    };
    if path.is_empty() || path == ":memory:" {
        return Err(OpenError::Url("the SQLite URL must name a file, for instance sqlite:data/postitus.db".to_owned()));
    }
    Ok(DatabaseUrl(Location::Sqlite { path: PathBuf::from(path), create }))
}

fn parse_postgres(text: &str) -> Result<DatabaseUrl, OpenError> {
    let url =
        Url::parse(text).map_err(|error| OpenError::Url(format!("the PostgreSQL URL cannot be read: {error}")))?;
    if url.host_str().is_none_or(str::is_empty) && !url.query_pairs().any(|(key, _)| key == "host") {
        return Err(OpenError::Url(
            "the PostgreSQL URL must name a host, for instance postgres://user@localhost/postitus".to_owned(),
        ));
    }
    if let Some((_, mode)) = url.query_pairs().find(|(key, _)| key == "sslmode")
        && !matches!(mode.as_ref(), "disable" | "allow" | "prefer")
    {
        return Err(OpenError::Url(format!(
            "sslmode={mode} asks for TLS to PostgreSQL, which this build does not have; build with TLS, or connect over a private network with sslmode=disable"
        )));
    }
    Ok(DatabaseUrl(Location::Postgres { url: with_timeout(text, &url) }))
}

/// The URL with a bound on the wait for a server that does not answer; libpq alone waits forever.
fn with_timeout(text: &str, url: &Url) -> String {
    if url.query_pairs().any(|(key, _)| key == "connect_timeout") {
        return text.to_owned();
    }
    let separator = if url.query().is_some() { '&' } else { '?' };
    format!("{text}{separator}connect_timeout={CONNECT_TIMEOUT_SECONDS}")
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Location::Sqlite { path, .. } => write!(f, "sqlite:{}", path.display()),
            Location::Postgres { url } => match Url::parse(url) {
                Ok(url) => write!(
                    f,
                    "postgres://{}:{}{}",
                    url.host_str().unwrap_or("local socket"),
                    url.port().unwrap_or(5432),
                    url.path()
                ),
                Err(_) => f.write_str("postgres:"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_urls_are_refused() {
        for url in [
            "typo.db",
            "host=localhost port=5432",
            "postgress://x/y",
            "mysql://x/y",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a.db?mode=memory",
            "postgres:///db",
            "postgres://h/db?sslmode=require",
            "",
        ] {
            assert!(DatabaseUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let url = DatabaseUrl::parse("postgres://me:secret@db.example/postitus").unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.example:5432/postitus DatabaseUrl(postgres://db.example:5432/postitus)"
        );
        assert_eq!(url.backend(), Backend::Postgres);
    }
}
