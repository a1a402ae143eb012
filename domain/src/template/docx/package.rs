//! The archive that a document is, unpacked part by part and no further than needed.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::DocxFault;
use super::xml::{Element, parse};

/// How many entries an archive may have. A document of hundreds of pictures has hundreds.
const MAX_ENTRIES: usize = 5_000;
/// How large the parts that are read may be together, unpacked, in bytes.
const MAX_UNPACKED: u64 = 8 * 1024 * 1024;

/// An open document.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DocxFault> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_unreadable| DocxFault::Damaged)?;
        match archive.len() > MAX_ENTRIES {
            true => Err(DocxFault::TooLarge),
            false => Ok(Self { archive, left: MAX_UNPACKED }),
        }
    }

    /// A part as XML, if it is there. What the archive says of its size is not believed: bytes are counted.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Element>, DocxFault> {
        let entry = match self.archive.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(DocxFault::Damaged),
        };
        let mut bytes = Vec::new();
        let more_than_allowed = self.left.saturating_add(1);
        let read = entry.take(more_than_allowed).read_to_end(&mut bytes);
        let read = u64::try_from(read.map_err(|_unreadable| DocxFault::Damaged)?).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(read).ok_or(DocxFault::TooLarge)?;
        let text = std::str::from_utf8(&bytes).map_err(|_not_utf8| DocxFault::Damaged)?;
        parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map(Some)
    }
}
