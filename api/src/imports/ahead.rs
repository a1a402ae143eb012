//! Reading ahead: what comes next is got ready while what was ready is written.

use std::sync::mpsc;
use std::thread;

use super::ImportFailure;

/// How much is ready at a time.
const READY: usize = 8;

/// Calls `next`, in a thread of its own, until there is nothing more, and `take` with all that it answers, in order.
///
/// # Errors
/// The first of either; nothing is taken after it.
pub(super) fn ahead<T: Send>(
    mut next: impl FnMut() -> Result<Option<T>, ImportFailure> + Send,
    mut take: impl FnMut(T) -> Result<(), ImportFailure>,
) -> Result<(), ImportFailure> {
    let (ready, taken) = mpsc::sync_channel(READY);
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Some(one) = next().transpose() {
                let is_last = one.is_err();
                // Nobody takes any more after an error of `take`.
                if ready.send(one).is_err() || is_last {
                    return;
                }
            }
        });
        taken.into_iter().try_for_each(|one| take(one?))
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn failure(what: &str) -> ImportFailure {
        ImportFailure::Scratch(io::Error::other(what.to_owned()))
    }

    #[test]
    fn everything_is_taken_in_order_and_nothing_after_an_error() {
        let numbers = |last: u32, fault: Option<u32>| {
            let mut at = 0;
            move || {
                at += 1;
                if fault == Some(at) { Err(failure("next")) } else { Ok((at <= last).then_some(at)) }
            }
        };
        let mut taken = Vec::new();
        ahead(numbers(100, None), |number| {
            taken.push(number);
            Ok(())
        })
        .unwrap();
        assert!(taken.iter().copied().eq(1..=100));

        let mut count = 0;
        let counting = |_| {
            count += 1;
            Ok(())
        };
        assert!(ahead(numbers(100, Some(7)), counting).unwrap_err().to_string().ends_with("next"));
        assert_eq!(count, 6);
        let refusing = |number| if number < 5 { Ok(()) } else { Err(failure("take")) };
        assert!(ahead(numbers(u32::MAX, None), refusing).unwrap_err().to_string().ends_with("take"));
    }
}
