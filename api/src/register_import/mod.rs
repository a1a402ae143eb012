//! The reading side of `postitus import DIR`: up to six CSV files, checked row by row, streamed.
//!
//! Two passes over the files, so that a million parties need no more memory than their ids. [`validate()`] reads
//! everything once, keeps ids only, and tells which rows are bad and why; [`RegisterFiles::parties`] and its siblings read
//! again and yield the good rows. Storing them is not done here. The columns are those of [`columns`].

pub mod columns;

mod error;
mod fields;
mod files;
mod ids;
mod known;
mod records;
mod references;
mod row;
mod rows;
mod tree;
mod validate;
mod validated;

#[cfg(test)]
mod tests;

pub use error::{BadRow, ImportError};
pub use files::RegisterFiles;
pub use known::{KnownIds, LookupError};
pub(crate) use row::ERP_ID_CHARS;
pub use row::read_json;
pub use rows::Rows;
pub use validate::validate;
pub use validated::{FileCounts, KEPT_BAD_ROWS, Validated};
pub(crate) use validated::{Present, key_digest};
