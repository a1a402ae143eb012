//! An e-mail from its parts to the bytes on the wire.
//!
//! The same parts give the same bytes: date, Message-ID and boundary are given, nothing is drawn or asked from the
//! machine. Every part may come from a person, so none can add a header or a line to another one.

use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, Datelike, Utc};
use domain::address::email::envelope_address;
use lettre::Address;
use lettre::message::header::{Cc, Date, Header, HeaderName, HeaderValue, MessageId, Subject, To};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, MultiPartKind, SinglePart};
use uuid::Uuid;

/// A longer word in a header is broken; in characters.
const LONGEST_WORD: usize = 400;

/// What a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingEmail {
    /// `id@domain`, with or without `<` and `>`.
    pub message_id: String,
    /// The instant in the Date header.
    pub date: DateTime<Utc>,
    /// The sender's name as people see it.
    pub from_name: Option<String>,
    /// The sender's address, also of the envelope.
    pub from: String,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<String>,
    /// The addresses in the To header; their domains are ASCII (IDNA) already, as everywhere here. Without any the header says
    /// that the recipients are not disclosed.
    pub to: Vec<String>,
    /// The addresses in the Cc header.
    pub cc: Vec<String>,
    /// Whom the message goes to: in the envelope alone, whatever the headers say.
    pub recipients: Vec<String>,
    /// The subject; line breaks in it become spaces.
    pub subject: String,
    /// The text for those who read no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// What the boundaries between the parts are made of: unguessable to whoever writes the text.
    pub boundary_seed: Uuid,
}

/// From whom and to whom the relay is told a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Gets the bounces.
    pub from: String,
    /// Get the message.
    pub to: Vec<String>,
}

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltEmail {
    /// The envelope.
    pub envelope: Envelope,
    /// The Message-ID, in `<` and `>`.
    pub message_id: String,
    /// Headers and body, lines ended by CRLF, dots not doubled: the whole message, or what stands before its attachments.
    pub bytes: Vec<u8>,
    /// What follows, where there are attachments.
    pub attached: Attached,
}

/// The end of a message with attachments: their bytes, which many messages share, and what stands between them. All of it is
/// ASCII.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    parts: Vec<Arc<[u8]>>,
    separator: Vec<u8>,
    end: Vec<u8>,
}

impl BuiltEmail {
    /// The message in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let Attached { parts, separator, end } = &self.attached;
        let parts = parts.iter().flat_map(|part| [separator.as_slice(), part]);
        [self.bytes.as_slice()].into_iter().chain(parts).chain([end.as_slice()]).filter(|piece| !piece.is_empty())
    }
}

/// Why a message cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The sender's address.
    #[error("the sender's address is not valid")]
    From,
    /// The address for answers.
    #[error("the reply address is not valid")]
    ReplyTo,
    /// A recipient's address, or there is none.
    #[error("the recipient's address is not valid")]
    To,
    /// The Message-ID.
    #[error("the Message-ID is not valid")]
    MessageId,
    /// A date outside the years 1970 to 9999.
    #[error("the date is out of range")]
    Date,
    /// The content type of an attachment.
    #[error("the content type of an attachment is not valid")]
    ContentType,
    /// What the builder found.
    #[error("the message cannot be built: {0}")]
    Other(String),
}

/// Builds the message: plain text alone, or plain text and HTML as alternatives.
///
/// # Errors
/// [`BuildError`].
pub fn build(email: &OutgoingEmail) -> Result<BuiltEmail, BuildError> {
    build_with(email, Vec::new())
}

