//! Freezing recipients: the whole call of `send`, beside a bare `INSERT … SELECT` of the same columns.

use std::time::Instant;

use integration_tests::{Database, TestApp};

use crate::reference::{Reference, text_for};
use crate::report::{Budget, Report, shown};
use crate::sink::Sink;
use crate::timing::Pairs;
use crate::{Settings, mail, register};

const RECIPIENTS: u32 = 100_000;
/// Takes what was frozen out of the dispatcher's hands.
const CANCEL: &str = "UPDATE mailing SET status = 'cancelled' WHERE status = 'sending'";

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let sql =
        text_for(database, include_str!("../../sql/sqlite/freeze.sql"), include_str!("../../sql/postgres/freeze.sql"));
    let recipients = settings.scaled(RECIPIENTS);
    let sink = Sink::start();
    let app = TestApp::prepare(database);
    let mut app = app.setting("POSTITUS_SMTP_URL", &sink.url()).setting("POSTITUS_SENDERS", "*@isannointi.example");
    app.restart().await;
    register::import_people(&app, recipients).await;
    let mut reference = Reference::open(app.database_url());
    if database == Database::Postgres {
        reference.run("VACUUM ANALYZE");
    }
    let mut pairs = Pairs::default();
    for round in 0..settings.runs(5) {
        let by_hand = reference.run(sql);
        if round == 0 {
            // Only now are all its tables there.
            reference.print_plans(database, sql);
        }
        let prepared = mail::prepare(&app).await;
        let started = Instant::now();
        mail::send(&app, &prepared).await;
        pairs.add_times(started.elapsed(), by_hand);
        app.kill9();
        reference.run(CANCEL);
        app.restart().await;
    }
    let (subject, by_hand, ratio) = pairs.times();
    let work = format!("freezing {recipients} recipients");
    let reference = format!("INSERT … SELECT {}", shown(by_hand));
    report.ratio(&work, database, (&shown(subject), &reference), ratio, Budget::AtMost(2.0));
}
