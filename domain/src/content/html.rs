//! HTML of an author's own: its text version, and escaping.

use html2text::config;

/// How wide the lines of a text version are, as in plain mail.
const WIDTH: usize = 76;

/// The text that stands for an HTML message where no HTML is shown; links become footnotes.
pub(super) fn to_text(html: &str) -> Result<String, String> {
    config::plain()
        .no_table_borders()
        .link_footnotes(true)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .map_err(|error| error.to_string())
}

/// Text as it stands in an HTML text or attribute.
pub(super) fn escape(text: &str) -> String {
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
        let text = to_text(html).unwrap();
        assert!(
            text.contains("Vesikatko") && text.contains("vesi on poikki.") && text.contains("https://x.fi/a"),
            "{text}"
        );
        assert!(!text.contains('<') && !text.contains("color:red") && !text.contains("x()"), "{text}");
    }

    #[test]
    fn zz_timing() {
        for (tag, n) in [("<div>",1000),("<div>",5000),("<div>",20000),("<b>",1000),("<b>",5000),("<b>",20000),("<table><tr><td>",30),("<table><tr><td>",100),("<ul><li>",100),("<ul><li>",300),("<td colspan=1000000>",1), ("<table><tr><td colspan=1000000000>a</td><td>b</td></tr></table>",1), ("<table><tr><td colspan=100000>a</td><td>b</td></tr></table>",10), ("<p>hello <a href=x>y</a>", 20000)] {
            let start = std::time::Instant::now();
            let html = tag.repeat(n);
            let out = to_text(&html);
            eprintln!("{tag} {n} {:?} {:?}", start.elapsed(), out.map(|o| o.len()));
        }
    }

    #[test]
    fn hostile_html_is_survived() {
        for html in
            ["<div>".repeat(20_000), "<b>".repeat(20_000), "<table><tr><td>".repeat(300), "<ul><li>".repeat(300)]
        {
            let _ = to_text(&html);
        }
        let _ = to_text("<table><tr><td colspan=1000000000>a</td></tr></table>");
        let _ = to_text("<ol start=9223372036854775807><li>a<li>b</ol>");
    }

    #[test]
    fn escape_leaves_no_markup() {
        assert_eq!(escape("<a href=\"x\" b='y'>&</a>"), "&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt;&amp;&lt;/a&gt;");
        assert_eq!(escape("Äyräpää"), "Äyräpää");
    }
}
