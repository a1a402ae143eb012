//! Recipient queries, page and counts, beside the same SQL by hand; and the costliest filter that is allowed.

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
/// How many are put on the contact list.
const ON_LIST: u32 = 20_000;
/// How many one call puts there.
const TOGETHER: usize = 10_000;
/// The first party of the sample register.
const FIRST: u32 = 100_001;

/// What stands in `query.sql` where the conditions go.
const MATCHING: &str = "/* matching */";

/// A query over HTTP and the conditions of the same by hand.
struct Query {
    name: &'static str,
    filter: Value,
    by_hand: &'static str,
}

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let app = TestApp::start(database).await;
    let folder = app.folder().join("sample");
    write_sample(&app, settings.scaled(PARTIES), &folder).await;
    import_folder(&app, &folder).await;
    let list_id = contact_list(&app, settings.scaled(ON_LIST)).await;
    let mut reference = Reference::open(app.database_url());
    if database == Database::Postgres {
        // What autovacuum does by itself soon after an import.
        reference.run("VACUUM ANALYZE");
    }
    for query in queries(database, &list_id) {
        measure(settings, &app, database, &mut reference, &query, report).await;
    }
    costliest(settings, &app, database, report).await;
}

fn queries(database: Database, list_id: &Value) -> [Query; 3] {
    let resident = json!({"role": {"codes": ["resident"]}});
    let three = json!({"all": [
        resident,
        {"property": {"field": "city", "op": "eq", "value": "Vantaa"}},
        {"party": {"field": "email", "op": "exists", "value": "true"}},
    ]});
    [
        Query {
            name: "three conditions",
            filter: three,
            by_hand: text_for(
                database,
                include_str!("../../sql/sqlite/query-three.sql"),
                include_str!("../../sql/postgres/query-three.sql"),
            ),
        },
        Query {
            name: "text",
            filter: json!({"text": "Virta ma"}),
            by_hand: text_for(
                database,
                include_str!("../../sql/sqlite/query-text.sql"),
                include_str!("../../sql/postgres/query-text.sql"),
            ),
        },
        Query {
            name: "contact list",
            filter: json!({"all": [{"list_id": list_id}, resident]}),
            by_hand: text_for(
                database,
                include_str!("../../sql/sqlite/query-list.sql"),
                include_str!("../../sql/postgres/query-list.sql"),
            ),
        },
    ]
}

async fn measure(
    settings: &Settings,
    app: &TestApp,
    database: Database,
    reference: &mut Reference,
    query: &Query,
    report: &mut Report,
) {
    let both =
        text_for(database, include_str!("../../sql/sqlite/query.sql"), include_str!("../../sql/postgres/query.sql"));
    let sql = both.replace(MATCHING, query.by_hand);
    reference.print_plans(database, &sql);
    let (mut plain, mut explained) = (Pairs::default(), Pairs::default());
    let mut matched = Value::Null;
    for round in 0..=settings.runs(9) {
        let by_hand = reference.run(&sql);
        let (without, found) = search(app, &query.filter, false).await;
        let (with, _) = search(app, &query.filter, true).await;
        matched = found;
        // The first round fills the caches of both.
        if round > 0 {
            plain.add_times(without, by_hand);
            explained.add_times(with, by_hand);
        }
    }
    let work = format!("recipient query, {}, {matched} of {} found", query.name, settings.scaled(PARTIES));
    for (work, pairs, budget) in [(work.clone(), plain, 1.3), (work + ", explain", explained, 4.0)] {
        let (subject, by_hand, ratio) = pairs.times();
        let reference = format!("SQL by hand {}", shown(by_hand));
        report.ratio(&work, database, (&shown(subject), &reference), ratio, Budget::AtMost(budget));
    }
}

/// Asks the most that a filter may: conditions for which no index helps, and the rest in roles.
async fn costliest(settings: &Settings, app: &TestApp, database: Database, report: &mut Report) {
    let scans = (0..38).map(|number| {
        let value = format!("zz{number}");
        json!({"party": {"field": "name", "op": "contains", "value": value}})
    });
    let roles = (0..30).map(|number| json!({"all": [{"role": {"codes": [format!("code-{number}")]}}]}));
    let filter = json!({"any": scans.chain(roles).collect::<Vec<_>>()});
    let (taken, _) = search(app, &filter, false).await;
    let work = format!("the costliest filter, {} parties", settings.scaled(PARTIES));
    report.note(&work, database, &shown(taken));
}

/// A contact list of the register's first parties.
async fn contact_list(app: &TestApp, members: u32) -> Value {
    let list = app.post("/api/v1/contact-lists").json(&json!({"name": "measured"})).send().await.expect_status(201);
    let list_id = list.json.get("list_id").cloned().expect("an id");
    let path = format!("/api/v1/contact-lists/{}/members", list_id.as_str().unwrap_or_default());
    let ids: Vec<u32> = (FIRST..FIRST + members).collect();
    for some in ids.chunks(TOGETHER) {
        let added = app.post(&path).json(&json!({"party_ids": some})).send().await.expect_status(200);
        assert_eq!(added.json.get("unknown"), Some(&json!(0)), "{}", added.json);
    }
    list_id
}

async fn search(app: &TestApp, filter: &Value, explain: bool) -> (Duration, Value) {
    let body = json!({"channel": "email", "purpose": "service", "limit": 50, "explain": explain, "filter": filter});
    let started = Instant::now();
    let reply = app.post("/api/v1/recipients/search").json(&body).send().await.expect_status(200);
    (started.elapsed(), reply.json.pointer("/counts/matched").cloned().unwrap_or_default())
}
