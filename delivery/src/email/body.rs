//! The text of a message as it goes over the wire.
//!
//! A text is encoded as `lettre` encodes it, byte for byte, so that a message made again is the same; but in a third of the time:
//! for quoted-printable, which is what letters beyond ASCII come to, that was two fifths of what it takes to send a message.

use lettre::message::Body;
use lettre::message::header::ContentTransferEncoding;

/// The longest line of quoted-printable text, its end not counted (RFC 2045, 6.7).
const LINE: usize = 76;

/// A text with its transfer encoding. Lines are ended by CRLF; control characters that mail has no use for are dropped.
pub(super) fn body(text: &str) -> Body {
    let wire = wire_text(text);
    if wants_quoted_printable(&wire) {
        return Body::dangerous_pre_encoded(quoted_printable(&wire), ContentTransferEncoding::QuotedPrintable);
    }
    Body::new(wire)
}

fn wire_text(text: &str) -> String {
    let mut wire = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = first_control(rest) {
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

/// Where the first control character begins. In UTF-8 those beyond ASCII are C2 80 to C2 9F.
fn first_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let found = bytes.get(from..)?.iter().position(|byte| matches!(byte, 0..=0x1f | 0x7f | 0xc2))?;
        let at = from + found;
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(0xc2), Some(0xa0..)) => from = at + 2,
            _ => return Some(at),
        }
    }
}

/// Whether it is not short lines of ASCII, and at most a third of it has to be escaped.
fn wants_quoted_printable(wire: &str) -> bool {
    let escaped = || wire.bytes().filter(|byte| !matches!(byte, b'\t' | b' '..=b'~')).count();
    !(wire.is_ascii() && lines_are_short(wire)) && escaped() <= wire.len() / 3
}

fn lines_are_short(wire: &str) -> bool {
    let mut last = 0;
    let ends = wire.match_indices('\n').map(|(at, _)| at);
    ends.chain([wire.len()]).all(|end| end - std::mem::replace(&mut last, end) < LINE)
}

fn quoted_printable(wire: &str) -> Vec<u8> {
    let mut encoded = QuotedPrintable { bytes: Vec::with_capacity(wire.len() + wire.len() / 4), on_line: 0, last: 0 };
    for (number, line) in wire.split('\n').enumerate() {
        if number > 0 {
            encoded.bytes.extend_from_slice(b"\r\n");
            encoded.on_line = 0;
        }
        encoded.line(line.strip_suffix('\r').unwrap_or(line).as_bytes());
    }
    encoded.bytes
}

struct QuotedPrintable {
    bytes: Vec<u8>,
    /// How much is on the line.
    on_line: usize,
    /// Where what was added last begins.
    last: usize,
}

impl QuotedPrintable {
    fn line(&mut self, line: &[u8]) {
        let mut rest = line;
        while let Some((first, after)) = rest.split_first() {
            // Two places stay free, so that whatever comes next need not move this.
            let room = (LINE - self.on_line).saturating_sub(2);
            let run = rest.iter().take(room).position(|byte| !is_plain(*byte)).unwrap_or(room.min(rest.len()));
            if let Some((plain, others)) = rest.split_at_checked(run)
                && !plain.is_empty()
            {
                self.bytes.extend_from_slice(plain);
                self.on_line += run;
                self.last = self.bytes.len();
                rest = others;
                continue;
            }
            if is_plain(*first) {
                self.add(&[*first])
            } else {
                self.add(&escaped(*first))
            }
            rest = after;
        }
        // White space at the end of a line may get lost on the way.
        if let Some(space @ (b' ' | b'\t')) = self.bytes.pop_if(|byte| matches!(byte, b' ' | b'\t')) {
            self.on_line -= 1;
            self.add(&escaped(space));
        }
    }

    /// Adds what must stay together, on a new line when there is no room for it.
    fn add(&mut self, unit: &[u8]) {
        const SOFT_BREAK: &[u8] = b"=\r\n";
        if self.on_line + unit.len() > LINE {
            if self.on_line == LINE {
                // No room for the sign of the break either: what was added last goes to the new line.
                self.on_line = self.bytes.len() - self.last;
                self.bytes.splice(self.last..self.last, SOFT_BREAK.iter().copied());
            } else {
                self.bytes.extend_from_slice(SOFT_BREAK);
                self.on_line = 0;
            }
        }
        self.last = self.bytes.len();
        self.bytes.extend_from_slice(unit);
        self.on_line += unit.len();
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'<' | b'>'..=b'~')
}

fn escaped(byte: u8) -> [u8; 3] {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + value - 10 };
    [b'=', digit(byte >> 4), digit(byte & 15)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str) -> String {
        String::from_utf8(body(text).into_vec()).unwrap()
    }

    #[test]
    fn lines_end_with_crlf_and_useless_control_characters_are_dropped() {
        assert_eq!(wire_text("a\nb\r\nc\rd\r\re\n"), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n");
        assert_eq!(wire_text("a\tb\0c\u{7f}d\u{85}e\u{a0}f\u{bf}ä\u{1b}"), "a\tbcde\u{a0}f\u{bf}ä");
    }

    #[test]
    fn only_what_has_to_be_is_escaped() {
        assert_eq!(encoded("Hei Väinö! 1 = 1 \nOk\t\n"), "Hei V=C3=A4in=C3=B6! 1 =3D 1=20\r\nOk=09\r\n");
        assert_eq!(encoded("Hello = hello \n"), "Hello = hello \r\n", "7bit");
        let long = encoded(&"ä".repeat(30).replace("ää", "äaaaa"));
        assert!(long.lines().all(|line| line.len() <= LINE) && long.contains("=\r\n"), "{long}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_is_what_lettre_makes_of_it(
            text in "([a-zäö=. \t\u{a0}]{0,90}|[ä= ]{0,40}|[a-z]{70,78}[ä= \t]{0,4}|\\PC{0,20}|\r\n|\n|\r|\u{85}){0,8}"
        ) {
            let theirs = Body::new(wire_text(&text));
            let ours = body(&text);
            prop_assert_eq!(ours.encoding(), theirs.encoding());
            prop_assert_eq!(String::from_utf8_lossy(ours.as_ref()), String::from_utf8_lossy(theirs.as_ref()));
        }

        #[test]
        fn what_is_dropped_are_control_characters(text in "[\\PC\u{0}-\u{a1}]{0,60}") {
            let kept: String = text.replace("\r\n", "\n").replace('\r', "\n");
            let kept: String = kept.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n')).collect();
            prop_assert_eq!(wire_text(&text), kept.replace('\n', "\r\n"));
        }
    }
}
