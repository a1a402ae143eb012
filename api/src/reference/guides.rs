//! The guides of `docs/` for those who build on the API, as pages of the reference.

use super::markdown::{escape, to_html};
use super::page::frame;

/// A guide: its name in the address, its title, and its text in CommonMark.
struct Guide {
    name: &'static str,
    title: &'static str,
    text: &'static str,
}

macro_rules! guide {
    ($name:literal, $title:literal) => {
        Guide { name: $name, title: $title, text: include_str!(concat!("../../../docs/", $name, ".md")) }
    };
}

const GUIDES: &[Guide] = &[
    guide!("tokens", "Tokens"),
    guide!("mailings", "Mailings"),
    guide!("templates", "Templates"),
    guide!("portals", "Portals"),
    guide!("recipient-query", "Recipient query"),
    guide!("key-loans", "Key loans and inspections"),
    guide!("contact-lists", "Contact lists"),
    guide!("paging", "Paging"),
    guide!("errors", "Errors"),
    guide!("idempotency", "Idempotency and versions"),
];

/// The page of a guide.
pub(super) fn page(name: &str) -> Option<String> {
    let guide = GUIDES.iter().find(|guide| guide.name == name)?;
    let navigation = format!(
        "<nav aria-label=\"Contents\">\n<p class=\"brand\"><a href=\"/docs\">Postitus</a></p>\n<ul>\n<li><a class=\"tag\" \
         href=\"/docs\">Reference</a></li>\n<li><span class=\"tag\">Guides</span>\n<ul>{}</ul></li>\n</ul>\n</nav>",
        items(Some(name))
    );
    let content = format!("<article class=\"guide\">\n{}</article>\n", to_html(guide.text));
    Some(frame(&format!("{} · Postitus", guide.title), &navigation, &content))
}

/// Every guide's name, in the order in which they are listed.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    GUIDES.iter().map(|guide| guide.name)
}

/// The guides as items of a list, the current one marked.
pub(super) fn items(current: Option<&str>) -> String {
    GUIDES.iter().map(|guide| format!("<li>{}</li>\n", link(guide, current == Some(guide.name)))).collect()
}

/// The guides in a sentence.
pub(super) fn links() -> String {
    GUIDES.iter().map(|guide| link(guide, false)).collect::<Vec<_>>().join(", ")
}

fn link(guide: &Guide, current: bool) -> String {
    let mark = if current { " aria-current=\"page\"" } else { "" };
    format!("<a href=\"/docs/guides/{}\"{mark}>{}</a>", guide.name, escape(guide.title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::perm;
    use crate::problem::Code;

    fn rows_below(guide: &str, heading: &str) -> Vec<&'static str> {
        let text = GUIDES.iter().find(|found| found.name == guide).unwrap().text;
        let (_, below) = text.split_once(heading).unwrap();
        let table = below.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        table.take_while(|line| line.starts_with('|')).collect()
    }

    #[test]
    fn the_guide_to_errors_has_every_code_with_its_status_and_meaning() {
        let wanted: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("| {} | `{}` | {} |", code.status().as_u16(), code.as_str(), code.meaning()))
            .collect();
        assert_eq!(rows_below("errors", "## Codes\n"), wanted, "docs/errors.md should have:\n{}", wanted.join("\n"));
    }

    #[test]
    fn the_guide_to_tokens_has_every_scope() {
        let scope = |row: &&str| row.split('`').nth(1).unwrap().to_owned();
        let mut told: Vec<String> = rows_below("tokens", "## Scopes\n").iter().map(scope).collect();
        let mut wanted: Vec<&str> = perm::ALL.iter().map(|(scope, _)| *scope).chain(["admin"]).collect();
        told.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "docs/tokens.md");
    }
}
