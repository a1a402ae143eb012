//! The first filling of the register: its indexes are built at the end, and nobody can tell afterwards.

use domain::attribute::Attributes;
use domain::register::{Party, PartyId};
use domain::text::words;
use persistence::bulk::{self, Filling};
use persistence::parties::{self, PartyFilter};
use persistence::staging::{self, Stage, StagedRow, Words, add_staged};
use persistence::testing::{Kind, Session, TestDatabase};
use persistence::{Backend, Db, StoreError};

use crate::support::{person, today};

/// Fills an empty register with one party; answers whether its tables were filled as they are.
fn fill(db: &Db, party_id: PartyId) -> Result<bool, StoreError> {
    db.write_blocking(move |writer| {
        let filling = bulk::begin(writer, Party::TABLES, staging::TABLES)?;
        let is_plain = matches!(filling, Filling::Plain);
        let mut rows = vec![person(party_id, "Aada Mäki").stage(&Attributes::default())?];
        let words = rows.iter_mut().flat_map(StagedRow::take_words).collect();
        add_staged::<Party>(writer, rows)?;
        Party::write_words(writer, words, Words::None)?;
        bulk::end(writer, filling)?;
        Ok(is_plain)
    })
}

/// The tables with their columns, keys, indexes and references.
fn schema(db: &Db, database: &TestDatabase) -> Vec<String> {
    let sql = match db.backend() {
        Backend::Sqlite => "SELECT name || COALESCE(sql, '') AS text FROM sqlite_master ORDER BY 1",
        Backend::Postgres => {
            "SELECT indexdef AS text FROM pg_indexes WHERE schemaname = current_schema() \
             UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace \
             UNION ALL SELECT format('%s.%s %s %s %s %s', table_name, column_name, data_type, collation_name, is_nullable, \
             column_default) FROM information_schema.columns WHERE table_schema = current_schema() \
             UNION ALL SELECT nspname::text FROM pg_namespace ORDER BY 1"
        }
    };
    Session::open(database.url()).texts(sql).unwrap()
}

fn found(db: &Db, text: &str) -> Vec<PartyId> {
    let filter = PartyFilter { words: words(text), ..PartyFilter::default() };
    let found = db.read_blocking(move |reader| parties::list(reader, &filter, today(), None, 100)).unwrap();
    found.into_iter().map(|stored| stored.party.party_id).collect()
}

on_both!(a_filled_register_is_as_one_that_grew, |database| {
    let db = database.open();
    let before = schema(&db, database);
    assert!(before.len() > 50, "{before:?}");
    assert!(!fill(&db, 101).unwrap());
    assert_same(&before, &schema(&db, database));
    let as_it_is = fill(&db, 102).unwrap();
    assert_eq!(as_it_is, db.backend() == Backend::Postgres, "tables that had rows are not replaced");
    assert_same(&before, &schema(&db, database));
    assert_eq!(found(&db, "mäki aad"), [101, 102]);
    // The keys are there again.
    let changed = Party { name: "Aada Koski".to_owned(), ..person(101, "Aada Mäki") };
    let upserted = db.write_blocking(move |writer| parties::upsert(writer, vec![changed.clone()])).unwrap();
    assert_eq!((upserted.changed, found(&db, "mäki")), (1, vec![102]));
});

/// Says what differs, and not all that does not.
fn assert_same(before: &[String], after: &[String]) {
    let gone: Vec<&String> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(gone.is_empty() && new.is_empty(), "gone: {gone:#?}\nnew: {new:#?}");
}

on_both!(what_hangs_on_a_table_is_not_lost_by_filling_it, |database| {
    let db = database.open();
    if db.backend() == Backend::Postgres {
        for (hang, take_off) in [
            ("GRANT SELECT ON party_word TO PUBLIC", None),
            ("CREATE VIEW names AS SELECT name FROM party", Some("DROP VIEW names")),
        ] {
            let database = TestDatabase::create(Kind::Postgres);
            let (db, mut session) = (database.open(), Session::open(database.url()));
            session.execute(hang).unwrap();
            assert!(fill(&db, 101).unwrap(), "{hang}");
            take_off.map_or(Ok(()), |sql| session.execute(sql)).unwrap();
        }
        return;
    }
    Session::open(database.url()).execute("CREATE VIEW names AS SELECT name FROM party").unwrap();
    fill(&db, 101).unwrap();
    let names = Session::open(database.url()).texts("SELECT name AS text FROM names").unwrap();
    assert_eq!(names, ["Aada Mäki"]);
});

on_both!(of_two_who_fill_an_empty_register_at_once_each_does, |database| {
    let db = database.open();
    let threads: Vec<_> = (101..105)
        .map(|party_id| {
            let db = db.clone();
            std::thread::spawn(move || fill(&db, party_id))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(found(&db, "mäki"), [101, 102, 103, 104]);
});
