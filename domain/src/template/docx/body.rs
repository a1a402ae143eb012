//! From the XML of a document to its blocks.

use std::collections::{BTreeSet, HashMap};

use super::pieces::cut;
use super::styles::{DEPTHS, Lists, Styles, list, outline};
use super::xml::Element;
use super::{Block, Document, DocxFault, Look, Piece};

/// The longest text of a document, in bytes; a template's body is shorter still.
const MAX_TEXT: usize = 1024 * 1024;

/// What reading needs beside the text.
struct Body<'a> {
    styles: &'a Styles,
    lists: &'a Lists,
    links: &'a HashMap<String, String>,
    left_out: BTreeSet<&'static str>,
    /// How deep the next item of a list may be.
    deepest: usize,
    /// How much text was read so far.
    length: usize,
}

/// The blocks of `word/document.xml`.
pub(super) fn read(
    document: &Element,
    styles: &Styles,
    lists: &Lists,
    links: &HashMap<String, String>,
) -> Result<Document, DocxFault> {
    let mut body = Body { styles, lists, links, left_out: BTreeSet::new(), deepest: 0, length: 0 };
    let mut blocks = Vec::new();
    for element in document.elements().filter(|element| element.name == "body") {
        body.blocks(element, &mut blocks);
    }
    if document.has("headerReference") || document.has("footerReference") {
        body.left_out.insert("headers_and_footers");
    }
    match body.length > MAX_TEXT {
        true => Err(DocxFault::TooLarge),
        false => Ok(Document { blocks, left_out: body.left_out }),
    }
}

impl Body<'_> {
    fn blocks(&mut self, parent: &Element, blocks: &mut Vec<Block>) {
        for element in parent.elements() {
            match element.name.as_str() {
                "p" => blocks.extend(self.paragraph(element)),
                "tbl" => self.table(element, blocks),
                "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag" => self.blocks(element, blocks),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Element) -> Option<Block> {
        let properties = paragraph.child("pPr");
        let style = properties.and_then(|properties| properties.value("pStyle"));
        let heading = properties.and_then(outline).or_else(|| self.styles.heading(style?));
        let of_style = |find: fn(&Styles, &str) -> Option<bool>| style.and_then(|id| find(self.styles, id));
        let look = match heading {
            // Headings are bold by being headings.
            Some(_) => Look::default(),
            None => Look {
                bold: of_style(Styles::bold).unwrap_or(false),
                italic: of_style(Styles::italic).unwrap_or(false),
                ..Look::default()
            },
        };
        let mut runs = Vec::new();
        self.runs(paragraph, &look, &mut runs);
        if heading.is_some() {
            runs.iter_mut().for_each(|run| run.look.bold = false);
        }
        let pieces = cut(runs);
        if pieces.iter().all(|piece| piece.text.trim().is_empty()) {
            return None;
        }
        let in_list = properties.and_then(list).or_else(|| self.styles.list(style?).cloned());
        let in_list = in_list.filter(|(id, _)| id != "0" && heading.is_none());
        let Some((id, level)) = in_list else {
            self.deepest = 0;
            return Some(heading.map_or(Block::Paragraph(pieces.clone()), |level| Block::Heading(level, pieces)));
        };
        let ordered = self.lists.is_ordered(&id, level);
        let level = level.min(self.deepest).min(DEPTHS - 1);
        self.deepest = level + 1;
        Some(Block::Item { level, ordered, pieces })
    }

    fn runs(&mut self, parent: &Element, look: &Look, runs: &mut Vec<Piece>) {
        for element in parent.elements() {
            match element.name.as_str() {
                "r" => self.run(element, look, runs),
                "hyperlink" => {
                    let link = element.attribute("id").and_then(|id| self.links.get(id)).cloned();
                    self.runs(element, &Look { link: link.or_else(|| look.link.clone()), ..look.clone() }, runs);
                }
                "ins" | "moveTo" | "smartTag" | "sdt" | "sdtContent" | "fldSimple" | "customXml" | "dir" | "bdo" => {
                    self.runs(element, look, runs);
                }
                _ => {}
            }
        }
    }

    fn run(&mut self, run: &Element, look: &Look, runs: &mut Vec<Piece>) {
        let mut look = look.clone();
        if let Some(properties) = run.child("rPr") {
            if properties.is_on("vanish").unwrap_or(false) {
                return;
            }
            let style = properties.value("rStyle");
            let of_style = |find: fn(&Styles, &str) -> Option<bool>| style.and_then(|id| find(self.styles, id));
            look.bold = properties.is_on("b").or_else(|| of_style(Styles::bold)).unwrap_or(look.bold);
            look.italic = properties.is_on("i").or_else(|| of_style(Styles::italic)).unwrap_or(look.italic);
            look.struck = properties.is_on("strike").unwrap_or(look.struck);
        }
        let mut text = String::new();
        for element in run.elements() {
            match element.name.as_str() {
                "t" => text.extend(element.text().chars().filter(|letter| !letter.is_control())),
                "tab" => text.push('\t'),
                "br" if !matches!(element.attribute("type"), Some("page" | "column")) => text.push('\n'),
                "cr" => text.push('\n'),
                "noBreakHyphen" => text.push('-'),
                "drawing" | "pict" | "object" | "AlternateContent" => {
                    let what = if element.has("txbxContent") { "text_boxes" } else { "pictures" };
                    self.left_out.insert(what);
                }
                "footnoteReference" | "endnoteReference" => {
                    self.left_out.insert("notes");
                }
                _ => {}
            }
        }
        self.length = self.length.saturating_add(text.len());
        if self.length <= MAX_TEXT {
            runs.push(Piece { text, look, is_tag: false });
        }
    }

    fn table(&mut self, table: &Element, blocks: &mut Vec<Block>) {
        let mut rows = Vec::new();
        for row in table.elements().filter(|element| element.name == "tr") {
            let cells = row.elements().filter(|element| element.name == "tc");
            let mut read: Vec<Vec<Block>> = Vec::new();
            for cell in cells {
                let mut inside = Vec::new();
                self.blocks(cell, &mut inside);
                read.push(inside);
            }
            rows.push(read);
        }
        self.deepest = 0;
        // One column is a frame around text.
        if rows.iter().all(|row| row.len() <= 1) {
            blocks.extend(rows.into_iter().flatten().flatten());
            return;
        }
        let rows = rows.into_iter().map(|row| row.into_iter().map(one_line).collect());
        blocks.push(Block::Table(rows.collect()));
    }
}

/// The text of a cell, its paragraphs as lines.
fn one_line(blocks: Vec<Block>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for block in blocks {
        let lines = match block {
            Block::Paragraph(pieces) | Block::Heading(_, pieces) | Block::Item { pieces, .. } => vec![pieces],
            Block::Table(rows) => rows.into_iter().flatten().collect(),
        };
        for line in lines {
            if !all.is_empty() {
                all.push(Piece { text: "\n".to_owned(), ..Piece::default() });
            }
            all.extend(line);
        }
    }
    all
}
