//! From rows of the database to one page: a list asks for one row more than the page holds.

use crate::paging::{Cursor, ListCursors};

/// How many rows to ask the database for, so that it shows whether there is a next page.
pub(in crate::routes) fn rows_for(limit: u32) -> i64 {
    i64::from(limit) + 1
}

/// The rows of the page, and the cursor of the next one if there is any. `position` tells where a row stands in the list.
pub(in crate::routes) fn cut<T>(
    mut rows: Vec<T>,
    limit: u32,
    cursors: &ListCursors,
    position: impl FnOnce(&T) -> Cursor,
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return (rows, None);
    }
    rows.truncate(limit);
    let next = rows.last().map(|row| cursors.seal(&position(row)));
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::Cursors;

    #[test]
    fn only_a_page_that_is_followed_by_a_row_has_a_cursor() {
        let cursors = Cursors::of_secret(&[7; 32]).unwrap().of(&"numbers");
        let position = |number: &i64| Cursor { sort: Vec::new(), id: number.to_string() };
        for (rows, page, next) in [
            (vec![], vec![], None),
            (vec![1, 2], vec![1, 2], None),
            (vec![1, 2, 3], vec![1, 2], Some(cursors.seal(&position(&2)))),
        ] {
            assert_eq!(cut(rows, 2, &cursors, position), (page, next));
        }
    }
}
