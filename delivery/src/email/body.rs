//! The texts of a message as they go over the wire, each line encoded once for as many messages as have it.
//!
//! Most of a text is the same for all recipients of a mailing, and encoding it was a third of what sending took.

use std::sync::{Mutex, PoisonError};

use lettre::message::Body;
use lettre::message::header::ContentTransferEncoding;

/// The longest line that goes as it is, its end not counted: as long as one of quoted-printable text (RFC 2045, 6.7).
const LONGEST: usize = 76;
/// The largest text that is kept for the next one, in bytes.
const KEPT: usize = 64 * 1024;

/// The lines of the texts that messages of one content version were made of. It makes messages faster and no different.
#[derive(Debug, Default)]
pub struct KnownLines {
    /// Of the text for those who read no HTML.
    pub(super) text: Known,
    /// Of the HTML.
    pub(super) html: Known,
}

/// The lines of the text that was encoded last.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Vec<Line>>);

impl Known {
    /// A text with its transfer encoding: as it is where it may be, else as quoted-printable text, or in base64 where that is
    /// shorter. Lines are ended by CRLF; control characters that mail has no use for are dropped.
    pub(super) fn encode(&self, text: &str) -> Body {
        if text.len() > KEPT {
            return joined(&[Line::new(text)]);
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        update(&mut lines, text);
        joined(&lines)
    }
}

/// A line as it was written, or several, and as it may go over the wire.
#[derive(Debug)]
struct Line {
    /// With what ends it.
    source: Box<str>,
    wire: Box<str>,
    quoted: Vec<u8>,
    /// How many bytes of `wire` quoted-printable text has to escape. The equals sign is not counted.
    escaped: usize,
    /// Whether it may go as it is.
    plain: bool,
}

impl Line {
    fn new(source: &str) -> Self {
        let wire = wire_text(source);
        let escaped = wire.bytes().filter(|byte| !matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~')).count();
        let plain = escaped == 0 && wire.split("\r\n").all(|line| line.len() <= LONGEST);
        let quoted = encoded(wire.clone(), ContentTransferEncoding::QuotedPrintable);
        Self { source: source.into(), wire: wire.into(), quoted: quoted.into_vec(), escaped, plain }
    }
}

/// Makes them the lines of `text`. Those that it has in the same place stay.
fn update(lines: &mut Vec<Line>, text: &str) {
    let mut count = 0;
    for source in text.split_inclusive('\n') {
        match lines.get_mut(count) {
            Some(line) if *line.source == *source => {}
            Some(line) => *line = Line::new(source),
            None => lines.push(Line::new(source)),
        }
        count += 1;
    }
    lines.truncate(count);
}

fn joined(lines: &[Line]) -> Body {
    let wire = || lines.iter().map(|line| &*line.wire).collect::<String>();
    if lines.iter().all(|line| line.plain) {
        return Body::dangerous_pre_encoded(wire().into_bytes(), ContentTransferEncoding::SevenBit);
    }
    let (escaped, length) =
        lines.iter().fold((0, 0), |(escaped, length), line| (escaped + line.escaped, length + line.wire.len()));
    // Escaping makes three bytes of one, base64 four of three. Up to a third the text stays readable, and is hardly longer.
    if escaped > length / 3 {
        return encoded(wire(), ContentTransferEncoding::Base64);
    }
    let mut quoted = Vec::with_capacity(lines.iter().map(|line| line.quoted.len()).sum());
    for line in lines {
        quoted.extend_from_slice(&line.quoted);
    }
    Body::dangerous_pre_encoded(quoted, ContentTransferEncoding::QuotedPrintable)
}

/// Every text can be written in these encodings.
fn encoded(wire: String, encoding: ContentTransferEncoding) -> Body {
    Body::new_with_encoding(wire, encoding).unwrap_or_else(|wire| Body::dangerous_pre_encoded(wire, encoding))
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
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> (ContentTransferEncoding, String) {
        let body = Known::default().encode(text);
        (body.encoding(), String::from_utf8(body.into_vec()).unwrap())
    }

    #[test]
    fn a_text_goes_as_it_is_where_it_may() {
        let (plain, quoted) = (ContentTransferEncoding::SevenBit, ContentTransferEncoding::QuotedPrintable);
        assert_eq!(encode(""), (plain, String::new()));
        assert_eq!(encode("1 = 1 \nab"), (plain, "1 = 1 \r\nab".to_owned()));
        let (fits, too_long) = ("a".repeat(LONGEST), "a".repeat(LONGEST + 1));
        for text in [fits.clone(), format!("{fits}\n"), format!("a\n{fits}\nb"), format!("a\r{fits}\r\n{fits}")] {
            assert_eq!(encode(&text).0, plain, "{text}");
        }
        for text in
            [too_long.clone(), format!("a\n{too_long}\n"), format!("a\r{too_long}\rb\n"), "ä and more".to_owned()]
        {
            assert_eq!(encode(&text).0, quoted, "{text}");
        }
    }

    #[test]
    fn only_what_has_to_be_is_escaped() {
        assert_eq!(encode("Hei Väinö! 1 = 1 \nOk\t\n").1, "Hei V=C3=A4in=C3=B6! 1 =3D 1=20\r\nOk=09\r\n");
        let mixed = "äaaaa".repeat(30);
        let (encoding, long) = encode(&mixed);
        assert_eq!(encoding, ContentTransferEncoding::QuotedPrintable);
        assert!(long.lines().all(|line| line.len() <= LONGEST) && long.contains("=\r\n"), "{long}");
        assert_eq!(encode("Привет, соседи!\n").0, ContentTransferEncoding::Base64, "more of it escaped than not");
    }

    #[test]
    fn lines_end_with_crlf_and_useless_control_characters_are_dropped() {
        assert_eq!(wire_text("a\nb\r\nc\rd\r\re\n"), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n");
        assert_eq!(wire_text("a\tb\0c\u{7f}d\u{85}e\u{a0}f\u{bf}ä\u{1b}"), "a\tbcde\u{a0}f\u{bf}ä");
    }

    #[test]
    fn only_lines_that_differ_are_encoded_again() {
        let known = Known::default();
        let places = || known.0.lock().unwrap().iter().map(|line| line.quoted.as_ptr()).collect::<Vec<_>>();
        known.encode("Hei Väinö,\nvesi on poikki.\nLoppu");
        let first = places();
        known.encode("Hei Aino,\nvesi on poikki.\nLoppu");
        let second = places();
        assert!(first[0] != second[0] && first[1..] == second[1..]);
        known.encode("Hei Aino,\n");
        assert_eq!(places(), second[..1], "what is left of a longer text is forgotten");
        known.encode(&"ä\n".repeat(KEPT));
        assert_eq!(places(), second[..1], "a large text is not kept");
    }

    fn texts() -> impl Strategy<Value = String> {
        "([a-zäö=. \t\u{a0}]{0,90}|[ä= ]{0,40}|[a-z]{70,78}[ä= \t]{0,4}|\\PC{0,20}|\r\n|\n|\r|\u{85}){0,8}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn line_by_line_is_as_all_at_once(text in texts()) {
            let (body, together) = (Known::default().encode(&text), joined(&[Line::new(&text)]));
            prop_assert_eq!(body.encoding(), together.encoding());
            let at_once = encoded(wire_text(&text), body.encoding());
            prop_assert_eq!(String::from_utf8_lossy(body.as_ref()), String::from_utf8_lossy(at_once.as_ref()));
            prop_assert_eq!(body.into_vec(), together.into_vec());
        }

        #[test]
        fn what_was_encoded_before_makes_no_difference(texts in proptest::collection::vec(texts(), 1..6)) {
            let known = Known::default();
            for text in texts {
                let (body, fresh) = (known.encode(&text), Known::default().encode(&text));
                prop_assert_eq!(body.encoding(), fresh.encoding());
                prop_assert_eq!(body.into_vec(), fresh.into_vec());
            }
        }

        #[test]
        fn what_is_dropped_are_control_characters(text in "[\\PC\u{0}-\u{a1}]{0,60}") {
            let kept: String = text.replace("\r\n", "\n").replace('\r', "\n");
            let kept: String = kept.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n')).collect();
            prop_assert_eq!(wire_text(&text), kept.replace('\n', "\r\n"));
        }
    }
}
