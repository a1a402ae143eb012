//! Which database a test runs on, and the macro that runs it on both.

use std::future::Future;
use std::time::Duration;

use persistence::testing::{Kind, TestDatabase};

/// What a single test may take before it counts as hanging.
const LONGEST_TEST: Duration = Duration::from_secs(20 * 60);

/// The database of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the server that `POSTITUS_TEST_POSTGRES_URL` names.
    Postgres,
}

impl Database {
    /// An empty database for one test, removed when dropped.
    ///
    /// # Panics
    /// When PostgreSQL is asked for and not there: such a test fails, it is never skipped.
    pub fn create(self) -> TestDatabase {
        TestDatabase::create(match self {
            Self::Sqlite => Kind::Sqlite,
            Self::Postgres => Kind::Postgres,
        })
    }
}

/// `POSTITUS_TEST_LIMIT_SECONDS`, or what is enough for tests of the usual size.
fn longest_test() -> Duration {
    let given = std::env::var_os("POSTITUS_TEST_LIMIT_SECONDS");
    let seconds =
        given.map(|seconds| seconds.to_str().and_then(|seconds| seconds.parse().ok()).expect("a number of seconds"));
    seconds.map_or(LONGEST_TEST, Duration::from_secs)
}

/// Runs a test to its end on a runtime of its own.
///
/// # Panics
/// When the test hangs.
pub fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let longest = longest_test();
    let ended = runtime.expect("a runtime").block_on(async { tokio::time::timeout(longest, test).await });
    assert!(ended.is_ok(), "the test did not end within {longest:?}");
}

/// Makes two tests of each scenario, `NAME::sqlite` and `NAME::postgres`:
///
/// ```text
/// on_both_databases! {
///     async fn an_empty_server_is_ready(database: Database) {
///         let app = TestApp::start(database).await;
///         assert_eq!(app.get("/readyz").send().await.status, 200);
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($( $(#[$attribute:meta])* async fn $name:ident($database:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        async fn $name($database: $type) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::database::run(Box::pin(super::$name($crate::Database::Sqlite)));
            }

            #[test]
            fn postgres() {
                $crate::database::run(Box::pin(super::$name($crate::Database::Postgres)));
            }
        }
    )+ };
}
