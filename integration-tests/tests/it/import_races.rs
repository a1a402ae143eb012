//! What happens beside an import of the register: others who change what it was checked against, who call it failed, who hang up,
//! and crashes that leave its files behind.

use std::time::Duration;

use integration_tests::imports::{PATH, counts, ended, import, submit};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use persistence::testing::Session;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const LIMIT: Duration = Duration::from_secs(60);
/// So many people that an import is being checked for a while.
const MANY: i64 = 20_000;

fn people(count: i64) -> Register {
    Register::of((1..=count).map(|id| person(id, &format!("Person {id}"))))
}

/// Asks for an import and waits until it is past the check of its files; where to follow it.
async fn being_prepared(app: &TestApp, register: &Register) -> String {
    let path = submit(app, &[], register).await.expect_status(202).header("location").unwrap().to_owned();
    let deadline = Instant::now() + LIMIT;
    loop {
        let operation = app.get(&path).send().await.expect_status(200).json;
        if operation["progress"]["phase"] == "preparing" {
            return path;
        }
        assert!(Instant::now() < deadline && text(&operation, "status") != "succeeded", "{operation:#}");
        sleep(Duration::from_millis(1)).await;
    }
}

fn code(operation: &Value) -> Value {
    operation["error"]["code"].clone()
}

async fn roots(app: &TestApp) -> Vec<i64> {
    let roots = app.get("/api/v1/properties?roots=true").send().await.expect_status(200).json;
    list(&roots, "items").iter().map(|property| number(property, "property_id")).collect()
}

async fn put_below(app: &TestApp, property_id: i64, parent_id: i64) -> u16 {
    let body = json!({"kind": "unit", "name": format!("P {property_id}"), "parent_id": parent_id});
    app.put(&format!("/api/v1/properties/{property_id}")).json(&body).send().await.status
}

