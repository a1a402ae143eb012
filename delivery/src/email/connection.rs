//! One connection to a relay, up to the point where mail can be handed over, and the exchange of single commands.
//!
//! The streams are our own, with TCP_NODELAY: `lettre` writes a message and its final dot apart, which otherwise
//! costs 40 ms each. `lettre` speaks the protocol.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Ehlo, Quit};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{self};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::BuiltEmail;
use super::settings::{SmtpSettings, Tls};
use super::tls::{ImplicitTls, LineWise, starttls_parameters};

/// A reply is kept up to this many characters.
const REPLY_TEXT_LIMIT: usize = 500;

/// How much of a message is written at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// The longest wait for the farewell.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the relay answered to a command, be it good or bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The text behind them, on one line.
    pub(super) text: String,
}

impl Reply {
    /// 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// There was no reply: the connection is lost, silent, or speaks something else. The text says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken(pub(super) String);

/// A connection that has been greeted, encrypted and logged in as the settings ask.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    pipelining: bool,
    command_timeout: Duration,
    message_timeout: Duration,
}

impl Connection {
    /// Connects. Whatever goes wrong, a refusal too, is the relay's fault and told as [`Broken`].
    pub(super) async fn open(settings: &SmtpSettings) -> Result<Self, Broken> {
        let tcp = TcpStream::connect((settings.host.as_str(), settings.port));
        let tcp = within(settings.connect_timeout, "connecting", tcp).await?;
        tcp.set_nodelay(true).map_err(|error| Broken(format!("connecting: {error}")))?;
        let peer = tcp.peer_addr().map_err(|error| Broken(format!("connecting: {error}")))?;
        let hello = client_id(settings, tcp.local_addr().ok());
        let stream: Box<dyn AsyncTokioStream> = match settings.tls {
            Tls::Implicit => {
                let handshake = ImplicitTls::handshake(settings, tcp);
                Box::new(within(settings.connect_timeout, "TLS", handshake).await?)
            }
            Tls::Required | Tls::Opportunistic => Box::new(LineWise(tcp)),
            Tls::None => Box::new(tcp),
        };
        let greeted = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut smtp = within(settings.command_timeout, "greeting", greeted).await?;

        let starttls = match settings.tls {
            Tls::Required => true,
            Tls::Opportunistic => smtp.can_starttls(),
            Tls::Implicit | Tls::None => false,
        };
        if starttls {
            let parameters = starttls_parameters(settings).map_err(|error| Broken(format!("STARTTLS: {error}")))?;
            within(settings.connect_timeout, "STARTTLS", smtp.starttls(parameters, &hello)).await?;
        }
        // lettre keeps what it knows of the reply to its own EHLO, and does not know of pipelining.
        let extensions = within(settings.command_timeout, "EHLO", smtp.command(Ehlo::new(hello))).await?;
        let pipelining = extensions.message().skip(1).any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));

        if let Some((user, password)) = &settings.credentials {
            let encrypted = starttls || settings.tls == Tls::Implicit;
            if !encrypted && !peer.ip().is_loopback() {
                return Err(Broken("login: the relay offers no encryption, and the password stays here".to_owned()));
            }
            let login = Credentials::new(user.clone(), password.expose().to_owned());
            within(settings.command_timeout, "login", smtp.auth(DEFAULT_MECHANISMS, &login)).await?;
        }
        let SmtpSettings { command_timeout, message_timeout, .. } = *settings;
        Ok(Self { smtp, pipelining, command_timeout, message_timeout })
    }

    /// Whether several commands may be written at once (RFC 2920).
    pub(super) fn pipelining(&self) -> bool {
        self.pipelining
    }

    /// Whether addresses may be other than ASCII (RFC 6531).
    pub(super) fn smtputf8(&self) -> bool {
        let server = self.smtp.server_info();
        server.supports_feature(Extension::SmtpUtfEight) && server.supports_feature(Extension::EightBitMime)
    }

    /// Writes `line`, which ends in CRLF, and reads one reply.
    pub(super) async fn command(&mut self, line: String) -> Result<Reply, Broken> {
        reply_within(self.command_timeout, self.smtp.command(line)).await
    }

    /// Reads the reply to a further line of a pipelined command.
    pub(super) async fn reply(&mut self) -> Result<Reply, Broken> {
        reply_within(self.command_timeout, self.smtp.read_response()).await
    }

    /// Writes a message and its final dot, and reads the reply.
    pub(super) async fn message(&mut self, email: &BuiltEmail) -> Result<Reply, Broken> {
        let mut pieces: Vec<&[u8]> = email.pieces().collect();
        if let [only] = pieces.as_slice()
            && let Ok(text) = std::str::from_utf8(only)
        {
            // In one write, and so in one packet less.
            return reply_within(self.message_timeout, self.smtp.command(with_final_dot(text))).await;
        }
        // The CRLF before the dot is the message's own last one, not one more.
        if let Some(last) = pieces.last_mut() {
            *last = last.strip_suffix(b"\r\n").unwrap_or(last);
        }
        // In short pieces: each is copied to have its dots doubled.
        let pieces = pieces.into_iter().flat_map(|piece| piece.chunks(PIECE));
        reply_within(self.message_timeout, self.smtp.message_iter(pieces)).await
    }

    /// Says good-bye and hangs up; what the relay answers does not matter.
    pub(super) async fn quit(mut self) {
        if timeout(QUIT_TIMEOUT, self.smtp.command(Quit)).await.is_err() {
            log::debug!("the relay did not answer QUIT");
        }
    }
}

