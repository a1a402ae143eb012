//! The table of problem codes.

use super::markdown::{escape, inline};
use crate::problem::Code;

/// Every code with its status, title and meaning.
pub(super) fn section() -> String {
    let rows: String = Code::ALL.iter().map(|code| row(*code)).collect();
    format!(
        "<section id=\"errors\" aria-labelledby=\"errors-title\">\n<h2 id=\"errors-title\">Errors</h2>\n<p>Every error is \
         <code>application/problem+json</code>: a <a href=\"#schema-Problem\">Problem</a>. Branch on its <code>code</code>; a \
         code keeps its status and meaning for ever. <a href=\"/docs/guides/errors\">How to handle them</a>.</p>\n\
         <dl class=\"answers\">{rows}</dl>\n</section>\n"
    )
}

fn row(code: Code) -> String {
    let word = escape(code.as_str());
    format!(
        "<div id=\"error-{word}\"><dt><span class=\"status s{}\">{}</span></dt><dd><code>{word}</code> {}</dd></div>\n",
        code.status().as_u16() / 100,
        code.status().as_u16(),
        inline(code.meaning()),
    )
}

/// Makes each code that an HTML text names a link to its row.
pub(super) fn link_codes(html: &str) -> String {
    Code::ALL.iter().fold(html.to_owned(), |html, code| {
        let word = code.as_str();
        html.replace(&format!("<code>{word}</code>"), &format!("<a href=\"#error-{word}\"><code>{word}</code></a>"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_a_text_lead_to_their_rows() {
        let linked = link_codes("It is <code>not_found</code>, not <code>other</code>.");
        assert_eq!(linked, "It is <a href=\"#error-not_found\"><code>not_found</code></a>, not <code>other</code>.");
        assert!(section().contains("id=\"error-not_found\""));
    }
}
