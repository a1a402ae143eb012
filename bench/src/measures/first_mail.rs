//! How soon after the request to send the first mail is at the mail server.

use std::time::{Duration, Instant};

use integration_tests::{Database, TestApp};

use crate::report::{Budget, Report};
use crate::sink::Sink;
use crate::timing::median;
use crate::{Settings, mail, register};

const RECIPIENTS: u32 = 1000;
const LIMIT: Duration = Duration::from_secs(60);

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let mut answered = Vec::new();
    let mut times = Vec::new();
    for _ in 0..settings.runs(7) {
        let sink = Sink::start();
        let app = TestApp::prepare(database).setting("POSTITUS_SMTP_URL", &sink.url());
        let app = app.setting("POSTITUS_SENDERS", "*@isannointi.example").started().await;
        register::import_people(&app, RECIPIENTS).await;
        let prepared = mail::prepare(&app).await;
        let started = Instant::now();
        mail::send(&app, &prepared).await;
        let answer = Instant::now();
        sink.wait_for(u64::from(RECIPIENTS), LIMIT).await;
        let first = sink.first().expect("a first message");
        times.push(first.duration_since(started).as_secs_f64() * 1000.0);
        answered.push(first.saturating_duration_since(answer).as_secs_f64() * 1000.0);
    }
    let work = format!("first mail at the mail server after the request to send, {RECIPIENTS} recipients");
    report.value(&work, database, (median(times), "ms"), Budget::AtMost(100.0));
    report.note("the same after the answer to that request", database, &format!("{:.0} ms", median(answered)));
}
