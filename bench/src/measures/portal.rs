//! What portals read: one header, and a party's headers, over HTTP, beside the same SQL without HTTP: by pgbench on PostgreSQL with as
//! many clients, and in a bare loop of one prepared statement on SQLite.

use std::fmt::Write as _;
use std::time::Duration;

use integration_tests::{Database, TestApp, token};
use persistence::testing::Session;
use serde_json::json;

use crate::Settings;
use crate::load::{self, Load};
use crate::reference::text_for;
use crate::report::{Budget, Report};
use crate::timing::Pairs;

const MESSAGES: u32 = 1_000_000;
const PEOPLE: u32 = 20_000;
/// Of DESIGN: the share of pgbench's throughput that HTTP leaves, and the slowest of a hundred.
const SHARE: f64 = 0.6;
const P99: Duration = Duration::from_millis(10);

/// What is read, with the reference of it.
struct Reading {
    name: &'static str,
    /// The path before the random number.
    before: &'static str,
    after: &'static str,
    /// The name and the largest value of the random number.
    variable: &'static str,
    largest: u32,
    postgres: &'static str,
    sqlite: &'static str,
}

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let (messages, people) = (settings.scaled(MESSAGES), settings.scaled(PEOPLE));
    let app = TestApp::start(database).await;
    let fill = text_for(
        database,
        include_str!("../../sql/sqlite/messages.sql"),
        include_str!("../../sql/postgres/messages.sql"),
    );
    let fill = fill.replace("MESSAGES", &messages.to_string()).replace("PEOPLE", &people.to_string());
    let mut session = Session::open(app.database_url());
    session.execute(&fill).expect("messages");
    let readings = [
        Reading {
            name: "one header",
            before: "/api/v1/internetviestit/",
            after: "/otsikot",
            variable: "message",
            largest: messages,
            postgres: include_str!("../../sql/postgres/heads.sql"),
            sqlite: include_str!("../../sql/sqlite/heads.sql"),
        },
        Reading {
            name: "a party's headers",
            before: "/api/v1/internetviestit/otsikot?osapuoli_id=",
            after: "",
            variable: "party",
            largest: people,
            postgres: include_str!("../../sql/postgres/heads_of_party.sql"),
            sqlite: include_str!("../../sql/sqlite/heads_of_party.sql"),
        },
    ];
    for reading in readings {
        for clients in [1, 64] {
            measure(settings, (&app, &mut session), database, &reading, clients, report).await;
        }
    }
}

async fn measure(
    settings: &Settings,
    (app, session): (&TestApp, &mut Session),
    database: Database,
    reading: &Reading,
    clients: u32,
    report: &mut Report,
) {
    let mut work = String::new();
    let _ = write!(work, "{}, {clients} clients", reading.name);
    let token = token("internetviestit:read", &json!({}));
    let (mut pairs, mut slowest) = (Pairs::default(), Vec::new());
    for round in 0..=settings.runs(5) {
        let by_hand = match database {
            Database::Postgres => {
                load::pgbench(app, reading.postgres, (reading.variable, reading.largest), clients).await
            }
            Database::Sqlite => Some(session.loop_of(reading.sqlite, reading.largest.into(), load::LENGTH)),
        };
        let url = format!("{}{}", app.address(), reading.before);
        let over_http = load::http(&url, reading.after, reading.largest, &token, clients).await;
        let (Some(by_hand), Some(Load { per_second, p99 })) = (by_hand, over_http) else {
            report.unmeasured(&work, database, "pgbench, wrk", "install wrk, and pgbench beside PostgreSQL");
            return;
        };
        if round > 0 {
            pairs.add(per_second, by_hand);
            slowest.push(p99.as_secs_f64());
        }
    }
    let (subject, by_hand, ratio) = pairs.medians();
    let p99 = Duration::from_secs_f64(crate::timing::median(slowest));
    match (database, clients) {
        (Database::Postgres, 64) if reading.variable == "message" => {
            let reference = format!("pgbench {by_hand:.0}/s");
            report.ratio(&work, database, (&format!("{subject:.0}/s"), &reference), ratio, Budget::AtLeast(SHARE));
            let milliseconds = (p99.as_secs_f64() * 1000.0, "ms");
            report.value(&(work + ", p99"), database, milliseconds, Budget::AtMost(P99.as_secs_f64() * 1000.0));
        }
        _ => {
            let (name, p99) =
                (if database == Database::Postgres { "pgbench" } else { "bare loop" }, p99.as_secs_f64() * 1000.0);
            report.note(
                &work,
                database,
                &format!("{subject:.0}/s, {ratio:.2} of the {name}'s {by_hand:.0}/s, p99 {p99:.1} ms"),
            );
        }
    }
}