/// Builds the message with attachments behind it, as [`attachment_part`](super::attachment_part) made them.
///
/// # Errors
/// [`BuildError`].
pub fn build_with(email: &OutgoingEmail, parts: Vec<Arc<[u8]>>) -> Result<BuiltEmail, BuildError> {
    let from = own_address(&email.from).ok_or(BuildError::From)?;
    let recipients = addresses(&email.recipients)?;
    let message_id = message_id(&email.message_id).ok_or(BuildError::MessageId)?;
    let envelope = Envelope { from: from.to_string(), to: recipients.iter().map(ToString::to_string).collect() };
    let to = addresses(&email.to)?;
    let cc = addresses(&email.cc)?;

    let name = email.from_name.as_deref().map(one_line).filter(|name| !name.is_empty());
    let mut headers = Message::builder()
        .header(date(email.date)?)
        .header(MessageId::from(message_id.clone()))
        .from(Mailbox::new(name, from.clone()))
        // The recipients are told to the relay alone: nothing of them may come from, or into, a header.
        .envelope(lettre::address::Envelope::new(Some(from), recipients).map_err(|_nobody| BuildError::To)?);
    headers = headers.header(ShownTo(to));
    if !cc.is_empty() {
        headers = headers.header(ShownCc(cc));
    }
    if let Some(reply_to) = &email.reply_to {
        headers = headers.reply_to(Mailbox::new(None, own_address(reply_to).ok_or(BuildError::ReplyTo)?));
    }
    let headers = headers.header(Subject::from(one_line(&email.subject)));
    if parts.is_empty() {
        let message = with_body(headers, email)?;
        return Ok(BuiltEmail { envelope, message_id, bytes: message.formatted(), attached: Attached::default() });
    }
    let boundary = format!("=_a_{}", email.boundary_seed.simple());
    let end = format!("--{boundary}--\r\n").into_bytes();
    let mut bytes = mixed(headers, email, &boundary)?.formatted();
    // The attachments come before the end.
    let before_end = bytes.len().saturating_sub(end.len());
    if bytes.split_off(before_end) != end {
        return Err(BuildError::Other("the message does not end with its boundary".to_owned()));
    }
    let separator = format!("--{boundary}\r\n").into_bytes();
    Ok(BuiltEmail { envelope, message_id, bytes, attached: Attached { parts, separator, end } })
}

fn with_body(headers: MessageBuilder, email: &OutgoingEmail) -> Result<Message, BuildError> {
    let built = match alternatives(email) {
        None => headers.singlepart(text(email)),
        Some(both) => headers.multipart(both),
    };
    built.map_err(|error| BuildError::Other(error.to_string()))
}

fn mixed(headers: MessageBuilder, email: &OutgoingEmail, boundary: &str) -> Result<Message, BuildError> {
    let mixed = MultiPart::builder().kind(MultiPartKind::Mixed).boundary(boundary);
    let body = match alternatives(email) {
        None => mixed.singlepart(text(email)),
        Some(both) => mixed.multipart(both),
    };
    headers.multipart(body).map_err(|error| BuildError::Other(error.to_string()))
}

fn text(email: &OutgoingEmail) -> SinglePart {
    SinglePart::plain(wire_text(&email.text))
}

fn alternatives(email: &OutgoingEmail) -> Option<MultiPart> {
    let html = email.html.as_deref()?;
    // `=_` cannot occur in quoted-printable or base64 text.
    let boundary = format!("=_{}", email.boundary_seed.simple());
    let parts = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(boundary);
    Some(parts.singlepart(text(email)).singlepart(SinglePart::html(wire_text(html))))
}

fn addresses(raw: &[String]) -> Result<Vec<Address>, BuildError> {
    raw.iter().map(|raw| address(raw).ok_or(BuildError::To)).collect()
}

/// The To header. Without anybody it says so (RFC 5322, 3.4).
#[derive(Clone)]
struct ShownTo(Vec<Address>);

/// The Cc header.
#[derive(Clone)]
struct ShownCc(Vec<Address>);

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

/// An address as it stands, if it is one.
fn address(raw: &str) -> Option<Address> {
    if raw.chars().any(char::is_control) { None } else { raw.parse().ok() }
}

