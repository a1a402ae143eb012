//! A recipient query with three conditions, page and counts, beside the same SQL by hand.

use std::time::{Duration, Instant};

use integration_tests::register::import_folder;
use integration_tests::{Database, TestApp};
use serde_json::{Value, json};

use crate::Settings;
use crate::reference::{Reference, text_for};
use crate::register::write_sample;
use crate::report::{Budget, Report, shown};
use crate::timing::Pairs;

const PARTIES: u32 = 1_000_000;

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let sql =
        text_for(database, include_str!("../../sql/sqlite/query.sql"), include_str!("../../sql/postgres/query.sql"));
    let app = TestApp::start(database).await;
    let folder = app.folder().join("sample");
    write_sample(&app, settings.scaled(PARTIES), &folder).await;
    import_folder(&app, &folder).await;
    let mut reference = Reference::open(app.database_url());
    if database == Database::Postgres {
        // What autovacuum does by itself soon after an import.
        reference.run("VACUUM ANALYZE");
    }
    reference.print_plans(database, sql);

    let (mut plain, mut explained) = (Pairs::default(), Pairs::default());
    let mut matched = Value::Null;
    for round in 0..=settings.runs(9) {
        let by_hand = reference.run(sql);
        let (without, found) = search(&app, false).await;
        let (with, _) = search(&app, true).await;
        matched = found;
        // The first round fills the caches of both.
        if round > 0 {
            plain.add_times(without, by_hand);
            explained.add_times(with, by_hand);
        }
    }
    let work = format!("recipient query, {matched} of {} found", settings.scaled(PARTIES));
    for (work, pairs, budget) in [(work.clone(), plain, 1.3), (work + ", explain", explained, 4.0)] {
        let (subject, by_hand, ratio) = pairs.times();
        let reference = format!("SQL by hand {}", shown(by_hand));
        report.ratio(&work, database, (&shown(subject), &reference), ratio, Budget::AtMost(budget));
    }
}

async fn search(app: &TestApp, explain: bool) -> (Duration, Value) {
    let body = json!({
        "channel": "email", "purpose": "service", "limit": 50, "explain": explain,
        "filter": {"all": [
            {"role": {"codes": ["resident"]}},
            {"property": {"field": "city", "op": "eq", "value": "Vantaa"}},
            {"party": {"field": "email", "op": "exists", "value": "true"}},
        ]},
    });
    let started = Instant::now();
    let reply = app.post("/api/v1/recipients/search").json(&body).send().await.expect_status(200);
    (started.elapsed(), reply.json.pointer("/counts/matched").cloned().unwrap_or_default())
}
