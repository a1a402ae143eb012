//! Durable sending of unique mails, beside postfix's `smtp-source`, which keeps no record, and beside our own sender without
//! its journal.

use std::time::{Duration, Instant};

use integration_tests::mailings::finished;
use integration_tests::{Database, TestApp};

use crate::report::{Budget, Report};
use crate::sink::Sink;
use crate::timing::Pairs;
use crate::without_journal::WithoutJournal;
use crate::{Settings, mail, register, smtp_source};

const RECIPIENTS: u32 = 20_000;
const CONNECTIONS: usize = 8;
const LIMIT: Duration = Duration::from_secs(600);

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let recipients = settings.scaled(RECIPIENTS);
    let sink = Sink::start();
    let app = TestApp::prepare(database).setting("POSTITUS_SMTP_URL", &sink.url());
    let app = app.setting("POSTITUS_SENDERS", "*@isannointi.example");
    let app = app.setting("POSTITUS_SMTP_CONNECTIONS", &CONNECTIONS.to_string()).started().await;
    register::import_people(&app, recipients).await;
    let without_journal = WithoutJournal::prepare(database, &sink, recipients).await;

    let (mut beside_smtp_source, mut beside_ours) = (Pairs::default(), Pairs::default());
    for _ in 0..settings.runs(15) {
        let before = sink.messages();
        let prepared = mail::prepare(&app).await;
        mail::send(&app, &prepared).await;
        // Everything is frozen: from here on there is only sending.
        let (sent, started) = (sink.messages() - before, Instant::now());
        sink.wait_for(before + u64::from(recipients), LIMIT).await;
        let ours = (f64::from(recipients) - f64::from(u32::try_from(sent).unwrap_or_default()))
            / started.elapsed().as_secs_f64();
        finished(&app, &prepared.id, LIMIT).await;

        let journal_off = without_journal.rate(&sink, CONNECTIONS, recipients).await;
        beside_ours.add(ours, journal_off);
        let size = sink.average_bytes();
        let other = match &settings.smtp_source {
            Some(program) => smtp_source::rate(program, &sink, CONNECTIONS, recipients, size).await,
            None => None,
        };
        eprintln!("   {ours:.0}/s of {size} bytes, without journal {journal_off:.0}/s, smtp-source {other:.0?}/s");
        if let Some(other) = other {
            beside_smtp_source.add(ours, other);
        }
    }
    let work = format!("sending {recipients} mails, {CONNECTIONS} connections");
    let (ours, journal_off, ratio) = beside_ours.medians();
    let pair = (format!("{ours:.0}/s"), format!("own sender without journal {journal_off:.0}/s"));
    report.ratio(&work, database, (&pair.0, &pair.1), ratio, Budget::AtLeast(0.8));
    let (ours, other, ratio) = beside_smtp_source.medians();
    if ratio.is_nan() {
        report.unmeasured(&work, database, "smtp-source -d", "install postfix, which has smtp-source");
    } else {
        let pair = (format!("{ours:.0}/s"), format!("smtp-source -d {other:.0}/s"));
        report.ratio(&work, database, (&pair.0, &pair.1), ratio, Budget::AtLeast(0.5));
    }
}
