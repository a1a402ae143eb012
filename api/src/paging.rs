//! Lists in pages: a limit, and a cursor that stands for the last row seen.

mod cursors;

use chrono::{DateTime, Utc};
use domain::invalid::FieldError;

pub use self::cursors::{Cursors, ListCursors};
use crate::extract::refused_parameter;
use crate::problem::{Code, Problem};

/// How many rows a page has when the caller does not say.
pub const DEFAULT_LIMIT: u32 = 50;
/// How many rows a page has at most.
pub const MAX_LIMIT: u32 = 200;

/// The limit of a query string: 1–200, 50 by default.
///
/// # Errors
/// 400 `invalid_query`.
pub fn limit(given: Option<u32>) -> Result<u32, Problem> {
    match given.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(refused_parameter("limit", "out_of_range", format!("A limit is 1 to {MAX_LIMIT}."))),
    }
}

/// The last row of a page. Given out only as [`ListCursors::seal`] writes it: it may be about someone the caller may not know.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Cursor {
    /// Its sort key, as the database compares it.
    pub sort: Vec<u8>,
    /// Its id, which breaks ties.
    pub id: String,
}

/// A cursor that is not one of ours, or one of another filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorFault;

impl CursorFault {
    const MESSAGE: &str = "Use next_cursor of the page before, with the same filter, and change nothing in it.";

    /// The fault of a cursor that came in a body: 422 rather than 400.
    pub fn at(self, pointer: &str) -> FieldError {
        FieldError::new(pointer, Code::InvalidCursor.as_str(), Self::MESSAGE)
    }
}

impl From<CursorFault> for Problem {
    fn from(fault: CursorFault) -> Self {
        Self::new(Code::InvalidCursor, CursorFault::MESSAGE).with_errors(vec![fault.at("?cursor")])
    }
}

impl Cursor {
    /// The position of a row that is sorted by an instant, to the microsecond: as exact as it is stored.
    pub fn at(instant: DateTime<Utc>, id: impl ToString) -> Self {
        Self { sort: instant.timestamp_micros().to_be_bytes().to_vec(), id: id.to_string() }
    }

    /// The instant of [`Cursor::at`].
    ///
    /// # Errors
    /// [`CursorFault`].
    pub fn instant(&self) -> Result<DateTime<Utc>, CursorFault> {
        let micros = self.sort.as_slice().try_into().map(i64::from_be_bytes).map_err(|_wrong_length| CursorFault)?;
        DateTime::from_timestamp_micros(micros).ok_or(CursorFault)
    }

    /// The id as a number, for registers with the ERP's ids.
    ///
    /// # Errors
    /// [`CursorFault`].
    pub fn numeric_id(&self) -> Result<i64, CursorFault> {
        self.id.parse().map_err(|_rubbish| CursorFault)
    }

    /// The id as a UUID.
    ///
    /// # Errors
    /// [`CursorFault`].
    pub fn uuid(&self) -> Result<uuid::Uuid, CursorFault> {
        self.id.parse().map_err(|_rubbish| CursorFault)
    }

    /// The sort key and the id as a UUID, for lists in the order of names.
    ///
    /// # Errors
    /// [`CursorFault`].
    pub fn named(self) -> Result<(Vec<u8>, uuid::Uuid), CursorFault> {
        let id = self.uuid()?;
        Ok((self.sort, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_1_to_200() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        for refused in [0, 201] {
            assert_eq!(limit(Some(refused)).unwrap_err().code(), Code::InvalidQuery);
        }
    }

    #[test]
    fn a_fault_is_told_as_an_invalid_cursor() {
        let problem = Problem::from(CursorFault);
        assert_eq!(problem.code(), Code::InvalidCursor);
    }
}
