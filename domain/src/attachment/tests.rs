//! Which files are taken in, and which are not.

use super::*;
use crate::mailing::draft::tests::a_content;

/// An archive of entries that are stored as they are.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let short = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let long = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for (name, content) in entries {
        let offset = file.len();
        let sizes = [long(0), long(content.len()), long(content.len())].concat();
        file.extend([b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".as_slice(), &sizes, &short(name.len()), &short(0)].concat());
        file.extend([name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".as_slice(), &sizes, &short(name.len())].concat());
        directory.extend([[0; 12].as_slice(), &long(offset), name.as_bytes()].concat());
    }
    let end = [short(0), short(0), short(entries.len()), short(entries.len())].concat();
    let place = [long(directory.len()), long(file.len())].concat();
    [file, directory, b"PK\x05\x06".to_vec(), end, place, short(0).to_vec()].concat()
}

fn docx() -> Vec<u8> {
    archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")])
}

fn odt(mimetype: &str) -> Vec<u8> {
    archive(&[("mimetype", mimetype.as_bytes()), ("content.xml", b"<content/>")])
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\n";

#[test]
fn every_kind_is_taken_in_under_its_own_name_and_type() {
    let workbook = archive(&[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")]);
    let slides = archive(&[("[Content_Types].xml", b""), ("ppt/presentation.xml", b"")]);
    let files: [(&str, &[u8], FileType); 14] = [
        ("a.pdf", PDF, FileType::Pdf),
        ("a.PNG", PNG, FileType::Png),
        ("a.jpg", b"\xff\xd8\xff\xe0", FileType::Jpeg),
        ("a.jpeg", b"\xff\xd8\xff\xe1", FileType::Jpeg),
        ("a.gif", b"GIF89a", FileType::Gif),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", FileType::Webp),
        ("a.txt", "Hei, Väinö!\r\n\tvesi".as_bytes(), FileType::Text),
        ("a.txt", "\u{feff}a < b".as_bytes(), FileType::Text),
        ("a.csv", "nimi;kaupunki\r\nÅke;Espoo".as_bytes(), FileType::Csv),
        ("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", FileType::Calendar),
        ("a.docx", &docx(), FileType::Docx),
        ("a.xlsx", &workbook, FileType::Xlsx),
        ("a.pptx", &slides, FileType::Pptx),
        ("a.odt", &odt("application/vnd.oasis.opendocument.text"), FileType::Odt),
    ];
    for (name, bytes, kind) in files {
        for declared in [None, Some(""), Some("application/octet-stream"), Some(kind.content_type())] {
            assert_eq!(recognise(name, declared, bytes), Ok(kind), "{name} {declared:?}");
        }
    }
}

fn refusal(name: &str, declared: Option<&str>, bytes: &[u8]) -> &'static str {
    let error = recognise(name, declared, bytes).expect_err(name);
    assert_eq!(error.pointer, "/file");
    error.code
}

#[test]
fn kinds_that_are_not_taken_in_are_refused_whatever_they_are_called() {
    let with_macros = archive(&[
        ("[Content_Types].xml", b""),
        ("word/document.xml", b""),
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    ]);
    let mut cut = docx();
    cut.truncate(cut.len() - 30);
    let files: [(&str, &[u8]); 24] = [
        ("a.exe", b"MZ\x90\0\x03\0"),
        ("a.pdf", b"MZ\x90\0\x03\0"),
        ("a.pdf", b"\x7fELF\x02\x01\x01\0"),
        ("a.exe", PDF),
        ("a.pdf.exe", PDF),
        ("pdf", PDF),
        ("a.html", b"<html></html>"),
        ("a.txt", b"\xef\xbb\xbf  <!DOCTYPE html><html></html>"),
        ("a.txt", b"<SCRIPT>alert(1)</SCRIPT>"),
        ("a.csv", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.svg", b"<svg/>"),
        ("a.txt", b"#!/bin/sh\nrm -rf /"),
        ("a.eml", b"From: a@b.fi\r\n\r\nx"),
        ("a.js", b"alert(1)"),
        ("a.txt", b"caf\xe9"),
        ("a.txt", b"a\0b"),
        ("a.txt", b"\xff\xfea\0b\0"),
        ("a.zip", &archive(&[("a.txt", b"a")])),
        ("a.docx", &archive(&[("a.txt", b"a")])),
        ("a.docx", &archive(&[("word/document.xml", b"")])),
        ("a.docx", &with_macros),
        ("a.docx", &cut),
        ("a.odt", &odt("application/vnd.oasis.opendocument.text-template")),
        ("a.docx", b"PK\x03\x04"),
    ];
    for (name, bytes) in files {
        assert_eq!(refusal(name, None, bytes), "attachment_type_refused", "{name} {bytes:?}");
    }
    assert_eq!(refusal("a.txt", None, b""), "empty_file");
}

#[test]
fn name_and_declared_type_must_agree_with_what_the_bytes_are() {
    let files: [(&str, Option<&str>, &[u8]); 10] = [
        ("a.pdf", None, PNG),
        ("a.png", None, PDF),
        ("a.xlsx", None, &docx()),
        ("a.txt", None, PDF),
        ("a.txt", None, b"BEGIN:VCALENDAR\r\n"),
        ("a.pdf", Some("image/png"), PDF),
        ("a.pdf", Some("text/html"), PDF),
        ("a.txt", Some("text/plain; charset=iso-8859-1"), b"a"),
        ("a.txt", Some("text/csv"), b"a"),
        ("a.odt", Some("application/zip"), &odt("application/vnd.oasis.opendocument.text")),
    ];
    for (name, declared, bytes) in files {
        assert_eq!(refusal(name, declared, bytes), "attachment_type_mismatch", "{name} {declared:?}");
    }
    for declared in ["text/plain; charset=UTF-8", "TEXT/PLAIN;charset=\"utf-8\"", "text/plain; format=flowed"] {
        assert_eq!(recognise("a.txt", Some(declared), b"a"), Ok(FileType::Text), "{declared}");
    }
    assert_eq!(recognise("a.csv", Some("application/vnd.ms-excel"), b"a;b"), Ok(FileType::Csv));
}

#[test]
fn texts_are_sent_as_utf_8() {
    assert_eq!(header_type("text/csv"), "text/csv; charset=utf-8");
    assert_eq!(header_type("application/pdf"), "application/pdf");
}

fn attachment(id: u128, size: u64) -> Attachment {
    Attachment {
        attachment_id: Uuid::from_u128(id),
        file_name: format!("{id}.pdf"),
        content_type: "application/pdf".to_owned(),
        size,
        sha256: "0".repeat(64),
    }
}

#[test]
fn each_version_names_attachments_that_are_there_and_not_too_large_together() {
    let known = [attachment(1, MAX_TOTAL), attachment(2, 1), attachment(3, 0)];
    let faults = |ids: &[&[u128]]| {
        let version = |ids: &&[u128]| crate::mailing::Content {
            attachment_ids: ids.iter().copied().map(Uuid::from_u128).collect(),
            ..a_content("fi", "Hei")
        };
        let contents: Vec<_> = ids.iter().map(version).collect();
        let errors = check_attached(&contents, &known).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>()
    };
    assert_eq!(faults(&[&[1, 3], &[2, 3], &[]]), []);
    assert_eq!(faults(&[&[1], &[3, 9]]), [("/contents/1/attachment_ids/1".to_owned(), "unknown_attachment")]);
    assert_eq!(faults(&[&[1, 2]]), [("/contents/0/attachment_ids".to_owned(), "attachments_too_large")]);
}
