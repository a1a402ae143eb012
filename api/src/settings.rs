//! The settings: `POSTITUS_*` variables, else `postitus.toml` in the working folder, else a default. Each is checked at
//! start and named in its error; nothing reads the environment elsewhere.

mod origins;
mod secret;
mod senders;
mod source;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use delivery::files::FilesLocation;
use domain::attachment;
use persistence::{DatabaseUrl, DbSettings};
use thiserror::Error;
use url::Url;

use crate::auth::{SHORTEST_SECRET, VerifyingKey};
use crate::outbound::Reach;
use source::Source;

pub use origins::Origins;
pub use secret::Secret;
pub use senders::Senders;

/// The file that may stand in for variables.
const FILE: &str = "postitus.toml";
/// The product's own SQLite file in the data folder.
const DATABASE_FILE: &str = "postitus.db";
/// Most messages under way at a time.
const MOST_WORKERS: usize = 1024;

/// A setting that cannot be used; the message names it and the remedy.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SettingsError(String);

/// Everything the deployment decides. `Debug` leaves secrets out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `POSTITUS_DATA_DIR`: where files are kept. Default `data`.
    pub data_dir: PathBuf,
    /// `POSTITUS_DATABASE_URL` and `POSTITUS_DB_CONNECTIONS` (default 8). The default database is `postitus.db` in the data folder.
    pub database: DbSettings,
    /// `POSTITUS_LISTEN`: address and port, of which 0 means any free one. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `POSTITUS_PUBLIC_URL`: where recipients reach this service, for links in mail.
    pub public_url: Option<Url>,
    /// `POSTITUS_SMTP_URL`: the mail server; without it mail is written to files.
    pub smtp_url: Option<Secret>,
    /// `POSTITUS_SMTP_CA_FILE`: certificates (PEM) to trust for the mail server beside the usual ones.
    pub smtp_ca_file: Option<PathBuf>,
    /// `POSTITUS_SENDERS`: which addresses mail may come from.
    pub senders: Senders,
    /// `POSTITUS_DEFAULT_LANGUAGE`: the service language of those who have none (BCP 47). Default `fi`.
    pub default_language: String,
    /// `POSTITUS_TIME_ZONE`: whose days and months count. Default `Europe/Helsinki`.
    pub time_zone: Tz,
    /// `POSTITUS_SMTP_CONNECTIONS`: how many connections to the mail server at a time, 1–256. Default 4.
    pub smtp_connections: usize,
    /// `POSTITUS_WORKERS`: how many messages are under way at a time, those being prepared or recorded included, 0–1024. With 0
    /// this process sends nothing: another one does, on the same database. Default 32 for each connection.
    pub workers: usize,
    /// `POSTITUS_LEASE_SECONDS`: after how long the work of a vanished dispatcher is taken over, 1–3600. Default 30.
    pub lease_seconds: u32,
    /// `POSTITUS_RELAY_PATIENCE_SECONDS`: for how long faults of the mail server go on before a mailing pauses itself, 1–86400.
    /// Default 60.
    pub relay_patience_seconds: u32,
    /// `POSTITUS_BODY_LIMIT`: the largest request body in bytes, 1024–67108864. Default 1048576.
    pub body_limit: usize,
    /// `POSTITUS_IMPORT_LIMIT`: how large the files of one import over HTTP may be together, in bytes, 1024–1099511627776. Default
    /// 2147483648.
    pub import_limit: u64,
    /// `POSTITUS_FILES_URL`: where attachments are kept, `file:///folder` or `s3://bucket/prefix`. Default `files` in the data folder.
    pub files: FilesLocation,
    /// `POSTITUS_ATTACHMENT_LIMIT`: the largest attachment in bytes, 1024–20971520. Default 10485760.
    pub attachment_limit: usize,
    /// `POSTITUS_ATTACHMENT_KEEP_HOURS`: how long an attachment is kept that no mailing names, 0–8760. Default 24.
    pub attachment_keep_hours: u32,
    /// `POSTITUS_RATE_LIMIT`: how many requests a minute each token's subject may make, 0–1000000; 0 for any number. Default 600.
    pub rate_limit: u32,
    /// `POSTITUS_CORS_ORIGINS`: which pages' scripts may call the API.
    pub cors_origins: Origins,
    /// `POSTITUS_OUTBOUND_PRIVATE`: whether calls to other servers may go to private addresses, `allow` or `refuse`, the default.
    pub outbound: Reach,
    /// `POSTITUS_JWT_…` and `POSTITUS_JWKS_URL`.
    pub jwt: JwtSettings,
    own_database: bool,
}

