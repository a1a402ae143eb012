//! Which conditions leave nobody by their meeting.

use super::{Condition, Known, RecipientFilter, check};
use crate::invalid::Checked;

/// The condition that all of these children of the topmost `all` make together.
///
/// # Errors
/// What the check refuses: nothing, of a filter that passes it.
pub fn together(filter: &RecipientFilter, pointer: &str, known: &Known, children: &[usize]) -> Checked<Condition> {
    let all = filter.all.as_deref().unwrap_or_default();
    let chosen = children.iter().filter_map(|at| all.get(*at)).cloned().collect();
    check(&RecipientFilter { all: Some(chosen), ..RecipientFilter::default() }, pointer, known)
}

/// A smallest set of the first `count` conditions of which nobody meets all: without any one of them somebody would. Nobody
/// meets all of them; `anyone` tells whether somebody meets all of a set.
///
/// # Errors
/// What `anyone` answers.
pub fn smallest_conflict<E>(
    count: usize,
    mut anyone: impl FnMut(&[usize]) -> Result<bool, E>,
) -> Result<Vec<usize>, E> {
    let mut conflict: Vec<usize> = (0..count).collect();
    // Later conditions first: the answer then names those that come first in the filter.
    for candidate in (0..count).rev() {
        let others: Vec<usize> = conflict.iter().copied().filter(|kept| *kept != candidate).collect();
        if !others.is_empty() && !anyone(&others)? {
            conflict = others;
        }
    }
    Ok(conflict)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// The conflict among conditions that these people meet.
    fn conflict(people: &[&[usize]], count: usize) -> Vec<usize> {
        let anyone = |set: &[usize]| people.iter().any(|meets| set.iter().all(|condition| meets.contains(condition)));
        let answer: Result<_, Infallible> = smallest_conflict(count, |set| Ok(anyone(set)));
        let Ok(conflict) = answer;
        conflict
    }

    #[test]
    fn the_conflict_is_as_small_as_can_be() {
        for (people, count, expected) in [
            (vec![], 1, vec![0]),
            (vec![], 3, vec![0]),
            (vec![&[0, 1][..], &[1, 2], &[0, 2]], 3, vec![0, 1, 2]),
            (vec![&[0, 1, 3], &[2, 3]], 4, vec![0, 2]),
            (vec![&[0, 1, 2]], 4, vec![3]),
        ] {
            let found = conflict(&people, count);
            assert_eq!(found, expected, "{people:?}");
        }
    }
}
