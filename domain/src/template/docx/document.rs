//! What the text of a document refers to.

use std::collections::HashMap;

use super::xml::Element;

/// What a link may start with; others lose their target.
const SCHEMES: [&str; 4] = ["http:", "https:", "mailto:", "tel:"];

/// The targets of links, by the id of the reference.
pub(super) fn links(part: Option<&Element>) -> HashMap<String, String> {
    let references = part.into_iter().flat_map(Element::elements);
    let links = references.filter(|one| one.attribute("Type").is_some_and(|kind| kind.ends_with("/hyperlink")));
    links
        .filter_map(|link| {
            let target = link.attribute("Target")?.trim();
            let lower = target.to_ascii_lowercase();
            let is_allowed = SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
            is_allowed.then(|| Some((link.attribute("Id")?.to_owned(), written(target))))?
        })
        .collect()
}

/// A target as it may stand between the brackets of markdown and the quotes of HTML.
fn written(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    for character in target.chars() {
        match character {
            ' ' => out.push_str("%20"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '"' => out.push_str("%22"),
            '\\' => out.push_str("%5C"),
            character if character.is_control() => {}
            character => out.push(character),
        }
    }
    out
}