/// Which tokens are accepted.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// `POSTITUS_JWT_SECRET`: shared secret for HS256, at least 32 bytes.
    pub secret: Option<Secret>,
    /// `POSTITUS_JWT_PUBLIC_KEY`: an RSA, P-256 or Ed25519 key (PEM) for RS256, ES256 or EdDSA.
    pub public_key: Option<VerifyingKey>,
    /// `POSTITUS_JWKS_URL`: where the tokens' issuer publishes its keys.
    pub key_set: Option<Url>,
    /// `POSTITUS_JWT_ISSUER`: the claim `iss`. Default `postitus`.
    pub issuer: String,
    /// `POSTITUS_JWT_AUDIENCE`: the claim `aud`. Default `postitus`.
    pub audience: String,
}

impl Settings {
    /// Reads the process's environment and `postitus.toml` in the working folder.
    ///
    /// # Errors
    /// [`SettingsError`] for the first setting that cannot be used, and for unknown ones.
    pub fn load() -> Result<Self, SettingsError> {
        let file = source::read_file(Path::new(FILE))?;
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect::<BTreeMap<_, _>>();
        Self::read(&Source::new(environment, file.as_deref())?)
    }

    /// The settings of these variables alone.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn of_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SettingsError> {
        let environment = variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self::read(&Source::new(environment, None)?)
    }

    /// Whether the database is the product's own file in the data folder.
    pub fn has_own_database(&self) -> bool {
        self.own_database
    }

    fn read(source: &Source) -> Result<Self, SettingsError> {
        let data_dir = source.parsed("DATA_DIR", value::path)?.unwrap_or_else(|| PathBuf::from("data"));
        let url = source.parsed("DATABASE_URL", |text| DatabaseUrl::parse(text).map_err(|error| error.to_string()))?;
        let own_database = url.is_none();
        let url = url.unwrap_or_else(|| DatabaseUrl::own_file(&data_dir.join(DATABASE_FILE)));
        let connections = source.parsed("DB_CONNECTIONS", value::number(2..=256))?.unwrap_or(8);
        let smtp_connections = source.parsed("SMTP_CONNECTIONS", value::number(1..=256))?.unwrap_or(4);
        Ok(Self {
            database: DbSettings { url, connections },
            listen: source.parsed("LISTEN", value::address)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: source.parsed("PUBLIC_URL", value::web_url)?,
            smtp_url: source.parsed("SMTP_URL", value::smtp_url)?,
            smtp_ca_file: source.parsed("SMTP_CA_FILE", value::existing_file)?,
            senders: source.parsed("SENDERS", Senders::parse)?.unwrap_or_default(),
            default_language: source.parsed("DEFAULT_LANGUAGE", value::language)?.unwrap_or_else(|| "fi".to_owned()),
            time_zone: source.parsed("TIME_ZONE", value::time_zone)?.unwrap_or(Tz::Europe__Helsinki),
            smtp_connections,
            workers: source
                .parsed("WORKERS", value::number(0..=MOST_WORKERS))?
                .unwrap_or((32 * smtp_connections).min(MOST_WORKERS)),
            lease_seconds: source.parsed("LEASE_SECONDS", value::number(1..=3600))?.unwrap_or(30),
            relay_patience_seconds: source.parsed("RELAY_PATIENCE_SECONDS", value::number(1..=86_400))?.unwrap_or(60),
            import_limit: source
                .parsed("IMPORT_LIMIT", value::number(1024..=1 << 40))?
                .unwrap_or(2 * 1024 * 1024 * 1024),
            body_limit: source.parsed("BODY_LIMIT", value::number(1024..=64 * 1024 * 1024))?.unwrap_or(1024 * 1024),
            files: source
                .parsed("FILES_URL", FilesLocation::parse)?
                .unwrap_or_else(|| FilesLocation::in_data_folder(&data_dir)),
            attachment_limit: source
                .parsed(
                    "ATTACHMENT_LIMIT",
                    value::number(1024..=usize::try_from(attachment::MAX_TOTAL).unwrap_or(usize::MAX)),
                )?
                .unwrap_or(attachment::DEFAULT_LIMIT),
            attachment_keep_hours: source.parsed("ATTACHMENT_KEEP_HOURS", value::number(0..=8760))?.unwrap_or(24),
            rate_limit: source.parsed("RATE_LIMIT", value::number(0..=1_000_000))?.unwrap_or(600),
            cors_origins: source.parsed("CORS_ORIGINS", Origins::parse)?.unwrap_or_default(),
            outbound: source.parsed("OUTBOUND_PRIVATE", value::reach)?.unwrap_or(Reach::Public),
            jwt: JwtSettings::read(source)?,
            own_database,
            data_dir,
        })
    }
}

