//! Calls to other servers, through one guarded client: bounded in time and size, without redirects, over TLS, and to
//! public addresses only unless `POSTITUS_OUTBOUND_PRIVATE` is `allow`.
//!
//! Names are checked after they are resolved, at each call, so that a name cannot be pointed at a private address later.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::redirect::Policy;
use thiserror::Error;
use url::{Host, Url};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a whole call may take.
const CALL: Duration = Duration::from_secs(5);

/// Why a call was not made, or brought nothing.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// The URL is none that may be called; says why.
    #[error("{0}")]
    Refused(String),
    /// The client cannot be made, for instance because the machine has no root certificates.
    #[error("no client: {0}")]
    Client(String),
    /// The server cannot be reached, or broke off.
    #[error("{0}")]
    Failed(String),
    /// The server answered with another status than 200.
    #[error("answered {0}")]
    Status(u16),
    /// The answer is longer than expected.
    #[error("answered more than {0} bytes")]
    TooLong(usize),
}

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet.
    Public,
    /// Those of private networks and of this machine as well.
    Everywhere,
}

/// The guarded client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
}

impl Outbound {
    /// A client that calls no further than `reach`.
    ///
    /// # Errors
    /// [`OutboundError::Client`].
    pub fn new(reach: Reach) -> Result<Self, OutboundError> {
        use_ring();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Guarded(reach)))
            .user_agent(concat!("postitus/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| OutboundError::Client(with_causes(&error)))?;
        Ok(Self { client, reach })
    }

    /// Whether this URL may be called, as far as that can be told without resolving its name.
    ///
    /// # Errors
    /// [`OutboundError::Refused`].
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let refused = |why: &str| Err(OutboundError::Refused(format!("{why} ({url})")));
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Refused("must have no user name or password".to_owned()));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return refused("must have a host"),
        };
        if address.is_some_and(|address| !self.reach.allows(address)) {
            return refused("is a private address; POSTITUS_OUTBOUND_PRIVATE=allow permits them");
        }
        let this_machine = address.map_or(url.host_str() == Some("localhost"), |address| address.is_loopback());
        match url.scheme() {
            "https" => Ok(()),
            "http" if this_machine => Ok(()),
            _ => refused("must be https, or http to this machine"),
        }
    }

    /// The body at a URL, which must be answered with 200 and have at most `longest` bytes.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn get(&self, url: &Url, longest: usize) -> Result<Vec<u8>, OutboundError> {
        self.check(url)?;
        let failed = |error: reqwest::Error| OutboundError::Failed(with_causes(&error));
        let accept = HeaderValue::from_static("application/json");
        let mut answer = self.client.get(url.clone()).header(ACCEPT, accept).send().await.map_err(failed)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(OutboundError::Status(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > longest {
                return Err(OutboundError::TooLong(longest));
            }
        }
        Ok(body)
    }
}

impl Reach {
    fn allows(self, address: IpAddr) -> bool {
        self == Self::Everywhere || is_public(address)
    }
}

/// Makes ring the cryptography of TLS in this process. To be called before any HTTP client is made; again is harmless.
pub fn use_ring() {
    // Fails when it has been done already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Resolves names, and leaves out the addresses that may not be called.
struct Guarded(Reach);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                let why = "the name has private addresses only; POSTITUS_OUTBOUND_PRIVATE=allow permits them";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, why).into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] | [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        [100, second, ..] => second & 0b1100_0000 == 64,
        [172, second, ..] => second & 0b1111_0000 == 16,
        [198, second, ..] => second & 0b1111_1110 == 18,
        // Multicast, reserved, broadcast.
        [first, ..] => first >= 224,
    };
    !special
}

/// Global unicast is 2000::/3; in it Teredo, documentation and 6to4 are left out.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The error with what caused it; reqwest's own text has only the outermost.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("172.15.0.1", true),
            ("172.32.0.1", true),
            ("100.63.0.1", true),
            ("100.128.0.1", true),
            ("198.20.0.1", true),
            ("2a00:1450::1", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("127.0.0.2", false),
            ("100.64.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("198.18.0.1", false),
            ("198.19.0.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::a00:1", false),
            ("fc00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("2002:a00:1::", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn only_https_to_public_hosts_is_called_and_http_to_this_machine_where_allowed() {
        let (public, everywhere) = (Outbound::new(Reach::Public).unwrap(), Outbound::new(Reach::Everywhere).unwrap());
        for (url, publicly, anywhere) in [
            ("https://login.example/keys", true, true),
            ("http://login.example/keys", false, false),
            ("https://me:secret@login.example/keys", false, false),
            ("https://10.0.0.1/keys", false, true),
            ("http://10.0.0.1/keys", false, false),
            ("https://[::1]/keys", false, true),
            ("http://127.0.0.1:8081/keys", false, true),
            ("http://[::ffff:127.0.0.1]/keys", false, false),
            ("ftp://login.example/keys", false, false),
            ("file:///etc/passwd", false, false),
        ] {
            let parsed = Url::parse(url).unwrap();
            let allowed = (public.check(&parsed).is_ok(), everywhere.check(&parsed).is_ok());
            assert_eq!(allowed, (publicly, anywhere), "{url}");
        }
    }

    /// Serves one answer to each connection.
    async fn server(answer: &'static str) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_called_only_where_that_is_allowed() {
        let port = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
        let refused = Outbound::new(Reach::Public).unwrap().get(&url, 100).await.unwrap_err().to_string();
        assert!(refused.contains("POSTITUS_OUTBOUND_PRIVATE"), "{refused}");
        assert_eq!(Outbound::new(Reach::Everywhere).unwrap().get(&url, 100).await.unwrap(), b"ok");
    }

    #[tokio::test]
    async fn long_answers_redirects_and_errors_are_refused() {
        let outbound = Outbound::new(Reach::Everywhere).unwrap();
        for (answer, refused) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345", "more than 4 bytes"),
            ("HTTP/1.1 302 Found\r\nlocation: https://other.example/\r\ncontent-length: 0\r\n\r\n", "answered 302"),
            ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", "answered 500"),
        ] {
            let url = Url::parse(&format!("http://127.0.0.1:{}/", server(answer).await)).unwrap();
            let told = outbound.get(&url, 4).await.unwrap_err().to_string();
            assert!(told.contains(refused), "{told}");
        }
    }
}
