//! Markdown to HTML. Values that were merged in can't become markup: their punctuation travels through the markdown parser
//! as private-use characters, which mean nothing to it, and comes back in the text it hands out.

use std::fmt;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Where the guarded twin of an ASCII sign lies: its code point plus this, in a private-use plane.
const GUARD: u32 = 0xF_0000;

/// What a link may start with. Anything else that has a scheme loses its target.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// A value as it is put into markdown.
pub(super) fn guard(value: &str) -> String {
    value
        .chars()
        .map(|c| match c.is_ascii_punctuation() {
            true => char::from_u32(GUARD + u32::from(c)).unwrap_or(c),
            false => c,
        })
        .collect()
}

/// A text of the parser's with the guarded signs back.
fn unguard(text: CowStr<'_>) -> CowStr<'_> {
    let back = |c: char| {
        let sign = u32::from(c).checked_sub(GUARD).and_then(char::from_u32);
        sign.filter(char::is_ascii_punctuation)
    };
    match text.chars().any(|c| back(c).is_some()) {
        true => text.chars().map(|c| back(c).unwrap_or(c)).collect::<String>().into(),
        false => text,
    }
}

/// The HTML document of a markdown text, or `None` when it would be larger than `limit` bytes. HTML in the markdown is
/// shown as text.
pub(crate) fn to_html(markdown: &str, language: &str, limit: usize) -> Option<String> {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).map(made_safe);
    let mut out = Bounded { text: String::with_capacity(markdown.len() * 2), limit };
    let language = super::html::escape(language);
    fmt::Write::write_str(
        &mut out,
        &format!("<!DOCTYPE html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n"),
    )
    .ok()?;
    html::write_html_fmt(&mut out, events).ok()?;
    fmt::Write::write_str(&mut out, "</body>\n</html>\n").ok()?;
    Some(out.text)
}

fn made_safe(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => Event::Text(unguard(text)),
        Event::Code(text) => Event::Code(unguard(text)),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: target(dest_url), title: unguard(title), id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: target(dest_url), title: unguard(title), id })
        }
        other => other,
    }
}

/// The target of a link, empty when its scheme is not one of [`SCHEMES`].
fn target(url: CowStr<'_>) -> CowStr<'_> {
    let url = unguard(url);
    let scheme = url.split(['/', '?', '#']).next().and_then(|start| start.split_once(':')).map(|(scheme, _)| scheme);
    match scheme.is_none_or(|scheme| SCHEMES.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))) {
        true => url,
        false => CowStr::Borrowed(""),
    }
}

/// Takes text until there is too much.
struct Bounded {
    text: String,
    limit: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.len() + text.len() > self.limit {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(markdown: &str) -> String {
        let document = to_html(markdown, "fi", 100_000).unwrap();
        let (_, rest) = document.split_once("<body>\n").unwrap();
        rest.trim_end().strip_suffix("</body>\n</html>").unwrap().trim_end().to_owned()
    }

    #[test]
    fn markdown_of_the_author_becomes_html() {
        assert_eq!(
            body("# Otsikko\n\n**Vesi** on [poikki](https://x.fi/?a=1&b=2)"),
            "<h1>Otsikko</h1>\n<p><strong>Vesi</strong> on <a href=\"https://x.fi/?a=1&amp;b=2\">poikki</a></p>"
        );
        assert!(body("|a|b|\n|-|-|\n|1|2|").starts_with("<table>"));
        assert!(to_html("x", "sv-FI", 1000).unwrap().contains("<html lang=\"sv-FI\">"));
    }

    #[test]
    fn html_in_markdown_is_shown_as_text() {
        assert_eq!(body("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>");
        assert_eq!(body("<script>\nalert(1)\n</script>").matches('<').count(), 2, "only the paragraph's own");
    }

    #[test]
    fn merged_values_stay_text() {
        for value in [
            "*Matti*",
            "_Matti_",
            "**a**",
            "`code`",
            "# otsikko",
            "- lista",
            "1. lista",
            "> lainaus",
            "=====",
            "---",
            "~~a~~",
            "[x](http://evil.example)",
            "![x](http://evil.example/p.png)",
            "<script>alert(1)</script>",
            "<https://evil.example>",
            "&lt;b&gt;",
            "&#42;",
            "a \\* b\\",
            "|a|b|",
            "a|b",
            "[ref]: http://evil.example",
            "</body>",
            "\u{f003c}b\u{f003e}",
        ] {
            let shown = super::super::html::escape(&unguard(value.into()));
            assert_eq!(
                body(&guard(value)).replace("&quot;", "\""),
                format!("<p>{}</p>", shown.replace("&quot;", "\"").replace("&#x27;", "'")),
                "{value}"
            );
            assert_eq!(body(&format!("**{}**", guard(value))).matches("<strong>").count(), 1, "{value}");
            assert!(!body(&format!("x `{}` y", guard(value))).contains("<script"), "{value}");
            assert!(!body(&format!("<div>\n{}\n</div>", guard(value))).contains("<script"), "{value}");
        }
    }

    #[test]
    fn a_merged_value_in_code_shows_as_it_is() {
        assert_eq!(body(&format!("`{}`", guard("a*b_c<d"))), "<p><code>a*b_c&lt;d</code></p>");
    }

    #[test]
    fn links_go_only_where_mail_links_go() {
        for (url, kept) in [
            ("https://x.fi", true),
            ("HTTP://x.fi", true),
            ("mailto:a@b.fi", true),
            ("tel:+358401234567", true),
            ("/polku", true),
            ("polku?x=a:b", true),
            ("javascript:alert(1)", false),
            ("JaVaScRiPt:alert(1)", false),
            ("data:text/html;base64,x", false),
            ("java&#x9;script:alert(1)", false),
            ("vbscript:x", false),
        ] {
            let html = body(&format!("[x]({url})"));
            assert_eq!(!html.contains("href=\"\""), kept, "{url}: {html}");
        }
        assert!(body(&format!("[x]({})", guard("javascript:alert(1)"))).contains("href=\"\""));
        assert!(body(&format!("[x](https://x.fi/?id={})", guard("a\"><b>"))).matches('<').count() <= 4);
        assert_eq!(body(&format!("[x](mailto:{})", guard("a@b.fi"))), "<p><a href=\"mailto:a@b.fi\">x</a></p>");
    }

    #[test]
    fn large_output_is_refused() {
        assert_eq!(to_html(&"a*b*\n\n".repeat(1000), "fi", 10_000), None);
        assert!(to_html("a", "fi", 10_000).is_some());
    }

    #[test]
    fn deep_nesting_is_survived() {
        for opening in [">", "- ", "[", "*", "![", "1. "] {
            let _ = to_html(&opening.repeat(50_000), "fi", 1 << 20);
        }
    }
}