impl JwtSettings {
    fn read(source: &Source) -> Result<Self, SettingsError> {
        source.at_most_one(&["JWT_SECRET", "JWT_PUBLIC_KEY", "JWKS_URL"])?;
        Ok(Self {
            secret: source.parsed("JWT_SECRET", value::secret(SHORTEST_SECRET))?,
            public_key: source.parsed("JWT_PUBLIC_KEY", VerifyingKey::from_pem)?,
            key_set: source.parsed("JWKS_URL", value::key_set_url)?,
            issuer: source.parsed("JWT_ISSUER", value::word)?.unwrap_or_else(|| "postitus".to_owned()),
            audience: source.parsed("JWT_AUDIENCE", value::word)?.unwrap_or_else(|| "postitus".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(name: &str, value: &str) -> String {
        Settings::of_variables([(name, value)]).unwrap_err().to_string()
    }

    #[test]
    fn every_setting_has_a_default() {
        let settings = Settings::of_variables([]).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.database.url.to_string(), "sqlite:data/postitus.db");
        assert_eq!((settings.default_language.as_str(), settings.time_zone), ("fi", Tz::Europe__Helsinki));
        assert_eq!((settings.smtp_connections, settings.workers), (4, 128));
        assert_eq!((settings.lease_seconds, settings.body_limit), (30, 1_048_576));
        assert!(settings.smtp_url.is_none() && settings.jwt.secret.is_none());
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named() {
        for (name, value) in [
            ("POSTITUS_LISTEN", "8080"),
            ("POSTITUS_DATABASE_URL", "typo.db"),
            ("POSTITUS_PUBLIC_URL", "ftp://x"),
            ("POSTITUS_SMTP_URL", "mail.example:25"),
            ("POSTITUS_SMTP_CA_FILE", "/nonexistent/ca.pem"),
            ("POSTITUS_SENDERS", "not-an-address"),
            ("POSTITUS_DEFAULT_LANGUAGE", "suomi!"),
            ("POSTITUS_TIME_ZONE", "Helsinki"),
            ("POSTITUS_WORKERS", "1025"),
            ("POSTITUS_LEASE_SECONDS", "soon"),
            ("POSTITUS_DB_CONNECTIONS", "1"),
            ("POSTITUS_BODY_LIMIT", "-1"),
            ("POSTITUS_IMPORT_LIMIT", "1"),
            ("POSTITUS_JWT_SECRET", "short"),
            ("POSTITUS_JWT_SECRET_FILE", "/nonexistent/secret"),
            ("POSTITUS_JWT_ISSUER", "two words"),
            ("POSTITUS_JWT_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----\nrubbish\n-----END PUBLIC KEY-----"),
            ("POSTITUS_JWKS_URL", "login.example/keys"),
            ("POSTITUS_FILES_URL", "files"),
            ("POSTITUS_ATTACHMENT_LIMIT", "20971521"),
            ("POSTITUS_ATTACHMENT_KEEP_HOURS", "-1"),
            ("POSTITUS_RATE_LIMIT", "-1"),
            ("POSTITUS_CORS_ORIGINS", "*"),
            ("POSTITUS_OUTBOUND_PRIVATE", "yes"),
        ] {
            let message = fault(name, value);
            assert!(message.starts_with(name), "{name}: {message}");
        }
    }

    #[test]
    fn an_unknown_variable_is_refused_with_the_closest_name() {
        assert!(fault("POSTITUS_LISTN", "127.0.0.1:1").contains("POSTITUS_LISTEN"));
        assert!(fault("POSTITUS_JWT_SECRET_FIEL", "x").contains("POSTITUS_JWT_SECRET_FILE"));
        assert!(Settings::of_variables([("POSTITUS_TEST_POSTGRES_URL", "x"), ("PATH", "/bin")]).is_ok());
    }

    #[test]
    fn tokens_are_checked_by_keys_of_one_source() {
        let (secret, url) = ("0123456789abcdef0123456789abcdef", "https://login.example/keys");
        let both = Settings::of_variables([("POSTITUS_JWT_SECRET", secret), ("POSTITUS_JWKS_URL", url)]).unwrap_err();
        assert_eq!(both.to_string(), "POSTITUS_JWT_SECRET and POSTITUS_JWKS_URL are both given; keep one");
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = "0123456789abcdef0123456789abcdef";
        let settings = Settings::of_variables([
            ("POSTITUS_JWT_SECRET", secret),
            ("POSTITUS_SMTP_URL", "smtps://me:hunter2@mail.example"),
            ("POSTITUS_DATABASE_URL", "postgres://me:hunter2@db.example/postitus"),
        ])
        .unwrap();
        let shown = format!("{settings:?}");
        assert!(!shown.contains(secret) && !shown.contains("hunter2"), "{shown}");
        assert!(!fault("POSTITUS_SMTP_URL", "http://me:hunter2@mail.example").contains("hunter2"));
    }
}
