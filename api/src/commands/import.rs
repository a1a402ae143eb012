//! `postitus import`.

use super::Done;
use crate::cli::ImportArgs;

/// Not wired yet.
pub(crate) fn run(args: &ImportArgs) -> Done {
    Err(format!("not wired yet: {args:?}").into())
}