/// An address of ours, which must not ask the relay for SMTPUTF8: with its domain in ASCII.
fn own_address(raw: &str) -> Option<Address> {
    if raw.is_ascii() {
        return address(raw);
    }
    envelope_address(raw).filter(|ascii| ascii.is_ascii()).as_deref().and_then(address)
}

/// In `<` and `>`, if it is `something@something` of visible ASCII and fits a line.
fn message_id(raw: &str) -> Option<String> {
    let bare = raw.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(raw);
    let (left, right) = bare.split_once('@')?;
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '@' | '(' | ')' | '"' | '\\' | ',');
    let part = |part: &str| !part.is_empty() && part.chars().all(allowed);
    (part(left) && part(right) && bare.len() <= 250).then(|| format!("<{bare}>"))
}

fn date(instant: DateTime<Utc>) -> Result<Date, BuildError> {
    if (1970..=9999).contains(&instant.year()) {
        Ok(Date::from(SystemTime::from(instant)))
    } else {
        Err(BuildError::Date)
    }
}

/// One line without control characters or separators that some readers take for a line end, and in words short enough
/// to be folded: a header line has 998 characters at most (RFC 5322, 2.1.1).
fn one_line(text: &str) -> String {
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

/// Lines ended by CRLF; control characters that mail has no use for are dropped.
fn wire_text(text: &str) -> String {
    let mut wire = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = rest.find(char::is_control) {
        let (plain, from_control) = rest.split_at(at);
        wire.push_str(plain);
        let mut after = from_control.chars();
        match after.next() {
            Some('\t') => wire.push('\t'),
            Some('\n') => wire.push_str("\r\n"),
            Some('\r') if !after.as_str().starts_with('\n') => wire.push_str("\r\n"),
            _ => {}
        }
        rest = after.as_str();
    }
    wire.push_str(rest);
    wire
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderName, MessageParser};

    use super::*;

    fn email() -> OutgoingEmail {
        OutgoingEmail {
            message_id: "0190f3aa@posti.example.fi".to_owned(),
            date: "2026-11-21T08:05:09Z".parse().unwrap(),
            from_name: Some("Isännöinti Mäntylä, Oy".to_owned()),
            from: "isannointi@example.fi".to_owned(),
            reply_to: Some("vastaukset@example.fi".to_owned()),
            to: vec!["matti@example.com".to_owned()],
            cc: Vec::new(),
            recipients: vec!["matti@example.com".to_owned()],
            subject: "Vesikatko Hämeentie 3:ssa – huomenna klo 8".to_owned(),
            text: "Hei Väinö!\nVesi on poikki.\n".to_owned(),
            html: None,
            boundary_seed: Uuid::from_u128(7),
        }
    }

    fn built(email: &OutgoingEmail) -> String {
        String::from_utf8(build(email).unwrap().bytes).unwrap()
    }

    fn headers(email: &OutgoingEmail) -> String {
        built(email).split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn a_message_reads_back_as_it_was_meant() {
        let html = Some("<p>Hei Väinö!</p>\n".to_owned());
        let bytes = build(&OutgoingEmail { html, ..email() }).unwrap().bytes;
        let read = MessageParser::default().parse(&bytes).unwrap();
        let from = read.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("Isännöinti Mäntylä, Oy"));
        assert_eq!(from.address(), Some("isannointi@example.fi"));
        assert_eq!(read.to().unwrap().first().unwrap().address(), Some("matti@example.com"));
        assert_eq!(read.to().unwrap().first().unwrap().name(), None);
        assert_eq!(read.reply_to().unwrap().first().unwrap().address(), Some("vastaukset@example.fi"));
        assert_eq!(read.subject(), Some("Vesikatko Hämeentie 3:ssa – huomenna klo 8"));
        assert_eq!(read.message_id(), Some("0190f3aa@posti.example.fi"));
        assert_eq!(read.date().unwrap().to_timestamp(), email().date.timestamp());
        assert_eq!(read.body_text(0).unwrap().trim_end(), "Hei Väinö!\r\nVesi on poikki.");
        assert_eq!(read.body_html(0).unwrap().trim_end(), "<p>Hei Väinö!</p>");
        assert_eq!((read.text_body.len(), read.html_body.len(), read.attachments.len()), (1, 1, 0));
    }

    #[test]
    fn the_same_parts_give_the_same_bytes() {
        for html in [None, Some("<p>Hei</p>".to_owned())] {
            let email = OutgoingEmail { html, ..email() };
            assert_eq!(build(&email), build(&email.clone()));
        }
        let other = OutgoingEmail { boundary_seed: Uuid::from_u128(8), ..email() };
        assert_eq!(built(&email()), built(&other), "a text alone has no boundary");
    }

    #[test]
    fn text_alone_is_one_part_and_with_html_two() {
        let alone = built(&email());
        assert!(
            alone.contains("Content-Type: text/plain; charset=utf-8\r\n") && !alone.contains("multipart"),
            "{alone}"
        );
        let both = built(&OutgoingEmail { html: Some("<p>Hei</p>".to_owned()), ..email() });
        assert!(both.contains("Content-Type: multipart/alternative;"), "{both}");
        assert!(both.contains("boundary=\"=_00000000000000000000000000000007\""), "{both}");
        assert_eq!(both.matches("\r\n--=_00000000000000000000000000000007").count(), 3, "{both}");
        assert!(both.find("text/plain").unwrap() < both.find("text/html").unwrap(), "{both}");
    }

    #[test]
    fn headers_are_ascii_and_bodies_seven_bit_in_short_lines() {
        let long = "pitkä sana ".repeat(500);
        let email = OutgoingEmail {
            subject: format!("{long}{}", "x".repeat(3000)),
            from_name: Some(long.clone()),
            text: format!("{}\n{long}", "x".repeat(5000)),
            html: Some(format!("<p>{}</p>", "y".repeat(5000))),
            ..email()
        };
        let built = built(&email);
        assert!(built.is_ascii());
        assert!(!built.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
        let longest = built.split("\r\n").map(str::len).max().unwrap();
        assert!(longest <= 998, "{longest}");
        let read = MessageParser::default().parse(built.as_bytes()).unwrap();
        assert!(read.subject().unwrap().contains("pitkä sana pitkä sana"));
        assert!(read.body_text(0).unwrap().starts_with(&"x".repeat(5000)));
    }

    #[test]
    fn no_part_can_add_a_header() {
        let evil = "x\r\nBcc: all@example.fi\nX-A: 1\rX-B: 2\u{2028}X-C: 3\u{85}X-D: 4";
        let email = OutgoingEmail { subject: evil.to_owned(), from_name: Some(evil.to_owned()), ..email() };
        let bytes = build(&email).unwrap().bytes;
        let read = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(read.bcc(), None);
        assert!(
            !read
                .headers()
                .iter()
                .any(|header| matches!(&header.name, HeaderName::Other(name) if name.starts_with("X-")))
        );
        assert_eq!(read.subject(), Some("x Bcc: all@example.fi X-A: 1 X-B: 2 X-C: 3 X-D: 4"));
        let names: Vec<_> = read.headers().iter().map(|header| header.name.as_str().to_owned()).collect();
        let expected = [
            "Date",
            "Message-ID",
            "From",
            "To",
            "Reply-To",
            "Subject",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn parts_that_fit_no_header_are_refused() {
        let cases = [
            (OutgoingEmail { from: "a@b.fi\r\nBcc: c@d.fi".to_owned(), ..email() }, BuildError::From),
            (OutgoingEmail { from: "meikäläinen@example.fi".to_owned(), ..email() }, BuildError::From),
            (OutgoingEmail { from: String::new(), ..email() }, BuildError::From),
            (OutgoingEmail { reply_to: Some("a b@c.fi".to_owned()), ..email() }, BuildError::ReplyTo),
            (OutgoingEmail { to: vec!["a@b.fi, c@d.fi".to_owned()], ..email() }, BuildError::To),
            (OutgoingEmail { cc: vec!["Matti <a@b.fi>".to_owned()], ..email() }, BuildError::To),
            (OutgoingEmail { recipients: vec!["a@b.fi\r\nBcc: c@d.fi".to_owned()], ..email() }, BuildError::To),
            (OutgoingEmail { recipients: Vec::new(), ..email() }, BuildError::To),
            (OutgoingEmail { message_id: "a@b>\r\nX: <y@z".to_owned(), ..email() }, BuildError::MessageId),
            (OutgoingEmail { message_id: "no-at-sign".to_owned(), ..email() }, BuildError::MessageId),
            (OutgoingEmail { message_id: format!("{}@b.fi", "a".repeat(300)), ..email() }, BuildError::MessageId),
            (OutgoingEmail { date: "1969-12-31T23:59:59Z".parse().unwrap(), ..email() }, BuildError::Date),
        ];
        for (email, expected) in cases {
            assert_eq!(build(&email), Err(expected), "{email:?}");
        }
    }

    #[test]
    fn the_envelope_bears_ascii_domains_and_the_message_id_its_brackets() {
        let email = OutgoingEmail {
            from: "a@ääkkönen.fi".to_owned(),
            to: vec!["meikäläinen@example.fi".to_owned()],
            recipients: vec!["meikäläinen@example.fi".to_owned()],
            message_id: "<x@y.fi>".to_owned(),
            ..email()
        };
        let built = build(&email).unwrap();
        let expected = Envelope { from: "a@xn--kknen-fraa0m.fi".to_owned(), to: email.to.clone() };
        assert_eq!((built.envelope, built.message_id.as_str()), (expected, "<x@y.fi>"));
        assert!(headers(&email).contains("From: ") && headers(&email).contains("Message-ID: <x@y.fi>\r\n"));
    }

    #[test]
    fn headers_show_to_and_cc_and_the_envelope_alone_has_the_others() {
        let list = |name: &str, count: usize| (0..count).map(|n| format!("{name}{n}@example.fi")).collect::<Vec<_>>();
        let (to, cc, hidden) = (list("to", 400), list("cc", 100), list("hidden", 3));
        let email = OutgoingEmail { to: to.clone(), cc: cc.clone(), recipients: hidden.clone(), ..email() };
        let built = build(&email).unwrap();
        assert_eq!(built.envelope.to, hidden);
        let text = String::from_utf8(built.bytes.clone()).unwrap();
        assert!(!text.contains("hidden") && !text.to_lowercase().contains("\r\nbcc"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 998), "{text}");
        let read = MessageParser::default().parse(&built.bytes).unwrap();
        let shown = |header: &mail_parser::Address<'_>| {
            header.iter().filter_map(|one| one.address()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!((shown(read.to().unwrap()), shown(read.cc().unwrap())), (to, cc));
    }

    #[test]
    fn without_anybody_to_show_the_header_says_so() {
        let email = OutgoingEmail { to: Vec::new(), ..email() };
        assert!(headers(&email).contains("\r\nTo: undisclosed-recipients:;\r\n"), "{}", headers(&email));
        assert_eq!(build(&email).unwrap().envelope.to, ["matti@example.com"]);
    }

    #[test]
    fn an_empty_name_is_no_name() {
        let email = OutgoingEmail { from_name: Some(" \r\n".to_owned()), ..email() };
        assert!(headers(&email).contains("From: isannointi@example.fi\r\n"));
    }

    #[test]
    fn control_characters_are_dropped_from_the_text() {
        let email = OutgoingEmail { text: "a\0b\u{7}\tc\rd\r\ne".to_owned(), ..email() };
        assert!(built(&email).ends_with("\r\n\r\nab\tc\r\nd\r\ne\r\n"), "{}", built(&email));
    }
}
