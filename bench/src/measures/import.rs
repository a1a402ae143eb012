//! Import of parties from a CSV file into an empty register, beside a bulk load of the same rows by hand: the rows are there
//! already, with all that the import has to work out, and are copied into empty tables whose indexes are built after.

use std::time::Instant;

use integration_tests::register::import_folder;
use integration_tests::{Database, TestApp};
use persistence::testing::Kind;
use persistence::testing::TestDatabase;

use crate::Settings;
use crate::reference::{Reference, text_for};
use crate::register::write_sample;
use crate::report::{Budget, Report, shown};
use crate::timing::Pairs;

const PARTIES: u32 = 1_000_000;

pub(super) async fn run(settings: &Settings, database: Database, report: &mut Report) {
    let sql =
        text_for(database, include_str!("../../sql/sqlite/import.sql"), include_str!("../../sql/postgres/import.sql"));
    let parties = settings.scaled(PARTIES);
    let source = tempfile::tempdir().expect("a folder");
    let mut pairs = Pairs::default();
    for round in 0..settings.runs(3) {
        let app = TestApp::prepare(database);
        if round == 0 {
            write_sample(&app, parties, source.path()).await;
            for other in ["properties.csv", "contracts.csv", "roles.csv"] {
                std::fs::remove_file(source.path().join(other)).expect("a file of the sample");
            }
        }
        let migrated = app.command(&["migrate"]).await;
        assert!(migrated.status.success(), "{}", migrated.stderr);
        let started = Instant::now();
        import_folder(&app, source.path()).await;
        let subject = started.elapsed();

        let by_hand = match database {
            Database::Sqlite => {
                let target = TestDatabase::create(Kind::Sqlite);
                drop(target.open());
                let mut reference = Reference::open(target.url());
                let imported = app.database_url().trim_start_matches("sqlite:").trim_end_matches("?mode=rwc");
                reference.run(&format!("ATTACH '{imported}' AS source"));
                reference.run(sql)
            }
            Database::Postgres => Reference::open(app.database_url()).run(sql),
        };
        eprintln!("   imported in {}, by hand in {}", shown(subject), shown(by_hand));
        pairs.add_times(subject, by_hand);
    }
    let (subject, by_hand, ratio) = pairs.times();
    let work = format!("import of {parties} parties");
    let reference = format!("bulk load by hand {}", shown(by_hand));
    report.ratio(&work, database, (&shown(subject), &reference), ratio, Budget::AtMost(2.0));
}
