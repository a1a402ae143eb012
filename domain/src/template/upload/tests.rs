//! Files of a real word processor's kind, made by testdata/make.py, and files that are meant to do harm.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::content::check_template;

const DOCX: &[u8] = include_bytes!("testdata/vesikatko.docx");

fn read(name: &str, bytes: &[u8], wanted: Option<Format>) -> Result<Uploaded, &'static str> {
    read_upload(name, bytes, wanted, Channel::Email).map_err(|error| {
        assert_eq!(error.pointer, "/file");
        error.code
    })
}

/// An archive of these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A document of this XML.
fn docx(document: &[u8]) -> Vec<u8> {
    archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document)])
}

/// A document with this inside of its body.
fn body(inside: &str) -> Vec<u8> {
    docx(format!("<w:document xmlns:w=\"w\"><w:body>{inside}</w:body></w:document>").as_bytes())
}

#[test]
fn a_document_becomes_markdown() {
    let read = read("Vesikatko.DOCX", DOCX, None).unwrap();
    assert_eq!(read.format, Format::Markdown);
    assert_eq!(super::read_upload("Vesikatko", DOCX, None, Channel::Email).unwrap(), read);
    assert_eq!(read.left_out, ["headers_and_footers"]);
    let expected = "# Vesikatko {{ property.name }}\n\n\
        Hei {{ recipient.first_name|default('asukas') }}, vesi on **poikki** ja *lämmin vesi* myös \\*koko\\* päivän.\n\n\
        ## Näin varaudut\n\n\
        - Laske vettä talteen\n- Sulje hanat & hajulukot <huolella>\n- Alakohta\n1. Ensin\n1. Sitten\n\n\
        | Talo | Aika |\n| --- | --- |\n| A \\| B | klo 9–12 |\n\n\
        Lue [lisää](https://example.fi/vesi?a=1&b=%282%29).\n\n\
        1\\. maaliskuuta vesi palaa.  \nTerveisin  \nIsännöinti";
    assert_eq!(read.body, expected);
    let fields = check_template(&read.body).unwrap();
    assert_eq!(fields.iter().collect::<Vec<_>>(), ["property.name", "recipient.first_name"]);
}

#[test]
fn a_document_becomes_html_and_text() {
    let html = read("a.docx", DOCX, Some(Format::Html)).unwrap().body;
    for part in [
        "<h1>Vesikatko {{ property.name }}</h1>",
        "<p>Hei {{ recipient.first_name|default('asukas') }}, vesi on <strong>poikki</strong> ja <em>lämmin vesi</em>",
        "<ul>\n<li>Laske vettä talteen</li>\n<li>Sulje hanat &amp; hajulukot &lt;huolella&gt;",
        "<ol>\n<li>Ensin</li>\n<li>Sitten</li>\n</ol>",
        "<tr><td>A | B</td><td>klo 9–12</td></tr>",
        "<a href=\"https://example.fi/vesi?a=1&amp;b=%282%29\">lisää</a>.",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(check_template(&html).is_ok());
    let text = read("a.docx", DOCX, Some(Format::Text)).unwrap().body;
    assert!(text.starts_with(
        "Vesikatko {{ property.name }}\n\nHei {{ recipient.first_name|default('asukas') }}, vesi on poikki"
    ));
    assert!(text.contains("Talo\tAika\nA | B\tklo 9–12") && text.contains("lisää (https://example.fi/vesi"), "{text}");
}

#[test]
fn text_markdown_and_html_are_taken_as_they_are() {
    for (name, bytes, wanted, format, text) in [
        ("a.txt", &b"\xef\xbb\xbfHei\r\n\xc3\x84iti\r"[..], None, Format::Text, "Hei\nÄiti\n"),
        ("a.txt", b"*Hei*", Some(Format::Markdown), Format::Markdown, "*Hei*"),
        ("Kirje.MD", b"# Hei", None, Format::Markdown, "# Hei"),
        ("a.b.html", b"<p>Hei</p>", None, Format::Html, "<p>Hei</p>"),
        ("Kirje", b"# Hei", None, Format::Text, "# Hei"),
    ] {
        let read = read(name, bytes, wanted).unwrap();
        assert_eq!((read.format, read.body.as_str(), read.left_out.len()), (format, text, 0), "{name}");
    }
}

#[test]
fn files_that_are_not_what_they_are_called_are_refused() {
    let with_macros =
        archive(&[("[Content_Types].xml", b"a"), ("word/document.xml", b"a"), ("word/vbaProject.bin", b"a")]);
    for (name, bytes, wanted, code) in [
        ("a.pdf", &b"%PDF-1.7"[..], None, "template_type_refused"),
        ("a", b"\x89PNG", None, "not_text"),
        ("a.docm", DOCX, None, "template_type_refused"),
        ("a.docx", b"Hei", None, "template_type_refused"),
        ("a.docx", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], None, "template_type_refused"),
        ("a.docx", &with_macros, None, "template_type_refused"),
        ("a.docx", &DOCX[..DOCX.len() / 2], None, "template_type_refused"),
        ("a.txt", DOCX, None, "not_text"),
        ("a.txt", b"\xc4iti", None, "not_text"),
        ("a.md", b"a\x00b", None, "not_text"),
        ("a.txt", b"", None, "empty_file"),
        ("a.docx", b"", None, "empty_file"),
        ("a.html", b"<p>", Some(Format::Markdown), "format_mismatch"),
        ("a.md", b"a", Some(Format::Text), "format_mismatch"),
        ("a.txt", b"a", Some(Format::Html), "format_mismatch"),
    ] {
        assert_eq!(read(name, bytes, wanted).unwrap_err(), code, "{name} {:?}", wanted);
    }
    let sms = |name, bytes| read_upload(name, bytes, None, Channel::Sms);
    assert_eq!(sms("a.docx", DOCX).unwrap().format, Format::Text);
    assert_eq!(sms("a.md", b"a").unwrap_err().code, "format_mismatch");
}

