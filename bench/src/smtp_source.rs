//! The reference of sending: postfix's `smtp-source`, which sends one fixed message over and over, and keeps no record.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use tokio::process::Command;

use crate::sink::Sink;

/// The exit code of a program that cannot be found.
const NOT_FOUND: i32 = 127;

/// Sends `count` messages of `bytes` over `sessions` kept connections; answers messages a second, or nothing where the
/// program cannot be had.
pub async fn rate(program: &Path, sink: &Sink, sessions: usize, count: u32, bytes: u64) -> Option<f64> {
    let before = sink.messages();
    let started = Instant::now();
    let status = Command::new(program)
        .args(["-d", "-s", &sessions.to_string(), "-m", &count.to_string(), "-l", &bytes.to_string()])
        .args(["-f", "from@example.fi", "-t", "to@example.fi", &format!("127.0.0.1:{}", sink.port())])
        .stdin(Stdio::null())
        .status()
        .await;
    let taken = started.elapsed();
    let status = status.ok()?;
    if status.code() == Some(NOT_FOUND) {
        return None;
    }
    assert!(status.success(), "smtp-source ended with {status}");
    assert_eq!(sink.messages() - before, u64::from(count), "smtp-source sent something else");
    Some(f64::from(count) / taken.as_secs_f64())
}
