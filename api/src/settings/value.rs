//! How the texts of settings are read. An error says what is wrong without repeating what may be secret.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use chrono_tz::Tz;
use url::Url;

use super::Secret;
use crate::outbound::Reach;

/// A path.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

/// A file that is there.
pub(super) fn existing_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_file() { Ok(path) } else { Err(format!("there is no file {text}")) }
}

/// A whole number within bounds.
pub(super) fn number<T>(bounds: RangeInclusive<T>) -> impl FnOnce(&str) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    move |text| match text.parse() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {} to {}", bounds.start(), bounds.end())),
    }
}

/// Where to listen.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_unreadable| "must be an address and a port, for instance 127.0.0.1:8080".to_owned())
}

/// An address that browsers open.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err("must be an http or https URL without query, for instance https://viestit.example".to_owned());
    }
    Ok(url)
}

/// Where an issuer publishes its keys.
pub(super) fn key_set_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none() => Ok(url),
        _ => Err("must be an https URL, for instance https://login.example/.well-known/jwks.json".to_owned()),
    }
}

/// How far calls to other servers may reach.
pub(super) fn reach(text: &str) -> Result<Reach, String> {
    match text {
        "allow" => Ok(Reach::Everywhere),
        "refuse" => Ok(Reach::Public),
        _ => Err("must be allow or refuse".to_owned()),
    }
}

/// A mail server.
pub(super) fn smtp_url(text: &str) -> Result<Secret, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "smtp" | "smtps") && url.has_host() => Ok(Secret::new(text)),
        _ => {
            Err("must be smtp://… or smtps://… with a host, for instance smtps://user:password@mail.example".to_owned())
        }
    }
}

/// A BCP 47 language tag, made canonical.
pub(super) fn language(text: &str) -> Result<String, String> {
    domain::language::parse(text).ok_or_else(|| "must be a language tag, for instance fi or sv".to_owned())
}

/// A time zone of the IANA database.
pub(super) fn time_zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_unreadable| "must be an IANA time zone, for instance Europe/Helsinki".to_owned())
}

/// A secret of at least so many bytes.
pub(super) fn secret(shortest: usize) -> impl FnOnce(&str) -> Result<Secret, String> {
    move |text| {
        if text.len() < shortest { Err(format!("must have at least {shortest} bytes")) } else { Ok(Secret::new(text)) }
    }
}

/// A text without white space.
pub(super) fn word(text: &str) -> Result<String, String> {
    if text.contains(char::is_whitespace) {
        Err("must not contain white space".to_owned())
    } else {
        Ok(text.to_owned())
    }
}
