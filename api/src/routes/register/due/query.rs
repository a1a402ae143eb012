//! Which rows are asked for by where they stand.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::due::Window;
use persistence::due_items::DueState;

use crate::extract::refused_parameter;
use crate::problem::Problem;

/// Reads `state` and `within`, of which the latter says how soon is soon; `done` is the kind's word for what is done.
///
/// # Errors
/// 400 `invalid_query`.
pub(in crate::routes::register) fn due_state(
    state: Option<&str>,
    within: Option<&str>,
    done: &str,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Option<DueState>, Problem> {
    let window = within.map(Window::parse).transpose();
    let window = window.map_err(|fault| refused_parameter("within", "invalid_value", fault.to_string()))?;
    let due = match state {
        None => None,
        Some("open") => Some(DueState::Open),
        Some("overdue") => Some(DueState::Overdue { now }),
        Some("due_soon") => Some(DueState::DueSoon { now, until: window.unwrap_or_default().end(now, zone) }),
        Some(word) if word == done => Some(DueState::Done),
        Some(_) => {
            let message = format!("A state is open, overdue, due_soon or {done}.");
            return Err(refused_parameter("state", "unknown_value", message));
        }
    };
    if window.is_some() && !matches!(due, Some(DueState::DueSoon { .. })) {
        let message = "How soon is soon is asked of due_soon alone: give it with state=due_soon, or leave it out.";
        return Err(refused_parameter("within", "contradictory", message));
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Helsinki;

    use super::*;

    #[test]
    fn a_window_goes_with_what_is_due_soon_and_is_a_week_by_default() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let read = |state, within| due_state(state, within, "returned", now, Helsinki);
        let soon = |until: &str| Some(DueState::DueSoon { now, until: until.parse().unwrap() });
        assert_eq!(read(None, None).unwrap(), None);
        assert_eq!(read(Some("overdue"), None).unwrap(), Some(DueState::Overdue { now }));
        assert_eq!(read(Some("returned"), None).unwrap(), Some(DueState::Done));
        assert_eq!(read(Some("due_soon"), None).unwrap(), soon("2026-11-29T22:00:00Z"));
        assert_eq!(read(Some("due_soon"), Some("P0D")).unwrap(), soon("2026-11-22T22:00:00Z"));
        for (state, within, pointer, code) in [
            (Some("late"), None, "?state", "unknown_value"),
            (Some("late"), Some("P1D"), "?state", "unknown_value"),
            (Some("answered"), None, "?state", "unknown_value"),
            (Some("due_soon"), Some("7"), "?within", "invalid_value"),
            (None, Some("week"), "?within", "invalid_value"),
            (None, Some("P1D"), "?within", "contradictory"),
            (Some("open"), Some("P1D"), "?within", "contradictory"),
            (Some("overdue"), Some("P1D"), "?within", "contradictory"),
            (Some("returned"), Some("PT1H"), "?within", "contradictory"),
        ] {
            let refused = read(state, within).unwrap_err();
            let error = &refused.errors()[0];
            assert_eq!((error.pointer.as_str(), error.code), (pointer, code), "{state:?} {within:?}");
        }
    }
}