#[test]
fn hostile_documents_are_refused_in_bounded_work() {
    let bomb = vec![b' '; 64 * 1024 * 1024];
    let entities = b"<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><document>&b;</document>";
    let outside = b"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><document/>";
    let deep = format!("{}{}", "<w:p>".repeat(100_000), "</w:p>".repeat(100_000));
    let wide = "<w:p/>".repeat(300_000);
    let attributes: String = (0..1000).map(|number| format!(" a{number}=\"b\"")).collect();
    let text = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "a".repeat(2_000_000));
    for (name, bytes, code) in [
        ("more than anybody writes", docx(&bomb), "docx_too_large"),
        ("entities", docx(entities), "docx_not_allowed"),
        ("an entity from outside", docx(outside), "docx_not_allowed"),
        ("an entity that is nowhere", body("<w:p>&nbsp;</w:p>"), "docx_not_allowed"),
        ("deep", body(&deep), "docx_too_large"),
        ("wide", body(&wide), "docx_too_large"),
        ("attributes", body(&format!("<w:p{attributes}/>")), "docx_too_large"),
        ("a long text", body(&text), "docx_too_large"),
        ("no XML", docx(b"Hei"), "docx_damaged"),
        ("not closed", docx(b"<document><body>"), "docx_damaged"),
        ("closed twice", docx(b"<document></document></document>"), "docx_damaged"),
        ("closed by another", docx(b"<document><body></document></body>"), "docx_damaged"),
        ("not UTF-8", docx(b"<document>\xff</document>"), "docx_damaged"),
        ("nothing", docx(b""), "docx_damaged"),
    ] {
        let started = std::time::Instant::now();
        assert_eq!(read("a.docx", &bytes, None).unwrap_err(), code, "{name}");
        assert!(started.elapsed().as_secs() < 20, "{name}");
    }
    // What is compressed wrongly is damaged, whatever its directory says.
    let mut broken = DOCX.to_vec();
    let middle = broken.len() / 3;
    broken[middle..middle + 2000].fill(0x55);
    assert!(matches!(read("a.docx", &broken, None), Err("docx_damaged") | Ok(_)));
}

#[test]
fn odd_documents_are_read_for_what_they_say() {
    let braces = "{".repeat(50_000);
    for (inside, expected) in [
        ("", ""),
        ("<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r></w:p>", "a  \nb"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>piilo</w:t></w:r><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        ("<w:p><w:del><w:r><w:delText>b</w:delText></w:r></w:del><w:ins><w:r><w:t>a</w:t></w:r></w:ins></w:p>", "a"),
        (
            "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>a </w:t></w:r><w:r><w:rPr><w:b w:val=\"0\"/></w:rPr><w:t>b</w:t></w:r></w:p>",
            "**a** b",
        ),
        (
            "<w:p><w:r><w:t># ei otsikko</w:t></w:r></w:p><w:p><w:r><w:t>- ei lista_</w:t></w:r></w:p>",
            "\\# ei otsikko\n\n\\- ei lista\\_",
        ),
        ("<w:p><w:r><w:t>&lt;b&gt; &amp; &#228;</w:t></w:r></w:p>", "<b> & ä"),
        ("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>kehys</w:t></w:r></w:p></w:tc></w:tr></w:tbl>", "kehys"),
        (
            "<w:p><w:r><w:t>{% if recipient.city == “Turku” %}a{% endif %}</w:t></w:r></w:p>",
            "{% if recipient.city == \"Turku\" %}a{% endif %}",
        ),
        (&format!("<w:p><w:r><w:t>{braces}</w:t></w:r></w:p>"), &braces),
    ] {
        assert_eq!(read("a.docx", &body(inside), None).unwrap().body, expected, "{inside}");
    }
    let picture = read("a.docx", &body("<w:p><w:r><w:drawing/><w:t>a</w:t></w:r></w:p>"), None).unwrap();
    assert_eq!(picture.left_out, ["pictures"]);
}
