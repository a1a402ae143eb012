//! Opening the database: a fault is a clear error at start, and nothing has been created.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use persistence::testing::TestDatabase;
use persistence::{DatabaseUrl, Db, DbSettings, OpenError, mailings};

use crate::support::stored_draft;

fn open(url: &str) -> Result<Db, OpenError> {
    Db::open(&DbSettings { url: DatabaseUrl::parse(url)?, connections: 4 })
}

fn refusal(url: &str) -> String {
    open(url).err().unwrap_or_else(|| panic!("{url} was opened")).to_string()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_mistyped_url_is_refused_with_what_it_should_look_like() {
    for url in
        ["data/postitus.db", "postgress://localhost/postitus", "sqllite:postitus.db", "mysql://localhost/postitus", ""]
    {
        let refusal = refusal(url);
        assert!(refusal.contains("postgres://") && refusal.contains("sqlite:"), "{url}: {refusal}");
    }
    for url in ["sqlite:", "sqlite::memory:", "postgres:///postitus", "postgres://localhost/x?sslmode=require"] {
        assert!(open(url).is_err(), "{url}");
    }
}

#[test]
fn a_missing_sqlite_file_is_made_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("postitus.db");
    for mode in ["", "?mode=rw"] {
        let refusal = refusal(&format!("sqlite:{}{mode}", file.display()));
        assert!(refusal.contains("postitus.db"), "{refusal}");
        assert!(is_empty(folder.path()), "nothing was created");
    }
    drop(open(&format!("sqlite:{}?mode=rwc", file.display())).unwrap());
    assert!(file.exists());
    drop(open(&format!("sqlite:{}", file.display())).unwrap());
}

#[derive(QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// As `.cargo/config.toml` says: otherwise a large import takes twice the memory, and the journal a tenth longer.
#[test]
fn sqlite_is_built_without_what_all_connections_would_share() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let options = diesel::sql_query("SELECT compile_options FROM pragma_compile_options()");
    let options: Vec<CompileOption> = options.load(&mut conn).unwrap();
    let has = |name: &str| options.iter().any(|option| option.compile_options == name);
    let ours = has("DEFAULT_MEMSTATUS=0") && has("THREADSAFE=2") && !has("ENABLE_MEMORY_MANAGEMENT");
    assert!(ours, "built in this repository's folder?");
}

#[test]
fn a_missing_folder_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = refusal(&format!("sqlite:{}?mode=rwc", folder.path().join("data/postitus.db").display()));
    assert!(refusal.contains("postitus.db"), "{refusal}");
    assert!(is_empty(folder.path()));
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "just a file").unwrap();
    // A folder's permissions do not bind root; that a file is no folder and that /proc takes no files binds everyone.
    for path in [file.join("postitus.db").display().to_string(), "/proc/postitus.db".to_owned()] {
        let refusal = refusal(&format!("sqlite:{path}?mode=rwc"));
        assert!(refusal.contains(&path), "{refusal}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"just a file");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_not_a_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "Muista ostaa maitoa.\n".repeat(500);
    fs::write(&file, &text).unwrap();
    let refusal = refusal(&format!("sqlite:{}?mode=rwc", file.display()));
    assert!(refusal.contains("notes.txt") && refusal.contains("not a database"), "{refusal}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn paths_may_have_any_characters() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Öljy 50% #1 & co.db");
    drop(open(&format!("sqlite:{}?mode=rwc", file.display())).unwrap());
    assert!(file.exists());
}

#[test]
fn an_unreachable_server_is_named_within_seconds() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let begun = Instant::now();
    let refusal = refusal(&format!("postgres://me:secret@127.0.0.1:{port}/postitus"));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(refusal.contains(&format!("127.0.0.1:{port}/postitus")), "{refusal}");
    assert!(!refusal.contains("secret"), "{refusal}");
}

#[test]
fn a_server_that_does_not_answer_is_named_within_seconds() {
    // Takes connections, and says nothing.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let begun = Instant::now();
    let refusal = refusal(&format!("postgres://me:secret@127.0.0.1:{port}/postitus"));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(refusal.contains(&format!("127.0.0.1:{port}/postitus")), "{refusal}");
}

on_both!(opening_again_changes_nothing, |database| {
    let db = database.open();
    let id = stored_draft(&db, "Vesikatko");
    let before = schema(database);
    let again = database.open();
    assert!(again.read_blocking(move |reader| mailings::find(reader, id)).unwrap().is_some());
    drop((db, again));
    let again = database.open();
    assert!(again.read_blocking(move |reader| mailings::find(reader, id)).unwrap().is_some());
    assert_eq!(schema(database), before);
});

on_both!(several_processes_may_open_a_new_database_at_once, |database| {
    let url = database.url().to_owned();
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || open(&url).map(drop))
        })
        .collect();
    for one in opening {
        one.join().unwrap().unwrap();
    }
    stored_draft(&database.open(), "Vesikatko");
});

on_both!(a_schema_of_a_newer_version_is_refused_and_left_alone, |database| {
    drop(database.open());
    Raw::open(database).execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')");
    let before = schema(database);
    let error = open(database.url()).err().expect("refused");
    assert!(matches!(&error, OpenError::NewerSchema { migration, .. } if migration == "20991231000001"), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(schema(database), before);
});

on_both!(migrations_down_and_up_again_give_the_same_schema, |database| {
    drop(database.open());
    let before = schema(database);
    assert!(before.iter().any(|line| line.contains("mailing_row")), "{before:?}");
    Raw::open(database).revert_all();
    let bare = schema(database);
    assert!(bare.iter().all(|line| line.contains("__diesel_schema_migrations")), "left behind: {bare:?}");
    drop(database.open());
    assert_eq!(schema(database), before);
});

/// A connection past the doors.
enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Raw {
    fn open(database: &TestDatabase) -> Self {
        match database.url().strip_prefix("sqlite:").and_then(|rest| rest.split('?').next()) {
            Some(path) => {
                let mut conn = SqliteConnection::establish(path).unwrap();
                // The connections of a database that was dropped close in their own time.
                conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                Self::Sqlite(conn)
            }
            None => Self::Postgres(PgConnection::establish(database.url()).unwrap()),
        }
    }

    fn execute(&mut self, sql: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .unwrap();
    }

    fn revert_all(&mut self) {
        let migrations = |name| {
            FileBasedMigrations::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(name))
                .unwrap()
        };
        match self {
            Self::Sqlite(conn) => conn.revert_all_migrations(migrations("sqlite")).map(drop),
            Self::Postgres(conn) => conn.revert_all_migrations(migrations("postgres")).map(drop),
        }
        .unwrap();
    }
}

/// Every table, column, index and constraint, a line each, but for the table that SQLite keeps for itself.
fn schema(database: &TestDatabase) -> Vec<String> {
    let lines: Vec<Line> = match Raw::open(database) {
        Raw::Sqlite(mut conn) => diesel::sql_query(
            "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') || tbl_name AS line FROM sqlite_master \
             WHERE name <> 'sqlite_sequence' ORDER BY type, name",
        )
        .load(&mut conn)
        .unwrap(),
        Raw::Postgres(mut conn) => diesel::sql_query(
            "SELECT 'column ' || concat_ws(' ', table_name, column_name, data_type, collation_name, is_nullable, column_default) AS line \
             FROM information_schema.columns WHERE table_schema = 'public' \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
             UNION ALL SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
        )
        .load(&mut conn)
        .unwrap(),
    };
    lines.into_iter().map(|line| line.line).collect()
}
