//! A file as a part of a message. Nothing of it depends on the recipient, so that all messages share one.

use std::sync::Arc;

use domain::attachment::{Attachment, header_type};
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType};
use lettre::message::{Body, SinglePart};

use super::BuildError;

/// The MIME part: headers, with the name as RFC 2231 has it, and the bytes in base64. The same file gives the same bytes.
///
/// # Errors
/// [`BuildError`], of data that was not checked when the file was taken in.
pub fn attachment_part(attachment: &Attachment, bytes: Vec<u8>) -> Result<Arc<[u8]>, BuildError> {
    let content_type =
        ContentType::parse(&header_type(&attachment.content_type)).map_err(|_unreadable| BuildError::ContentType)?;
    let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .map_err(|_bytes| BuildError::Other("the attachment cannot be encoded".to_owned()))?;
    let part = SinglePart::builder()
        .header(content_type)
        .header(ContentDisposition::attachment(&attachment.file_name))
        .body(body)
        .formatted();
    if !part.is_ascii() {
        return Err(BuildError::Other("the attachment's headers are not ASCII".to_owned()));
    }
    Ok(part.into())
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders as _};
    use uuid::Uuid;

    use super::*;
    use crate::email::{BuiltEmail, KnownLines, OutgoingEmail, build};

    fn attachment(file_name: &str, content_type: &str) -> Attachment {
        Attachment {
            attachment_id: Uuid::from_u128(1),
            file_name: file_name.to_owned(),
            content_type: content_type.to_owned(),
            size: 1,
            sha256: "0".repeat(64),
        }
    }

    fn email(html: Option<&str>) -> OutgoingEmail {
        OutgoingEmail {
            message_id: "0190f3aa@posti.example.fi".to_owned(),
            date: "2026-11-21T08:05:09Z".parse().unwrap(),
            from_name: None,
            from: "isannointi@example.fi".to_owned(),
            reply_to: None,
            to: vec!["matti@example.com".to_owned()],
            cc: Vec::new(),
            recipients: vec!["matti@example.com".to_owned()],
            subject: "Vesikatko".to_owned(),
            text: "Hei Väinö!".to_owned(),
            html: html.map(str::to_owned),
            boundary_seed: Uuid::from_u128(7),
        }
    }

    /// Bytes of every value, CR and LF in every combination, of a length that base64 has to pad.
    fn bytes() -> Vec<u8> {
        (0..=255).chain(b"\r\n.\r\n\n\r.".iter().copied()).cycle().take(100_001).collect()
    }

    fn message(html: Option<&str>, parts: Vec<Arc<[u8]>>) -> BuiltEmail {
        build(&email(html), parts, &KnownLines::default()).unwrap()
    }

    fn whole(email: &BuiltEmail) -> Vec<u8> {
        email.pieces().collect::<Vec<_>>().concat()
    }

    #[test]
    fn files_arrive_as_they_are_under_their_names_behind_the_text() {
        // A reader decodes texts, so that one has to be UTF-8 to be compared.
        let content = |kind: &str| match kind.starts_with("text/") {
            true => "nimi;kaupunki\r\nÅke;Espoo\n".repeat(500).into_bytes(),
            false => bytes(),
        };
        let long = format!("{}.pdf", "Hyvää päivää ".repeat(11));
        let files = [
            ("Vesikatko – ohjeet äöå (1).pdf", "application/pdf"),
            ("plain name.csv", "text/csv"),
            ("it's 100% \u{1f600}.png", "image/png"),
            (long.trim_end(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ];
        for html in [None, Some("<p>Hei Väinö!</p>")] {
            let parts = files.map(|(name, kind)| attachment_part(&attachment(name, kind), content(kind)).unwrap());
            let raw = whole(&message(html, parts.to_vec()));
            let read = MessageParser::default().parse(&raw).unwrap();
            assert_eq!(read.content_type().unwrap().subtype(), Some("mixed"));
            assert_eq!(read.body_text(0).unwrap().trim_end(), "Hei Väinö!");
            assert_eq!(read.html_bodies().filter(|part| part.is_text_html()).count(), usize::from(html.is_some()));
            let found: Vec<_> = read.attachments().collect();
            assert_eq!(found.len(), files.len());
            for (part, (name, kind)) in found.into_iter().zip(files) {
                assert_eq!(part.attachment_name(), Some(name));
                let found = part.content_type().unwrap();
                assert_eq!(format!("{}/{}", found.ctype(), found.subtype().unwrap()), kind);
                assert!(part.content_disposition().unwrap().is_attachment());
                assert!(part.contents() == content(kind), "{name}");
            }
            assert!(raw.is_ascii() && !String::from_utf8(raw).unwrap().replace("\r\n", "").contains(['\r', '\n']));
        }
    }

    #[test]
    fn the_same_message_with_the_same_files_is_the_same_bytes() {
        let part = || vec![attachment_part(&attachment("ä.pdf", "application/pdf"), bytes()).unwrap()];
        assert_eq!(message(None, part()), message(None, part()));
        let shared = part();
        let (one, other) = (message(None, shared.clone()), message(None, shared.clone()));
        assert_eq!(one, other);
        assert_eq!(Arc::strong_count(&shared[0]), 3, "shared, not copied");
    }

    #[test]
    fn without_files_it_is_the_message_alone() {
        let alone = message(Some("<p>Hei</p>"), Vec::new());
        assert_eq!(whole(&alone), alone.bytes);
        assert!(!String::from_utf8(alone.bytes).unwrap().contains("mixed"));
    }

    #[test]
    fn no_name_or_type_can_add_a_header() {
        let evil = attachment_part(&attachment("a.pdf", "application/pdf\r\nBcc: x@example.fi"), b"x".to_vec());
        assert_eq!(evil, Err(BuildError::ContentType));
        let name = attachment_part(&attachment("a\"; x=\"b\r\nX: y.pdf", "application/pdf"), b"x".to_vec()).unwrap();
        assert!(!String::from_utf8(name.to_vec()).unwrap().lines().any(|line| line.starts_with("X:")));
    }
}
