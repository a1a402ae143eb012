//! Sentences about refused values, the same for requests and for files.

use domain::register::MAX_ID;

/// How much of a refused value is shown.
const SHOWN_CHARS: usize = 40;
/// How an instant is written.
pub(crate) const TIME_FORM: &str = "RFC 3339 with the offset from UTC, for instance 2026-01-31T16:00:00+02:00";

/// The beginning of a refused value.
pub(crate) fn shown(raw: &str) -> String {
    let mut beginning: String = raw.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS).collect();
    if raw.chars().count() > SHOWN_CHARS {
        beginning.push('…');
    }
    beginning
}

/// About a text that should be an instant.
pub(crate) fn no_time(raw: &str) -> String {
    format!("“{}” is no time; write {TIME_FORM}", shown(raw))
}

/// What the numbers of the ERP may be.
pub(crate) fn id_rule() -> String {
    format!("ids are whole numbers from 1 to {MAX_ID}")
}
