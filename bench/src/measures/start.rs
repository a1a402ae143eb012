//! Start of an empty server, from the start of the process to its saying that it listens.

use std::time::Instant;

use integration_tests::{Database, TestApp};

use crate::Settings;
use crate::report::{Budget, Report};
use crate::timing::median;

const BUDGET: Budget = Budget::AtMost(200.0);

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for _ in 0..settings.runs(9) {
        let app = TestApp::prepare(database);
        let started = Instant::now();
        let mut app = app.started().await;
        first.push(started.elapsed().as_secs_f64() * 1000.0);
        app.stop().await;
        let started = Instant::now();
        app.restart().await;
        later.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let first = format!("{:.0} ms", median(first));
    report.note("start on a new database, its schema made", database, &first);
    report.value("start of an empty server", database, (median(later), "ms"), BUDGET);
}
