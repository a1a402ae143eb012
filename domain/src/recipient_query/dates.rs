//! Days in a filter: written out, or counted from today, so that a stored filter keeps its meaning.

use chrono::{Datelike, Days, NaiveDate};

/// The furthest a relative day may lie from today: about a hundred years.
pub const MAX_OFFSET_DAYS: u64 = 36_500;

/// Reads `2026-11-30`, `today`, `today-30d` or `today+30d`; `None` for anything else.
pub fn read(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let Some(offset) = text.strip_prefix("today") else { return iso(text) };
    if offset.is_empty() {
        return Some(today);
    }
    let days = |count: &str| {
        let digits = count.strip_suffix('d').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
        digits.parse().ok().filter(|days| *days <= MAX_OFFSET_DAYS).map(Days::new)
    };
    match (offset.strip_prefix('-'), offset.strip_prefix('+')) {
        (Some(back), _) => today.checked_sub_days(days(back)?),
        (_, Some(ahead)) => today.checked_add_days(days(ahead)?),
        _ => None,
    }
}

/// Exactly `YYYY-MM-DD`: chrono alone takes shorter and signed forms too.
pub fn iso(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped)?;
    (day.year() >= 1).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn days_are_iso_or_counted_from_today() {
        let today = day(2026, 3, 1);
        for (text, expected) in [
            ("2026-11-30", day(2026, 11, 30)),
            ("2024-02-29", day(2024, 2, 29)),
            ("0001-01-01", day(1, 1, 1)),
            ("today", today),
            ("today-0d", today),
            ("today-1d", day(2026, 2, 28)),
            ("today-30d", day(2026, 1, 30)),
            ("today+30d", day(2026, 3, 31)),
            ("today-36500d", day(1926, 3, 26)),
        ] {
            assert_eq!(read(text, today), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_day() {
        for text in [
            "",
            " ",
            "2026-2-3",
            "2026-02-29",
            "2026-13-01",
            "0000-01-01",
            "+2026-01-01",
            "2026/01/01",
            "20260101",
            "30.11.2026",
            "2026-11-30T00:00:00Z",
            "Today",
            "today ",
            "today-",
            "today-30",
            "today-d",
            "today30d",
            "today--3d",
            "today-+3d",
            "today-3w",
            "today-36501d",
            "today-99999999999999999999d",
            "yesterday",
        ] {
            assert_eq!(read(text, day(2026, 3, 1)), None, "{text:?}");
        }
    }
}
