//! Lists in pages: a limit, and an opaque cursor that stands for the last row seen.
//!
//! A cursor holds the sort key and id of that row and a hash of the filter, so that it continues only the list it came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::invalid::FieldError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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

/// What a list was filtered by, as a hash: a cursor of one filter does not continue another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterHash(String);

impl FilterHash {
    /// The hash of everything that decides which rows a list has and in which order; not of limit and cursor.
    pub fn of(filter: &impl Serialize) -> Self {
        let json = serde_json::to_vec(filter).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(&json).into();
        Self(URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default()))
    }
}

/// The last row of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    s: String,
    i: String,
    f: String,
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

    /// The cursor as the client gets it: `A-Z a-z 0-9 - _`.
    pub fn encode(&self, filter: &FilterHash) -> String {
        let written = Written { s: URL_SAFE_NO_PAD.encode(&self.sort), i: self.id.clone(), f: filter.0.clone() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
    }

    /// Reads a cursor that a page of the same filter gave.
    ///
    /// # Errors
    /// [`CursorFault`], which as a problem is a 400 `invalid_cursor`.
    pub fn decode(text: &str, filter: &FilterHash) -> Result<Self, CursorFault> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_rubbish| CursorFault)?;
        let written: Written = serde_json::from_slice(&json).map_err(|_rubbish| CursorFault)?;
        if written.f != filter.0 {
            return Err(CursorFault);
        }
        let sort = URL_SAFE_NO_PAD.decode(&written.s).map_err(|_rubbish| CursorFault)?;
        if written.i.contains('\0') {
            return Err(CursorFault);
        }
        Ok(Self { sort, id: written.i })
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
    fn a_cursor_comes_back_as_it_went_out() {
        let filter = FilterHash::of(&("parties", "mäki"));
        let cursor = Cursor { sort: vec![0, 255, 7], id: "42".to_owned() };
        assert_eq!(Cursor::decode(&cursor.encode(&filter), &filter), Ok(cursor));
    }

    #[test]
    fn rubbish_and_cursors_of_another_filter_are_refused() {
        let filter = FilterHash::of(&"a");
        let other = Cursor { sort: vec![], id: "1".to_owned() }.encode(&FilterHash::of(&"b"));
        for text in ["", "x", "%%%", "e30", "null", other.as_str()] {
            assert_eq!(Cursor::decode(text, &filter), Err(CursorFault), "{text}");
        }
        assert_eq!(Problem::from(CursorFault).code(), Code::InvalidCursor);
    }

    #[test]
    fn limits_are_1_to_200() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        for refused in [0, 201] {
            assert_eq!(limit(Some(refused)).unwrap_err().code(), Code::InvalidQuery);
        }
    }
}
