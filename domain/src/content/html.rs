//! HTML of an author's own: its text version, and escaping.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use html2text::config;

/// How wide the lines of a text version are, as in plain mail.
const WIDTH: usize = 76;

/// How many elements may be open at once for the careful conversion, whose work grows with the square of them.
const MAX_DEPTH: usize = 200;

/// Elements that stay open in sloppy HTML without nesting.
const UNNESTED: [&str; 17] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "source", "wbr",
];

/// The text that stands for an HTML message where no HTML is shown; links become footnotes. HTML that is too strange for
/// that is only stripped of its tags.
pub(crate) fn to_text(html: &str) -> String {
    if depth(html) > MAX_DEPTH {
        return strip_tags(html);
    }
    let converted = catch_unwind(|| {
        config::plain()
            .no_table_borders()
            .link_footnotes(true)
            .allow_width_overflow()
            .string_from_read(html.as_bytes(), WIDTH)
    });
    match converted {
        Ok(Ok(text)) => text,
        Ok(Err(_)) | Err(_) => strip_tags(html),
    }
}

/// The most elements open at once, by names alone: an end tag closes nothing unless an element of its name is open, as the
/// parser has it.
fn depth(html: &str) -> usize {
    let mut open_by_name = BTreeMap::<String, usize>::new();
    let (mut open, mut most) = (0_usize, 0);
    for part in html.split('<').skip(1) {
        let name = part.strip_prefix('/').unwrap_or(part);
        let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || UNNESTED.contains(&name.as_str()) {
            continue;
        }
        let of_name = open_by_name.entry(name).or_default();
        if !part.starts_with('/') {
            *of_name += 1;
            open += 1;
        } else if *of_name > 0 {
            *of_name -= 1;
            open -= 1;
        }
        most = most.max(open);
    }
    most
}

/// What is outside of tags, each run of it on a line.
fn strip_tags(html: &str) -> String {
    let outside = html.split('<').enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.split_once('>').map_or("", |(_, text)| text),
    });
    outside.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Text as it stands in an HTML text or attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_readable_text() {
        let html = "<h1>Vesikatko</h1><p>Hyvä <b>Åsa</b>, vesi on poikki.<br>Lue <a href=\"https://x.fi/a\">lisää</a>.</p>\
                    <table><tr><td>ma</td><td>8–10</td></tr></table><style>p{color:red}</style><script>x()</script>";
        let text = to_text(html);
        assert!(
            text.contains("Vesikatko") && text.contains("vesi on poikki.") && text.contains("https://x.fi/a"),
            "{text}"
        );
        assert!(!text.contains('<') && !text.contains("color:red") && !text.contains("x()"), "{text}");
    }

    #[test]
    fn hostile_html_is_survived() {
        for html in [
            "<div>".repeat(100_000),
            "<b>".repeat(100_000),
            "<x>a</p>".repeat(50_000),
            "<div></b>".repeat(50_000),
            "<b><div></b>".repeat(50_000),
            "<table><tr><td>".repeat(60),
            "<table><tr><td>".repeat(20_000),
            "<ul><li>".repeat(190),
            "<br><p><li>".repeat(3_000),
            "<table><tr><td colspan=1000000000>a</td></tr></table>".to_owned(),
            "<ol start=9223372036854775807><li>a<li>b</ol>".to_owned(),
        ] {
            assert!(to_text(&html).len() < 1_000_000);
        }
    }

    #[test]
    fn what_is_too_deep_is_only_stripped() {
        let html = format!("{}Vesi on poikki &amp; pois{}", "<div>".repeat(300), "</div>".repeat(300));
        assert_eq!(to_text(&html), "Vesi on poikki &amp; pois");
        assert_eq!(depth("<p><b>a</b><br><br><i>b</i></p><div><div></div></div>"), 2);
        assert_eq!(
            strip_tags(
                "a<b>c</b>
<i"
            ),
            "a
c"
        );
    }

    #[test]
    fn escape_leaves_no_markup() {
        assert_eq!(escape("<a href=\"x\" b='y'>&</a>"), "&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt;&amp;&lt;/a&gt;");
        assert_eq!(escape("Äyräpää"), "Äyräpää");
    }
}
