//! What the styles of a document and its kinds of lists mean.

use std::collections::HashMap;

use super::xml::Element;

/// How far a style is followed to what it is based on.
const MAX_BASES: usize = 20;
/// How deep the lists of a document can be.
pub(super) const DEPTHS: usize = 9;

/// The styles, by their id.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    based_on: Option<String>,
    heading: Option<u8>,
    list: Option<(String, usize)>,
    bold: Option<bool>,
    italic: Option<bool>,
}

impl Styles {
    pub(super) fn read(part: Option<&Element>) -> Self {
        let styles = part.into_iter().flat_map(Element::elements).filter(|element| element.name == "style");
        Self(styles.filter_map(|style| Some((style.attribute("styleId")?.to_owned(), Style::read(style)))).collect())
    }

    /// The level of the heading that a paragraph of this style is.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.bases(id).find_map(|style| style.heading)
    }

    /// The list that a paragraph of this style is in, and how deep.
    pub(super) fn list(&self, id: &str) -> Option<&(String, usize)> {
        self.bases(id).find_map(|style| style.list.as_ref())
    }

    pub(super) fn bold(&self, id: &str) -> Option<bool> {
        self.bases(id).find_map(|style| style.bold)
    }

    pub(super) fn italic(&self, id: &str) -> Option<bool> {
        self.bases(id).find_map(|style| style.italic)
    }

    /// A style and what it is based on, nearest first.
    fn bases<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let mut next = self.0.get(id);
        let chain = std::iter::from_fn(move || {
            let style = next?;
            next = style.based_on.as_deref().and_then(|id| self.0.get(id));
            Some(style)
        });
        chain.take(MAX_BASES)
    }
}

impl Style {
    fn read(style: &Element) -> Self {
        let paragraph = style.child("pPr");
        let run = style.child("rPr");
        // Names of built-in styles are English whatever the language of the program; their ids are not.
        let name = style.value("name").unwrap_or_default().to_ascii_lowercase();
        let by_name = match name.as_str() {
            "title" => Some(1),
            "subtitle" => Some(2),
            other => other.strip_prefix("heading ").and_then(|level| level.parse().ok()),
        };
        Self {
            based_on: style.value("basedOn").map(str::to_owned),
            heading: by_name.or_else(|| paragraph.and_then(outline)).map(|level: u8| level.clamp(1, 6)),
            list: paragraph.and_then(list),
            bold: run.and_then(|run| run.is_on("b")),
            italic: run.and_then(|run| run.is_on("i")),
        }
    }
}

/// The level of a heading that paragraph properties give by themselves.
pub(super) fn outline(properties: &Element) -> Option<u8> {
    let level: u8 = properties.value("outlineLvl")?.parse().ok()?;
    (level < 9).then(|| level.saturating_add(1).min(6))
}

/// The list that paragraph properties name, and how deep; `0` is none.
pub(super) fn list(properties: &Element) -> Option<(String, usize)> {
    let numbering = properties.child("numPr")?;
    let id = numbering.value("numId")?;
    let level = numbering.value("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
    Some((id.to_owned(), level))
}

/// The lists, by their id: whether each of their levels is numbered.
#[derive(Debug, Default)]
pub(super) struct Lists(HashMap<(String, usize), bool>);

impl Lists {
    pub(super) fn read(part: Option<&Element>) -> Self {
        let mut kinds: HashMap<&str, Vec<(usize, bool)>> = HashMap::new();
        let mut lists = HashMap::new();
        for element in part.into_iter().flat_map(Element::elements) {
            match element.name.as_str() {
                "abstractNum" => {
                    let levels = element.elements().filter(|level| level.name == "lvl").filter_map(|level| {
                        let is_ordered = !matches!(level.value("numFmt"), Some("bullet" | "none") | None);
                        Some((level.attribute("ilvl")?.parse().ok()?, is_ordered))
                    });
                    let levels = levels.take(DEPTHS).collect();
                    kinds.insert(element.attribute("abstractNumId").unwrap_or_default(), levels);
                }
                "num" => {
                    let id = element.attribute("numId").unwrap_or_default();
                    let kind = element.value("abstractNumId").and_then(|kind| kinds.get(kind));
                    for (level, is_ordered) in kind.into_iter().flatten() {
                        lists.insert((id.to_owned(), *level), *is_ordered);
                    }
                }
                _ => {}
            }
        }
        Self(lists)
    }

    /// Whether the items of a list are numbered at this depth. An unknown list has bullets.
    pub(super) fn is_ordered(&self, id: &str, level: usize) -> bool {
        self.0.get(&(id.to_owned(), level)).copied().unwrap_or(false)
    }
}
