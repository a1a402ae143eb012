//! The most memory that the server has had while it froze and sent a large mailing.

use std::time::Duration;

use integration_tests::{Database, TestApp};

use crate::report::{Budget, Report};
use crate::sink::Sink;
use crate::{Settings, mail, register};

const RECIPIENTS: u32 = 100_000;
const LIMIT: Duration = Duration::from_secs(1800);

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let recipients = settings.scaled(RECIPIENTS);
    let sink = Sink::start();
    let app = TestApp::prepare(database).setting("POSTITUS_SMTP_URL", &sink.url());
    let mut app = app.setting("POSTITUS_SENDERS", "*@isannointi.example").started().await;
    register::import_people(&app, recipients).await;
    let prepared = mail::prepare(&app).await;
    // What the preview took is not what sending takes.
    app.restart().await;
    mail::send(&app, &prepared).await;
    sink.wait_for(u64::from(recipients), LIMIT).await;
    match peak_mb(app.pid()) {
        Some(peak) => {
            let work = format!("most memory while {recipients} mails are frozen and sent");
            report.value(&work, database, (peak, "MB"), Budget::AtMost(100.0));
        }
        None => {
            report.unmeasured("memory while sending", database, "–", "run it on Linux, which tells the peak of memory")
        }
    }
}

/// The largest resident size of a process so far.
fn peak_mb(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kilobytes.parse::<f64>().ok()? / 1000.0)
}
