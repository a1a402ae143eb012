//! The parts of SMTP that are text only: command arguments, credentials, and what a message may contain.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The address and the parameters of `MAIL FROM:<…> …` or `RCPT TO:<…> …`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) address: String,
    pub(super) parameters: Vec<String>,
}

/// Reads a path behind `prefix` (`FROM:` or `TO:`), which may be in any case.
pub(super) fn path(argument: &str, prefix: &str) -> Option<Path> {
    let (start, rest) = argument.split_at_checked(prefix.len())?;
    let rest = rest.trim_start().strip_prefix('<')?;
    let (address, parameters) = rest.split_once('>')?;
    let parameters = parameters.split_whitespace().map(str::to_ascii_uppercase).collect();
    start.eq_ignore_ascii_case(prefix).then(|| Path { address: address.to_owned(), parameters })
}

/// Decodes what a client sent in an AUTH exchange.
pub(super) fn base64_text(line: &str) -> Option<String> {
    STANDARD.decode(line.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Encodes a prompt of an AUTH exchange.
pub(super) fn to_base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// User and password of AUTH PLAIN (RFC 4616); an authorization identity is ignored.
pub(super) fn plain_credentials(decoded: &str) -> Option<(String, String)> {
    let mut parts = decoded.split('\0').skip(1);
    let credentials = (parts.next()?.to_owned(), parts.next()?.to_owned());
    parts.next().is_none().then_some(credentials)
}

/// What a transaction allowed the message to contain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) eight_bit: bool,
    pub(super) utf8_headers: bool,
}

/// Why a strict server refuses a message: RFC 5321 sections 2.3.8 and 4.5.3.1.6, RFC 6152, RFC 6531.
pub(super) fn fault(message: &[u8], allowed: Allowed) -> Option<&'static str> {
    let mut in_headers = true;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\r\n") else { return Some("5.6.0 bare line feed") };
        if line.contains(&b'\r') {
            return Some("5.6.0 bare carriage return");
        }
        if line.len() > 998 {
            return Some("5.6.0 line longer than 998 octets");
        }
        in_headers = in_headers && !line.is_empty();
        if !line.is_ascii() && in_headers && !allowed.utf8_headers {
            return Some("5.6.7 header needs SMTPUTF8");
        }
        if !line.is_ascii() && !allowed.eight_bit {
            return Some("5.6.1 body needs BODY=8BITMIME");
        }
    }
    None
}
