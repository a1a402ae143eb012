//! The tree of properties: nothing is above itself.

use std::collections::HashSet;

use super::PropertyId;

/// The circles that one comes to on the way up from these properties: of each, the properties in it, each below the next. Those that
/// hang below a circle are not meant.
pub fn circles(
    from: impl IntoIterator<Item = PropertyId>,
    parent_of: impl Fn(PropertyId) -> Option<PropertyId>,
) -> Vec<Vec<PropertyId>> {
    let (mut settled, mut circles) = (HashSet::new(), Vec::new());
    for start in from {
        let (mut path, mut on_path) = (Vec::new(), HashSet::new());
        let mut next = Some(start);
        while let Some(id) = next.filter(|id| !settled.contains(id)) {
            if !on_path.insert(id) {
                circles.push(path.iter().copied().skip_while(|other| *other != id).collect());
                break;
            }
            path.push(id);
            next = parent_of(id);
        }
        settled.extend(path);
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &[PropertyId], parents: &[(PropertyId, PropertyId)]) -> Vec<Vec<PropertyId>> {
        let parent_of = |id| parents.iter().find(|(child, _)| *child == id).map(|(_, parent)| *parent);
        circles(from.iter().copied(), parent_of)
    }

    #[test]
    fn a_circle_is_found_once_and_what_hangs_below_it_is_not_in_it() {
        let none: [Vec<PropertyId>; 0] = [];
        assert_eq!(found(&[4, 3, 2], &[(4, 3), (3, 2), (2, 1)]), none);
        assert_eq!(found(&[1], &[(1, 1)]), [[1]]);
        assert_eq!(found(&[5, 1, 2], &[(5, 2), (1, 2), (2, 3), (3, 1)]), [[2, 3, 1]]);
        assert_eq!(found(&[1, 7], &[(1, 2), (2, 1), (7, 8), (8, 7)]), [[1, 2], [7, 8]]);
        assert_eq!(found(&[7], &[(1, 2), (2, 1)]), none, "not on the way up");
    }
}
