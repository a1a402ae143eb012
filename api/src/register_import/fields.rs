//! Reads one row's fields by column name and brings them into the register's shape: trimmed, NFC, missing as `None`. A row is
//! a record of a CSV file, or a JSON object with the same names.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use csv::ByteRecord;
use domain::{language, register::MAX_ID};
use serde_json::{Map, Value};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::error::RowFault;
use crate::wording::{id_rule, no_time, shown};

/// The longest `attributes`, in bytes.
const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;
/// The longest kind or role code.
const MAX_WORD_CHARS: usize = 64;

/// One row. Every method takes a column's name and the fault it answers names that column.
pub(super) struct Fields<'a>(Source<'a>);

/// Where the row is.
enum Source<'a> {
    Record {
        record: &'a ByteRecord,
        columns: &'static [&'static str],
        /// For each of `columns` its place in the record.
        places: &'a [usize],
    },
    Json(&'a Map<String, Value>),
}

impl<'a> Fields<'a> {
    /// The row `record`, of which column `columns[i]` is field `places[i]`.
    pub(super) fn new(
        record: &'a ByteRecord,
        columns: &'static [&'static str],
        places: &'a [usize],
    ) -> Result<Self, RowFault> {
        if record.len() != places.len() {
            let (has, wants) = (record.len(), places.len());
            return Err(RowFault::of_row(format!("the row has {has} fields where the header has {wants}")));
        }
        Ok(Self(Source::Record { record, columns, places }))
    }

    /// The row `object`, whose members have the types of the register already.
    pub(super) fn of_json(object: &'a Map<String, Value>) -> Self {
        Self(Source::Json(object))
    }

    /// A text of at most `max_chars` characters. Line breaks and tabs within become spaces.
    pub(super) fn text(&self, column: &'static str, max_chars: usize) -> Result<Option<String>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        let mut text: String = match is_nfc_quick(raw.chars()) {
            IsNormalized::Yes => raw.into_owned(),
            IsNormalized::No | IsNormalized::Maybe => raw.nfc().collect(),
        };
        if text.contains(['\r', '\n', '\t']) {
            text = text
                .split(['\r', '\n', '\t'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
        }
        if text.chars().any(char::is_control) {
            return Err(RowFault::of(column, "a control character is not allowed"));
        }
        let chars = text.chars().count();
        if chars > max_chars {
            return Err(RowFault::of(column, format!("{chars} characters; at most {max_chars} are allowed")));
        }
        Ok(Some(text))
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, column: &'static str, max_chars: usize) -> Result<String, RowFault> {
        required(column, self.text(column, max_chars)?)
    }

    /// An id, 1 to 2^53 − 1.
    pub(super) fn id(&self, column: &'static str) -> Result<Option<i64>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
        match raw.parse::<i64>() {
            Ok(id) if digits && (1..=MAX_ID).contains(&id) => Ok(Some(id)),
            _ => Err(RowFault::of(column, format!("“{}” is no id; {}", shown(&raw), id_rule()))),
        }
    }

    /// An id that must be there.
    pub(super) fn required_id(&self, column: &'static str) -> Result<i64, RowFault> {
        required(column, self.id(column)?)
    }

    /// A word of the ERP that must be there: a kind or a role code.
    pub(super) fn word(&self, column: &'static str) -> Result<String, RowFault> {
        let raw = required(column, self.raw(column)?)?;
        let starts_well = raw.starts_with(|first: char| first.is_ascii_lowercase());
        let goes_on_well = raw.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if starts_well && goes_on_well && raw.len() <= MAX_WORD_CHARS {
            return Ok(raw.into_owned());
        }
        let shown = shown(&raw);
        let rule = "write a lower-case snake word of at most 64 characters, for instance board_member";
        Err(RowFault::of(column, format!("“{shown}” is no code; {rule}")))
    }

    /// A language in canonical case.
    pub(super) fn language(&self, column: &'static str) -> Result<Option<String>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        language::parse(&raw).map(Some).ok_or_else(|| {
            let shown = shown(&raw);
            RowFault::of(column, format!("“{shown}” is no language tag; write BCP 47, for instance fi, sv or en-GB"))
        })
    }

    /// A country, two letters, in upper case.
    pub(super) fn country(&self, column: &'static str) -> Result<Option<String>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        if raw.len() == 2 && raw.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Ok(Some(raw.to_ascii_uppercase()));
        }
        let shown = shown(&raw);
        Err(RowFault::of(column, format!("“{shown}” is no country; write two letters (ISO 3166-1), for instance FI")))
    }

    /// A day, `YYYY-MM-DD`.
    pub(super) fn date(&self, column: &'static str) -> Result<Option<NaiveDate>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        let day = NaiveDate::parse_from_str(&raw, "%Y-%m-%d").ok();
        // chrono reads 2024-1-5 as well, which other systems may mean otherwise.
        match day.filter(|day| raw.len() == 10 && day.year() >= 1) {
            Some(day) => Ok(Some(day)),
            None => {
                let shown = shown(&raw);
                Err(RowFault::of(column, format!("“{shown}” is no day; write YYYY-MM-DD, for instance 2026-01-31")))
            }
        }
    }

    /// An instant with its offset from UTC (RFC 3339), to the microsecond.
    pub(super) fn instant(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(None) };
        let instant = DateTime::parse_from_rfc3339(&raw).ok().map(|instant| instant.with_timezone(&Utc));
        match instant.filter(|instant| (1..=9999).contains(&instant.year())) {
            // By way of a number, for a leap second is none of the databases'.
            Some(instant) => Ok(DateTime::from_timestamp_micros(instant.timestamp_micros())),
            None => Err(RowFault::of(column, no_time(&raw))),
        }
    }

    /// An instant that must be there.
    pub(super) fn required_instant(&self, column: &'static str) -> Result<DateTime<Utc>, RowFault> {
        required(column, self.instant(column)?)
    }

    /// A page on the web, at most `max_chars` characters long.
    pub(super) fn link(&self, column: &'static str, max_chars: usize) -> Result<Option<String>, RowFault> {
        let Some(link) = self.text(column, max_chars)? else { return Ok(None) };
        let host = ["https://", "http://"].into_iter().find_map(|scheme| link.strip_prefix(scheme));
        match host.is_some_and(|host| {
            host.starts_with(|first: char| first.is_ascii_alphanumeric()) && host.chars().all(|c| c.is_ascii_graphic())
        }) {
            true => Ok(Some(link)),
            false => Err(RowFault::of(column, format!("“{}” is no link; it begins with https://", shown(&link)))),
        }
    }

    /// The two inclusive ends of a validity.
    pub(super) fn validity(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>), RowFault> {
        let (from, to) = (self.date("valid_from")?, self.date("valid_to")?);
        match (from, to) {
            (Some(from), Some(to)) if from > to => {
                Err(RowFault::of("valid_to", format!("{to} lies before valid_from, which is {from}")))
            }
            ends => Ok(ends),
        }
    }

    /// Yes or no; an empty field is a no.
    pub(super) fn boolean(&self, column: &'static str) -> Result<bool, RowFault> {
        let raw = self.raw(column)?;
        match raw.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(raw) if raw.eq_ignore_ascii_case("true") => Ok(true),
            Some(raw) if raw.eq_ignore_ascii_case("false") => Ok(false),
            Some(raw) => {
                let shown = shown(raw);
                Err(RowFault::of(column, format!("“{shown}” is neither true nor false; write true, false, 1 or 0")))
            }
        }
    }

    /// The customer's own fields: a JSON object, or nothing.
    pub(super) fn attributes(&self, column: &'static str) -> Result<Map<String, Value>, RowFault> {
        let Some(raw) = self.raw(column)? else { return Ok(Map::new()) };
        if raw.len() > MAX_ATTRIBUTES_BYTES {
            let bytes = raw.len();
            return Err(RowFault::of(column, format!("{bytes} bytes; at most {MAX_ATTRIBUTES_BYTES} are allowed")));
        }
        // No database column holds U+0000, and in JSON it may hide behind an escape.
        if raw.contains("\\u0000") {
            return Err(RowFault::of(column, "the character U+0000 is not allowed"));
        }
        match serde_json::from_str(&raw) {
            Ok(Value::Object(attributes)) => Ok(attributes),
            Ok(_) => {
                Err(RowFault::of(column, "the JSON is no object; write {\"name\": value, …} or leave the field empty"))
            }
            Err(error) => Err(RowFault::of(column, format!("not readable as JSON ({error})"))),
        }
    }

    /// The field as it stands, trimmed; `None` when there is nothing in it.
    fn raw(&self, column: &'static str) -> Result<Option<Cow<'a, str>>, RowFault> {
        let text = match self.0 {
            Source::Record { record, columns, places } => {
                let place = columns.iter().position(|known| *known == column).and_then(|at| places.get(at));
                let bytes = place.and_then(|place| record.get(*place)).unwrap_or_default();
                let Ok(text) = std::str::from_utf8(bytes) else {
                    return Err(RowFault::of(column, "not readable as UTF-8; save the file in UTF-8"));
                };
                text
            }
            Source::Json(object) => match object.get(column) {
                None | Some(Value::Null) => "",
                Some(Value::String(text)) => text,
                Some(other) => return Ok(Some(Cow::Owned(other.to_string()))),
            },
        };
        let text = text.trim();
        Ok(if text.is_empty() { None } else { Some(Cow::Borrowed(text)) })
    }
}

fn required<T>(column: &'static str, value: Option<T>) -> Result<T, RowFault> {
    value.ok_or_else(|| RowFault::of(column, "must not be empty"))
}
