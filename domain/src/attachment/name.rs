//! File names that are safe to store, to put into a header, and to save on any system.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest name, in characters.
pub const MAX_NAME: usize = 150;
/// The longest name in bytes: what file systems take, with room for a browser's ` (1)`.
const MAX_BYTES: usize = 240;
/// The longest extension that is kept when a name is shortened, in characters.
const MAX_EXTENSION: usize = 10;

/// Names that Windows keeps for devices, whatever the extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The safe form of a name that somebody gave: its last path part, in NFC, on one line, without control or invisible
/// characters and those that turn the writing direction, without what a file system has other uses for, and no longer than
/// [`MAX_NAME`]. `None` when nothing is left. The safe form of a safe name is itself.
pub fn safe_name(raw: &str) -> Option<String> {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.nfc().filter(|c| !is_hidden(*c)).map(tame).collect();
    let joined = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = trimmed(&joined);
    if trimmed.is_empty() {
        return None;
    }
    let named = if is_device(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() };
    Some(shortened(named))
}

/// `Content-Disposition` of a download (RFC 6266): the name in full for those who read RFC 8187, and in ASCII for the others.
/// `name` is a safe one.
pub fn content_disposition(name: &str) -> String {
    let plain: String = name
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%')) { c } else { '_' })
        .collect();
    if plain == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let mut full = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'!'
            | b'#'
            | b'$'
            | b'&'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~' => full.push(byte.into()),
            _ => full.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

/// Neither hidden nor refused by Windows, nor ended so that an extension is lost.
fn trimmed(name: &str) -> &str {
    name.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' '])
}

/// Characters that cannot be seen, or that make a name look like another one. White space stays, to be made one space.
fn is_hidden(c: char) -> bool {
    let separates = matches!(c, '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}');
    (c.is_control() && !separates)
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}'
                | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

fn tame(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        // Look like the separators of a path.
        '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{ff0f}' | '\u{ff3c}' => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    let numbered = |prefix: &str| {
        let mut rest = stem.strip_prefix(prefix).unwrap_or_default().chars();
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// Cuts the stem, so that the extension stays.
fn shortened(name: String) -> String {
    if name.chars().count() <= MAX_NAME && name.len() <= MAX_BYTES {
        return name;
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.chars().count() <= MAX_EXTENSION => format!(".{extension}"),
        _ => String::new(),
    };
    let stem = name.strip_suffix(extension.as_str()).unwrap_or(&name);
    let (mut characters, mut bytes) = (extension.chars().count(), extension.len());
    let kept: String = stem
        .chars()
        .take_while(|c| {
            characters += 1;
            bytes += c.len_utf8();
            characters <= MAX_NAME && bytes <= MAX_BYTES
        })
        .collect();
    format!("{}{extension}", trimmed(&kept))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_made_safe_and_keep_their_letters() {
        let cases = [
            ("lasku.pdf", "lasku.pdf"),
            ("Ääkköset – Åland & Ö.pdf", "Ääkköset – Åland & Ö.pdf"),
            ("A\u{308}a\u{308}kko\u{308}set.pdf", "Ääkköset.pdf"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\Matti\\lasku.pdf", "lasku.pdf"),
            ("a\\..\\b/c.pdf", "c.pdf"),
            ("lasku\u{202e}fdp.exe.pdf", "laskufdp.exe.pdf"),
            ("la\u{200b}sku\u{2066}.pdf\u{2069}", "lasku.pdf"),
            ("la\r\nBcc: x\0.pdf", "la Bcc_ x.pdf"),
            ("a\u{2028}b\tc\u{a0}d  e.pdf", "a b c d e.pdf"),
            ("a<b>c:d\"e|f?g*h.pdf", "a_b_c_d_e_f_g_h.pdf"),
            ("..hidden.txt", "hidden.txt"),
            ("end. . .", "end"),
            ("CON", "_CON"),
            ("nul.pdf", "_nul.pdf"),
            ("Com1.tar.txt", "_Com1.tar.txt"),
            ("lpt0.txt", "_lpt0.txt"),
            ("com10.txt", "com10.txt"),
            ("console.txt", "console.txt"),
            ("a\u{2215}b\u{ff0f}c.pdf", "a_b_c.pdf"),
        ];
        for (raw, safe) in cases {
            assert_eq!(safe_name(raw).as_deref(), Some(safe), "{raw:?}");
        }
    }

    #[test]
    fn what_leaves_nothing_is_no_name() {
        for raw in ["", " ", "..", "a/", "a\\", "/", "\u{202e}", "\0\r\n", ". ."] {
            assert_eq!(safe_name(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = safe_name(&format!("{}.pdf", "ä".repeat(300))).unwrap();
        assert!(long.ends_with("ä.pdf") && long.len() <= MAX_BYTES, "{long}");
        let ascii = safe_name(&format!("{}.pdf", "a".repeat(300))).unwrap();
        assert_eq!((ascii.chars().count(), ascii.ends_with("a.pdf")), (MAX_NAME, true));
        assert_eq!(safe_name(&"a".repeat(300)).unwrap().chars().count(), MAX_NAME);
        assert_eq!(safe_name(&format!("a.{}", "b".repeat(300))).unwrap().chars().count(), MAX_NAME);
    }

    #[test]
    fn a_download_bears_its_name_in_full_and_in_ascii() {
        let cases = [
            ("lasku 1.pdf", "attachment; filename=\"lasku 1.pdf\""),
            ("Ääni.pdf", "attachment; filename=\"Aani.pdf\"; filename*=UTF-8''%C3%84%C3%A4ni.pdf"),
            ("a–b 100%.txt", "attachment; filename=\"a_b 100_.txt\"; filename*=UTF-8''a%E2%80%93b%20100%25.txt"),
        ];
        for (name, header) in cases {
            assert_eq!(content_disposition(name), header);
        }
    }

    proptest! {
        #[test]
        fn a_safe_name_is_bounded_visible_and_safe_already(raw in any::<String>()) {
            if let Some(name) = safe_name(&raw) {
                prop_assert!(name.chars().count() <= MAX_NAME + 1 && name.len() <= MAX_BYTES + 1);
                prop_assert!(!name.contains(['/', '\\', '"', ':']) && !name.chars().any(|c| c.is_control() || is_hidden(c)));
                prop_assert!(!name.starts_with('.') && !name.ends_with(['.', ' ']));
                prop_assert_eq!(safe_name(&name), Some(name.clone()));
            }
        }
    }
}
