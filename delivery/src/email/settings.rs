//! Which relay, and how it is spoken to: the parsed form of an SMTP URL.
//!
//! `smtps://user:password@host[:465]` or `smtp://[user:password@]host[:587]?tls=required|opportunistic|none&hello=name`.
//! No error and no `Debug` output repeats the URL, since it holds the password.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use super::tls;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How the connection is encrypted. Wherever it is, the relay's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, or no mail.
    Required,
    /// STARTTLS when the relay offers it, else in the clear (but never a login).
    Opportunistic,
    /// TLS from the first byte.
    Implicit,
    /// In the clear.
    None,
}

/// A relay and the manners to use with it.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Name or IP address (IPv6 without brackets), in lower case; also the name the certificate must bear.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// User and password.
    pub credentials: Option<(String, Secret)>,
    /// Certificates (PEM) to trust instead of the public authorities.
    pub ca_pem: Option<Vec<u8>>,
    /// The name given in EHLO; without one, the connection's own IP address.
    pub hello_name: Option<String>,
    /// For the TCP connection, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// For each command's reply, the greeting and the login.
    pub command_timeout: Duration,
    /// For the reply to a message. Long, as giving up here leaves a message whose fate is unknown (RFC 5321, 4.5.3.2.6).
    pub message_timeout: Duration,
    /// A connection is given up after this many messages.
    pub messages_per_connection: u32,
    /// A connection that has been idle for longer is not used again.
    pub idle_limit: Duration,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("credentials", &self.credentials)
            .field("own_ca", &self.ca_pem.is_some())
            .field("hello_name", &self.hello_name)
            .finish_non_exhaustive()
    }
}

/// Why an SMTP URL or a CA file is refused. Worded to follow the name of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a URL at all.
    #[error("is not a URL")]
    NotAUrl,
    /// Another scheme.
    #[error("must begin with smtp:// or smtps://")]
    Scheme,
    /// No host, or one that is neither a name nor an IP address.
    #[error("must name the relay's host")]
    Host,
    /// Port 0.
    #[error("has an impossible port")]
    Port,
    /// Something behind the host that is not a parameter.
    #[error("must have no path and no fragment")]
    Path,
    /// A parameter that is unknown, or given twice.
    #[error("has an unknown or repeated parameter; known are tls and hello")]
    Parameter,
    /// A wrong `tls`.
    #[error("has a wrong tls parameter: required, opportunistic or none, and only with smtp://")]
    Tls,
    /// A wrong `hello`.
    #[error("has a hello parameter that is not a host name")]
    Hello,
    /// A user without a password, the reverse, or text that is not percent-encoded UTF-8.
    #[error("must have both a user and a password, percent-encoded")]
    Credentials,
    /// The password would travel in the clear.
    #[error("must not send a password over tls=none, unless to this machine")]
    ClearPassword,
    /// The CA file.
    #[error("holds no usable PEM certificate")]
    Ca,
}

impl SmtpSettings {
    /// Reads an SMTP URL.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let url = Url::parse(text.trim()).map_err(|_not_a_url| SettingsError::NotAUrl)?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(SettingsError::Scheme),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SettingsError::Path);
        }
        let host = host(&url).ok_or(SettingsError::Host)?;
        let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
        if port == 0 {
            return Err(SettingsError::Port);
        }
        let (tls, hello_name) = parameters(&url, implicit)?;
        let settings = Self {
            host,
            port,
            tls,
            credentials: credentials(&url)?,
            ca_pem: None,
            hello_name,
            connect_timeout: Duration::from_secs(30),
            command_timeout: Duration::from_secs(120),
            message_timeout: Duration::from_secs(600),
            messages_per_connection: 200,
            idle_limit: Duration::from_secs(30),
        };
        if settings.credentials.is_some() && tls == Tls::None && !settings.is_loopback() {
            return Err(SettingsError::ClearPassword);
        }
        Ok(settings)
    }

    /// The same relay, whose certificate must be signed by one of these certificates (PEM).
    pub fn with_ca_pem(mut self, pem: Vec<u8>) -> Result<Self, SettingsError> {
        self.ca_pem = Some(pem);
        tls::client_config(&self).map_err(|_unusable| SettingsError::Ca)?;
        Ok(self)
    }

    /// Whether the relay is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?.to_ascii_lowercase();
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(ipv6) => ipv6.parse::<IpAddr>().is_ok().then(|| ipv6.to_owned()),
        None => is_host_name(&host).then_some(host),
    }
}

fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn parameters(url: &Url, implicit: bool) -> Result<(Tls, Option<String>), SettingsError> {
    let (mut tls, mut hello) = (None, None);
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "tls" if tls.is_none() => {
                tls = Some(match value.as_ref() {
                    "required" => Tls::Required,
                    "opportunistic" => Tls::Opportunistic,
                    "none" => Tls::None,
                    _ => return Err(SettingsError::Tls),
                });
            }
            "hello" if hello.is_none() => {
                if !is_host_name(&value) {
                    return Err(SettingsError::Hello);
                }
                hello = Some(value.into_owned());
            }
            _ => return Err(SettingsError::Parameter),
        }
    }
    match (implicit, tls) {
        (true, Some(_)) => Err(SettingsError::Tls),
        (true, None) => Ok((Tls::Implicit, hello)),
        (false, tls) => Ok((tls.unwrap_or(Tls::Required), hello)),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, Secret)>, SettingsError> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() && !password.is_empty() => {
            let user = percent_decoded(user).ok_or(SettingsError::Credentials)?;
            let password = percent_decoded(password).ok_or(SettingsError::Credentials)?;
            Ok(Some((user, Secret(password))))
        }
        _ => Err(SettingsError::Credentials),
    }
}

/// The decoded text; `None` for a broken escape, for what is not UTF-8, and for control characters.
fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { hex_digit(bytes.next()?)? * 16 + hex_digit(bytes.next()?)? } else { byte });
    }
    String::from_utf8(decoded).ok().filter(|text| !text.chars().any(char::is_control))
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_urls_are_read() {
        let cases = [
            ("smtp://relay.example.fi", ("relay.example.fi", 587, Tls::Required, None)),
            ("smtp://Relay.Example.fi:2525/", ("relay.example.fi", 2525, Tls::Required, None)),
            ("smtp://localhost:25?tls=none", ("localhost", 25, Tls::None, None)),
            ("smtp://relay?tls=opportunistic", ("relay", 587, Tls::Opportunistic, None)),
            ("smtps://relay.example.fi", ("relay.example.fi", 465, Tls::Implicit, None)),
            ("smtps://u:p@relay:4650", ("relay", 4650, Tls::Implicit, Some(("u", "p")))),
            ("smtp://[::1]:25?tls=none", ("::1", 25, Tls::None, None)),
            ("smtp://a%40b.fi:p%C3%A4+%2F%25@10.0.0.1", ("10.0.0.1", 587, Tls::Required, Some(("a@b.fi", "pä+/%")))),
            ("smtp://u:p@127.0.0.1?tls=none", ("127.0.0.1", 587, Tls::None, Some(("u", "p")))),
        ];
        for (url, (host, port, tls, credentials)) in cases {
            let settings = SmtpSettings::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((settings.host.as_str(), settings.port, settings.tls), (host, port, tls), "{url}");
            let read = settings.credentials.as_ref().map(|(user, password)| (user.as_str(), password.expose()));
            assert_eq!(read, credentials, "{url}");
        }
    }

    #[test]
    fn bad_urls_are_refused_with_the_reason() {
        let cases = [
            ("relay.example.fi", SettingsError::NotAUrl),
            ("smtp://relay:99999", SettingsError::NotAUrl),
            ("http://relay", SettingsError::Scheme),
            ("smtp:relay", SettingsError::Path),
            ("smtp:///", SettingsError::Host),
            ("smtp://re%0d%0alay", SettingsError::Host),
            ("smtp://relay..fi", SettingsError::Host),
            ("smtp://relay:0", SettingsError::Port),
            ("smtp://relay/inbox", SettingsError::Path),
            ("smtp://relay#x", SettingsError::Path),
            ("smtp://relay?verify=no", SettingsError::Parameter),
            ("smtp://relay?tls=none&tls=none", SettingsError::Parameter),
            ("smtp://relay?tls=maybe", SettingsError::Tls),
            ("smtps://relay?tls=none", SettingsError::Tls),
            ("smtp://relay?hello=a%20b", SettingsError::Hello),
            ("smtp://user@relay", SettingsError::Credentials),
            ("smtp://:secret@relay", SettingsError::Credentials),
            ("smtp://user:%zz@relay", SettingsError::Credentials),
            ("smtp://user:a%00b@relay", SettingsError::Credentials),
            ("smtp://user:%FF@relay", SettingsError::Credentials),
            ("smtp://user:secret@relay?tls=none", SettingsError::ClearPassword),
        ];
        for (url, expected) in cases {
            assert_eq!(SmtpSettings::parse(url).map(|_| ()).unwrap_err(), expected, "{url}");
        }
    }

    #[test]
    fn a_ca_file_without_a_certificate_is_refused() {
        let settings = SmtpSettings::parse("smtps://relay").unwrap();
        assert_eq!(settings.with_ca_pem(b"not PEM".to_vec()).map(|_| ()).unwrap_err(), SettingsError::Ca);
    }

    #[test]
    fn a_password_is_not_printed() {
        let settings = SmtpSettings::parse("smtp://user:hunter2@relay").unwrap();
        let printed = format!("{settings:?} {:?}", crate::email::EmailTransport::Smtp(settings.clone()));
        assert!(printed.contains("user") && !printed.contains("hunter2"), "{printed}");
    }
}
