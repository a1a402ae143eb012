//! Word documents (.docx) as text: paragraphs, headings, lists, links, tables, bold and italic. What is not text is left out, and
//! named.
//!
//! A document is somebody's file: it is read with bounds on what is unpacked, on depth and on size, without entities, and without
//! following anything it refers to.

mod body;
mod document;
mod package;
mod pieces;
mod styles;
mod write;
mod xml;

use std::collections::BTreeSet;

use package::Package;

pub(super) use write::{html, markdown, text};

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocxFault {
    /// The archive or its XML is damaged.
    Damaged,
    /// It is larger than anybody writes, once unpacked.
    TooLarge,
    /// Its XML declares entities.
    Entities,
}

impl DocxFault {
    /// Stable code and one sentence that names the remedy.
    pub(super) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Damaged => ("docx_damaged", "The document cannot be read; open it in Word and save it again."),
            Self::TooLarge => {
                ("docx_too_large", "Unpacked, the document is too large or too complicated; make it shorter.")
            }
            Self::Entities => {
                ("docx_not_allowed", "The document declares XML entities, as no word processor does; save it anew.")
            }
        }
    }
}

/// What a document says.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) blocks: Vec<Block>,
    /// What it has beside text: `pictures`, `text_boxes`, `notes`, `headers_and_footers`.
    pub(super) left_out: BTreeSet<&'static str>,
}

/// A paragraph or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Piece>),
    /// Of level 1 to 6.
    Heading(u8, Vec<Piece>),
    Item {
        /// From 0, at most one deeper than the item before.
        level: usize,
        ordered: bool,
        pieces: Vec<Piece>,
    },
    /// Rows of cells.
    Table(Vec<Vec<Vec<Piece>>>),
}

/// Text of one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) look: Look,
    /// Whether it is a field or a condition of the template, in braces: it stays as it is.
    pub(super) is_tag: bool,
}

/// How text looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) struck: bool,
    pub(super) link: Option<String>,
}

/// Reads a document.
pub(super) fn read(bytes: &[u8]) -> Result<Document, DocxFault> {
    let mut package = Package::open(bytes)?;
    let document = package.part("word/document.xml")?.ok_or(DocxFault::Damaged)?;
    let styles = styles::Styles::read(package.part("word/styles.xml")?.as_ref());
    let lists = styles::Lists::read(package.part("word/numbering.xml")?.as_ref());
    let links = document::links(package.part("word/_rels/document.xml.rels")?.as_ref());
    body::read(&document, &styles, &lists, &links)
}
