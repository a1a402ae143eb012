//! CommonMark to HTML, and what goes into HTML as it is.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// A text as it stands in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The HTML of a CommonMark text with tables. HTML in it is shown as text; a link to another guide leads to its page.
pub(super) fn to_html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: page_of(dest_url), title, id })
        }
        other => other,
    });
    let mut out = String::with_capacity(markdown.len().saturating_mul(2));
    html::push_html(&mut out, events);
    out
}

/// The HTML of a text of one paragraph, without the paragraph.
pub(super) fn inline(markdown: &str) -> String {
    let html = to_html(markdown);
    let inner = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// `errors.md` is `errors` below `/docs/guides/`.
fn page_of(target: CowStr<'_>) -> CowStr<'_> {
    if target.contains("://") {
        return target;
    }
    match target.split_once(".md") {
        Some((name, rest)) if rest.is_empty() || rest.starts_with('#') => format!("{name}{rest}").into(),
        _ => target,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_a_description_is_shown_and_not_obeyed() {
        assert_eq!(inline("a <b>c</b> `<i>`"), "a &lt;b&gt;c&lt;/b&gt; <code>&lt;i&gt;</code>");
        assert_eq!(escape(r#"<a href="x">'&'"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    }

    #[test]
    fn links_between_guides_lead_to_their_pages() {
        let html = to_html("[a](errors.md#codes) [b](https://example.fi/x.md)");
        assert!(
            html.contains(r#"href="errors#codes""#) && html.contains(r#"href="https://example.fi/x.md""#),
            "{html}"
        );
    }
}
