//! What bytes hold: of the kinds that are taken in, or nothing.

use super::kind::FileType;
use super::zip;

/// How text begins that a browser or mail program may run, or that is another kind of file; in lower case.
const ACTIVE: &[&str] = &[
    "<!",
    "<?",
    "<html",
    "<head",
    "<body",
    "<script",
    "<iframe",
    "<svg",
    "<style",
    "<title",
    "<table",
    "<div",
    "<font",
    "<h1",
    "<a ",
    "<b>",
    "<br",
    "<p>",
    "<p ",
    "<img",
    "<link",
    "<meta",
    "<form",
    "<object",
    "<embed",
    "#!",
    "@echo",
    "%!",
    "{\\rtf",
    "mime-version:",
    "return-path:",
    "delivered-to:",
];

/// The kinds these bytes may be; several for text, none for what is not taken in.
pub(super) fn sniff(bytes: &[u8]) -> &'static [FileType] {
    use FileType::*;
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => &[Pdf],
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => &[Png],
        [0xff, 0xd8, 0xff, ..] => &[Jpeg],
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => &[Gif],
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => &[Webp],
        [b'P', b'K', 3, 4, ..] => office(bytes),
        _ => text(bytes),
    }
}

/// Documents that are ZIP archives, by the entries that make them what they are. Other archives are not taken in, nor are
/// documents with macros.
fn office(bytes: &[u8]) -> &'static [FileType] {
    let Some(names) = zip::entry_names(bytes) else { return &[] };
    let has = |name: &str| names.contains(&name.as_bytes());
    let macros = names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        name.ends_with(b"vbaproject.bin") || name.starts_with(b"basic/") || name.starts_with(b"scripts/")
    });
    if macros {
        return &[];
    }
    if zip::stored_mimetype(bytes) == Some(FileType::Odt.content_type().as_bytes()) {
        return if has("content.xml") { &[FileType::Odt] } else { &[] };
    }
    if !has("[Content_Types].xml") {
        return &[];
    }
    match (has("word/document.xml"), has("xl/workbook.xml"), has("ppt/presentation.xml")) {
        (true, false, false) => &[FileType::Docx],
        (false, true, false) => &[FileType::Xlsx],
        (false, false, true) => &[FileType::Pptx],
        _ => &[],
    }
}

fn text(bytes: &[u8]) -> &'static [FileType] {
    let Ok(text) = std::str::from_utf8(bytes) else { return &[] };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}')) {
        return &[];
    }
    let start: String = text.trim_start().chars().take(20).collect::<String>().to_ascii_lowercase();
    if ACTIVE.iter().any(|active| start.starts_with(active)) {
        return &[];
    }
    match start.starts_with("begin:vcalendar") {
        true => &[FileType::Calendar],
        false => &[FileType::Text, FileType::Csv],
    }
}
