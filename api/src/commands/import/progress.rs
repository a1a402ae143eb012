//! How far a pass over the files has come.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const STYLE: &str = "{msg:10} [{bar:40}] {bytes} of {total_bytes}, {eta} left";

/// A bar on standard error over `bytes` of input; it shows nothing when that is no terminal.
pub(super) fn bar(what: &'static str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10)).with_message(what);
    match ProgressStyle::with_template(STYLE) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