on_both_databases! {
    async fn what_the_erp_comes_to_say_is_local_no_more_in_an_import_too(database: Database) {
        let app = TestApp::start(database).await;
        let register = |email: &str| Register::of([person(1, "Aalto Aino").with("email", email)]);
        import(&app, &[], &register("erp@x.fi")).await;
        let patch = json!({"email": "here@x.fi"});
        app.patch("/api/v1/parties/1").if_match("*").json(&patch).send().await.expect_status(200);
        assert_eq!(counts(&import(&app, &[], &register("erp@x.fi")).await, "parties"), [0, 0, 1, 0], "what is set here holds");
        assert_eq!(counts(&import(&app, &[], &register("here@x.fi")).await, "parties"), [0, 0, 1, 0]);
        let back = import(&app, &[], &register("erp@x.fi")).await;
        assert_eq!((counts(&back, "parties"), number(&member(&back, "result"), "conflicts")), ([0, 1, 0, 0], 0));
        assert_eq!(text(&app.get("/api/v1/parties/1").send().await.json, "email"), "erp@x.fi");
    }

    async fn an_import_that_others_have_called_failed_changes_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let path = being_prepared(&app, &people(MANY)).await;
        let failed = "UPDATE operation SET status = 'failed', error = '{\"code\":\"interrupted\",\"message\":\"x\"}', \
                      finished_at = created_at WHERE finished_at IS NULL";
        Session::open(app.database_url()).execute(failed).unwrap();
        let deadline = Instant::now() + LIMIT;
        while std::fs::read_dir(app.data_dir().join("imports")).map_or(0, Iterator::count) > 0 {
            assert!(Instant::now() < deadline, "it goes on");
            sleep(Duration::from_millis(20)).await;
        }
        let operation = ended(&app, &path, LIMIT).await;
        assert_eq!((text(&operation, "status"), code(&operation)), ("failed".to_owned(), json!("interrupted")));
        app.get("/api/v1/parties/1").send().await.expect_problem(404, "not_found");
    }

    async fn a_circle_of_a_file_and_a_move_beside_it_is_refused(database: Database) {
        let app = TestApp::start(database).await;
        let trees = Register::of([]).property(1, None, "unit", "P 1").property(2, None, "unit", "P 2");
        import(&app, &[], &trees).await;
        let path = being_prepared(&app, &people(MANY).property(2, Some(1), "unit", "P 2")).await;
        assert_eq!(put_below(&app, 1, 2).await, 200);
        let operation = ended(&app, &path, LIMIT).await;
        assert_eq!(code(&operation), "register_changed", "{operation:#}");
        assert_eq!(roots(&app).await, [2]);
        app.get("/api/v1/parties/1").send().await.expect_problem(404, "not_found");
    }

    async fn what_an_import_refers_to_may_be_removed_beside_it(database: Database) {
        let app = TestApp::start(database).await;
        import(&app, &[], &Register::of([]).property(3, None, "unit", "P 3")).await;
        let path = being_prepared(&app, &people(MANY).role(1, 3, "resident")).await;
        app.delete("/api/v1/properties/3").if_match("*").send().await.expect_status(204);
        let operation = ended(&app, &path, LIMIT).await;
        assert_eq!(code(&operation), "register_changed", "{operation:#}");
        assert!(text(&operation["error"], "message").ends_with("repeat the import"), "{operation:#}");
    }

    async fn two_who_move_each_below_the_other_make_no_circle(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..20 {
            let (one, other) = (100 + 2 * round, 101 + 2 * round);
            let trees = Register::of([]).property(one, None, "unit", "A").property(other, None, "unit", "B");
            trees.import(&app).await;
            let (first, second) = tokio::join!(put_below(&app, one, other), put_below(&app, other, one));
            let mut statuses = [first, second];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422]);
        }
    }

    async fn a_finished_import_tells_that_all_is_done(database: Database) {
        let app = TestApp::start(database).await;
        for _ in 0..2 {
            let progress = member(&import(&app, &[], &people(3)).await, "progress");
            assert_eq!((text(&progress, "phase"), &progress["done"]), ("merging".to_owned(), &progress["total"]), "{progress}");
        }
    }

    async fn an_import_whose_sender_hangs_up_is_done_all_the_same(database: Database) {
        let app = TestApp::start(database).await;
        let mut session = Session::open(app.database_url());
        let lock = match database {
            Database::Sqlite => "BEGIN IMMEDIATE",
            Database::Postgres => "BEGIN; LOCK TABLE operation IN SHARE ROW EXCLUSIVE MODE",
        };
        session.execute(lock).unwrap();
        let parties = String::from_utf8(Register::of([person(7, "Aalto Aino")]).form().remove(0).1).unwrap();
        let head = "Content-Disposition: form-data; name=\"parties\"; filename=\"parties.csv\"";
        let body = format!("--b\r\n{head}\r\n\r\n{parties}\r\n--b--\r\n");
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: once\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n{body}",
            token("admin", &json!({})),
            body.len()
        );
        let mut stream = TcpStream::connect(app.address().trim_start_matches("http://")).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // Until the files are there and the write waits for the lock.
        sleep(Duration::from_millis(500)).await;
        stream.set_zero_linger().unwrap();
        drop(stream);
        sleep(Duration::from_millis(200)).await;
        session.execute("COMMIT").unwrap();
        let deadline = Instant::now() + LIMIT;
        while app.get("/api/v1/parties/7").send().await.status != 200 {
            assert!(Instant::now() < deadline, "the import is not done");
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn files_that_a_crash_has_left_are_removed(database: Database) {
        let mut app = TestApp::start(database).await;
        let done = text(&import(&app, &[], &people(1)).await, "operation_id");
        app.stop().await;
        let long_ago = "019a0000-0000-7000-8000-000000000000";
        let now = domain::ids::new_id().to_string();
        let folders = [done.as_str(), long_ago, now.as_str(), "not-an-import"];
        let folder = |name: &str| app.data_dir().join("imports").join(name);
        for name in folders {
            std::fs::create_dir_all(folder(name)).unwrap();
            std::fs::write(folder(name).join("parties.csv"), "party_id\n").unwrap();
        }
        app.restart().await;
        let deadline = Instant::now() + LIMIT;
        let left = || folders.map(|name| app.data_dir().join("imports").join(name).exists());
        while left() != [false, false, true, true] {
            assert!(Instant::now() < deadline, "{:?}", left());
            sleep(Duration::from_millis(20)).await;
        }
    }
}
