//! `postitus demo`.

use super::Done;
use crate::cli::DemoArgs;

/// Not wired yet.
pub(crate) fn run(args: &DemoArgs) -> Done {
    Err(format!("not wired yet: {args:?}").into())
}
