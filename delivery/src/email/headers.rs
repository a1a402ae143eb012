//! The headers of an e-mail, from parts that a person may have written: none can add a line.

use std::time::SystemTime;

use chrono::{DateTime, Datelike, Utc};
use domain::address::email::envelope_address;
use lettre::Address;
use lettre::message::header::{Cc, Date, Header, HeaderName, HeaderValue, To};

use super::message::BuildError;

/// A longer word in a header is broken; in characters.
const LONGEST_WORD: usize = 400;

/// The To header. Without anybody it says so (RFC 5322, 3.4).
#[derive(Clone)]
pub(super) struct ShownTo(pub(super) Vec<Address>);

/// The Cc header.
#[derive(Clone)]
pub(super) struct ShownCc(pub(super) Vec<Address>);

type ParseError = Box<dyn std::error::Error + Send + Sync>;

impl Header for ShownTo {
    fn name() -> HeaderName {
        To::name()
    }

    fn parse(_: &str) -> Result<Self, ParseError> {
        Err("written and never read".into())
    }

    fn display(&self) -> HeaderValue {
        match self.0.is_empty() {
            true => HeaderValue::new(Self::name(), "undisclosed-recipients:;".to_owned()),
            false => list(Self::name(), &self.0),
        }
    }
}

impl Header for ShownCc {
    fn name() -> HeaderName {
        Cc::name()
    }

    fn parse(_: &str) -> Result<Self, ParseError> {
        Err("written and never read".into())
    }

    fn display(&self) -> HeaderValue {
        list(Self::name(), &self.0)
    }
}

/// A line for each address: `lettre` folds no list of bare addresses, and a line has 998 characters at most.
fn list(name: HeaderName, addresses: &[Address]) -> HeaderValue {
    let addresses: Vec<&str> = addresses.iter().map(AsRef::as_ref).collect();
    HeaderValue::dangerous_new_pre_encoded(name, addresses.join(", "), addresses.join(",\r\n "))
}

/// Addresses of recipients, each as it stands.
pub(super) fn addresses(raw: &[String]) -> Result<Vec<Address>, BuildError> {
    raw.iter().map(|raw| address(raw).ok_or(BuildError::To)).collect()
}

/// An address as it stands, if it is one.
fn address(raw: &str) -> Option<Address> {
    if raw.chars().any(char::is_control) { None } else { raw.parse().ok() }
}

/// An address of ours, which must not ask the relay for SMTPUTF8: with its domain in ASCII.
pub(super) fn own_address(raw: &str) -> Option<Address> {
    if raw.is_ascii() {
        return address(raw);
    }
    envelope_address(raw).filter(|ascii| ascii.is_ascii()).as_deref().and_then(address)
}

/// In `<` and `>`, if it is `something@something` of visible ASCII and fits a line.
pub(super) fn message_id(raw: &str) -> Option<String> {
    let bare = raw.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(raw);
    let (left, right) = bare.split_once('@')?;
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '@' | '(' | ')' | '"' | '\\' | ',');
    let part = |part: &str| !part.is_empty() && part.chars().all(allowed);
    (part(left) && part(right) && bare.len() <= 250).then(|| format!("<{bare}>"))
}

/// The Date header, of the years 1970 to 9999.
pub(super) fn date(instant: DateTime<Utc>) -> Result<Date, BuildError> {
    if (1970..=9999).contains(&instant.year()) {
        Ok(Date::from(SystemTime::from(instant)))
    } else {
        Err(BuildError::Date)
    }
}

/// One line without control characters or separators that some readers take for a line end, and in words short enough
/// to be folded: a header line has 998 characters at most (RFC 5322, 2.1.1).
pub(super) fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    let mut line = String::with_capacity(text.len());
    let mut word = 0;
    for c in text.replace("\r\n", " ").chars().map(plain) {
        word = if c == ' ' { 0 } else { word + 1 };
        if word > LONGEST_WORD {
            line.push(' ');
            word = 1;
        }
        line.push(c);
    }
    line.trim().to_owned()
}
