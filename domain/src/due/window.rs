//! How far ahead a list of what is due soon looks.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::clock::today;

/// The farthest a list looks ahead, in days.
const MAX_DAYS: u32 = 366;
/// The farthest a list looks ahead, in hours.
const MAX_HOURS: u32 = 48;

/// A duration as ISO 8601 writes it: whole days (`P7D`), or hours (`PT12H`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Until the end of the day so many days from today: 0 is the rest of today.
    Days(u32),
    /// So many hours from now.
    Hours(u32),
}

/// Something that is no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Write whole days, P0D to P{MAX_DAYS}D, or hours, PT1H to PT{MAX_HOURS}H.")]
pub struct WindowFault;

impl Default for Window {
    /// A week.
    fn default() -> Self {
        Self::Days(7)
    }
}

impl Window {
    /// Reads `P7D` or `PT12H`.
    ///
    /// # Errors
    /// [`WindowFault`] for all else.
    pub fn parse(text: &str) -> Result<Self, WindowFault> {
        // Without leading zeros: the pattern of the API is then exactly what is read.
        let is_plain = |digits: &str| digits == "0" || !digits.starts_with('0');
        let number = |digits: &str| match is_plain(digits) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => digits.parse::<u32>().map_err(|_empty_or_too_long| WindowFault),
            false => Err(WindowFault),
        };
        if let Some(hours) = text.strip_prefix("PT").and_then(|rest| rest.strip_suffix('H')) {
            let hours = number(hours)?;
            return if (1..=MAX_HOURS).contains(&hours) { Ok(Self::Hours(hours)) } else { Err(WindowFault) };
        }
        let days = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')).ok_or(WindowFault)?;
        let days = number(days)?;
        if days <= MAX_DAYS { Ok(Self::Days(days)) } else { Err(WindowFault) }
    }

    /// The instant from which on something is not due soon any more.
    pub fn end(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Hours(hours) => now + TimeDelta::hours(hours.into()),
            Self::Days(days) => {
                let behind = Days::new(u64::from(days) + 1);
                let Some(day) = today(now, zone).checked_add_days(behind) else { return DateTime::<Utc>::MAX_UTC };
                let midnight = day.and_time(NaiveTime::MIN);
                // Where midnight is skipped, the day begins an hour later; where it comes twice, with the first.
                let start = midnight.and_local_timezone(zone).earliest();
                let start = start.or_else(|| (midnight + TimeDelta::hours(1)).and_local_timezone(zone).earliest());
                start.map_or(DateTime::<Utc>::MAX_UTC, |start| start.with_timezone(&Utc))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Helsinki;

    use super::*;

    #[test]
    fn days_and_hours_are_read_and_nothing_else() {
        for (text, window) in [("P0D", Window::Days(0)), ("P366D", Window::Days(366)), ("PT12H", Window::Hours(12))] {
            assert_eq!(Window::parse(text), Ok(window));
        }
        for text in [
            "", "P", "PD", "7", "P7", "P-1D", "P+1D", "P367D", "P07D", "P00D", "PTH", "PT0H", "PT01H", "PT49H", "P1W",
            "P1DT1H", "p7d", "P٧D",
        ] {
            assert_eq!(Window::parse(text), Err(WindowFault), "{text}");
        }
    }

    #[test]
    fn days_end_at_midnight_in_the_deployments_zone() {
        for (window, now, end) in [
            // 01:30 of the 23rd in Helsinki, the 22nd in UTC.
            (Window::Days(0), "2026-11-22T23:30:00Z", "2026-11-23T22:00:00Z"),
            (Window::Days(0), "2026-11-22T21:30:00Z", "2026-11-22T22:00:00Z"),
            (Window::Days(1), "2026-11-22T12:00:00Z", "2026-11-23T22:00:00Z"),
            // Over the change to winter time, and to summer time.
            (Window::Days(1), "2026-10-24T12:00:00Z", "2026-10-25T22:00:00Z"),
            (Window::Days(1), "2026-03-28T12:00:00Z", "2026-03-29T21:00:00Z"),
            (Window::Hours(12), "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
        ] {
            assert_eq!(window.end(now.parse().unwrap(), Helsinki), end.parse::<DateTime<Utc>>().unwrap(), "{now}");
        }
    }
}