/// The message as it is written (RFC 5321, 4.5.2): dots that begin a line are doubled, and one stands alone at the end.
fn with_final_dot(message: &str) -> String {
    let mut wire = String::with_capacity(message.len() + 64);
    for line in message.split_inclusive('\n') {
        if line.starts_with('.') {
            wire.push('.');
        }
        wire.push_str(line);
    }
    if !wire.ends_with("\r\n") {
        wire.push_str("\r\n");
    }
    wire.push_str(".\r\n");
    wire
}

fn client_id(settings: &SmtpSettings, local: Option<SocketAddr>) -> ClientId {
    match (&settings.hello_name, local.map(|address| address.ip())) {
        (Some(name), _) => ClientId::Domain(name.clone()),
        (None, Some(IpAddr::V4(ip))) => ClientId::Ipv4(ip),
        (None, Some(IpAddr::V6(ip))) => ClientId::Ipv6(ip),
        (None, None) => ClientId::default(),
    }
}

/// The value in time, or what went wrong in which `step`.
async fn within<T, E: Display>(
    limit: Duration,
    step: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Broken> {
    match timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Broken(one_line(&format!("{step}: {error}")))),
        Err(_elapsed) => Err(Broken(format!("{step}: no answer within {} s", limit.as_secs_f32()))),
    }
}

async fn reply_within(
    limit: Duration,
    work: impl Future<Output = Result<Response, smtp::Error>>,
) -> Result<Reply, Broken> {
    match timeout(limit, work).await {
        Ok(Ok(response)) => {
            let text = response.message().collect::<Vec<_>>().join(" ");
            Ok(Reply { code: response.code().into(), text: one_line(&text) })
        }
        Ok(Err(error)) => match error.status() {
            Some(code) => {
                let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                Ok(Reply { code: code.into(), text: one_line(&text) })
            }
            None => Err(Broken(one_line(&error.to_string()))),
        },
        Err(_elapsed) => Err(Broken(format!("no answer within {} s", limit.as_secs_f32()))),
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REPLY_TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_dot_at_the_end_stands_alone() {
        for (message, wire) in [
            ("", "\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("a\r\n.\r\n..b\r\n.c.\r\n", "a\r\n..\r\n...b\r\n..c.\r\n.\r\n"),
            ("a\r\n\r\n.", "a\r\n\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(with_final_dot(message), wire);
        }
    }
}
