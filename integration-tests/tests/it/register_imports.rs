//! Imports of the register over HTTP, from the form to what came of them: counts, bad rows, conflicts, and the end of what is gone.

use std::time::Duration;

use integration_tests::imports::{PATH, counts, ended, import, submit};
use integration_tests::mailings::{all_pages, list, member, number, text};
use integration_tests::register::{Register, Row, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const LIMIT: Duration = Duration::from_secs(60);

/// Fields and files of a form; where the fault is, and its code.
type BadForm = (Vec<(&'static str, &'static str)>, Vec<(&'static str, Vec<u8>)>, &'static str, &'static str);

/// A company with a home, its tenant with a tenancy, and so many people more.
fn sample(more: i64) -> Register {
    let people = (1..=more + 1).map(|id| person(id, &format!("Person {id}")));
    let mut register = Register::of(people)
        .property(1, None, "company", "As Oy Koivu")
        .property(2, Some(1), "unit", "A 1")
        .role(1, 2, "resident");
    register.roles[0] = register.roles[0].clone().with("contract_id", 10).with("role_id", "R1");
    let contract = Row::default().with("contract_id", 10).with("party_id", 1).with("property_id", 2);
    register.contracts.push(contract.with("kind", "tenancy").with("valid_from", "2020-01-01"));
    register
}

fn error_code(operation: &Value) -> String {
    assert_eq!(text(operation, "status"), "failed", "{operation:#}");
    text(&member(operation, "error"), "code")
}

async fn get(app: &TestApp, path: &str) -> Value {
    app.get(&format!("/api/v1{path}")).send().await.expect_status(200).json
}

/// Waits until nothing is left of the files that were sent.
async fn no_files_left(app: &TestApp) {
    let deadline = Instant::now() + LIMIT;
    while std::fs::read_dir(app.data_dir().join("imports")).map_or(0, Iterator::count) > 0 {
        assert!(Instant::now() < deadline, "files are left");
        sleep(Duration::from_millis(20)).await;
    }
}

on_both_databases! {
    async fn an_import_is_an_operation_with_counts_and_a_repetition_changes_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let accepted = submit(&app, &[], &sample(2)).await.expect_status(202);
        let location = accepted.header("location").unwrap().to_owned();
        assert_eq!(location, format!("/api/v1/operations/{}", text(&accepted.json, "operation_id")));
        assert_eq!((text(&accepted.json, "kind"), text(&accepted.json, "status")), ("register_import".into(), "queued".into()));
        let done = ended(&app, &location, LIMIT).await;
        assert_eq!(counts(&done, "parties"), [3, 0, 0, 0]);
        assert_eq!((counts(&done, "properties"), counts(&done, "contracts"), counts(&done, "roles")), ([2, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]));
        assert_eq!((member(&done, "error"), text(&done, "created_by")), (Value::Null, "test".to_owned()));
        assert!(member(&done, "started_at").is_string() && member(&done, "finished_at").is_string());
        assert_eq!(text(&get(&app, "/parties/3").await, "name"), "Person 3");
        let again = import(&app, &[("mode", "delta")], &sample(2)).await;
        assert_eq!((counts(&again, "parties"), counts(&again, "roles")), ([0, 0, 3, 0], [0, 0, 1, 0]));
        let mut changed = sample(2);
        changed.parties[0] = person(1, "Renamed One");
        assert_eq!(counts(&import(&app, &[], &changed).await, "parties"), [0, 1, 2, 0]);
        no_files_left(&app).await;
    }

    async fn bad_rows_are_listed_and_leave_everything_as_it_was_unless_they_are_to_be_skipped(database: Database) {
        let app = TestApp::start(database).await;
        let mut register = sample(2);
        register.parties[1] = register.parties[1].clone().with("language", "suomi");
        register.roles.push(Row::default().with("party_id", 99).with("property_id", 2).with("role", "resident"));
        let accepted = submit(&app, &[], &register).await.expect_status(202);
        let refused = ended(&app, accepted.header("location").unwrap(), LIMIT).await;
        assert_eq!(error_code(&refused), "bad_rows");
        assert_eq!(member(&refused, "result"), Value::Null);
        let id = text(&refused, "operation_id");
        let rows = all_pages(&app, &format!("{PATH}/{id}/bad-rows?")).await;
        let told: Vec<_> = rows.iter().map(|row| (text(row, "file"), number(row, "line"), text(row, "column"))).collect();
        let expected = [("parties.csv", 3, "language"), ("roles.csv", 3, "party_id")];
        assert_eq!(told, expected.map(|(file, line, column)| (file.to_owned(), line, column.to_owned())));
        app.get("/api/v1/parties/1").send().await.expect_problem(404, "not_found");

        let kept = import(&app, &[("skip_bad_rows", "true")], &register).await;
        assert_eq!((counts(&kept, "parties"), counts(&kept, "roles")), ([2, 0, 0, 0], [1, 0, 0, 0]));
        assert_eq!(kept.pointer("/result/bad_rows_total"), Some(&json!(2)));
        app.get(&format!("{PATH}/{}/bad-rows", uuid())).send().await.expect_problem(404, "not_found");
    }

    async fn a_form_that_cannot_be_an_import_is_refused_at_once(database: Database) {
        let app = TestApp::start(database).await;
        let header = || vec![("parties", b"party_id,name\n1,A\n".to_vec())];
        let good = sample(0).form();
        let cases: Vec<BadForm> = vec![
            (vec![], vec![], "", "missing_field"),
            (vec![], header(), "/parties", "invalid_header"),
            (vec![], vec![("parties", vec![])], "/parties", "invalid_header"),
            (vec![], vec![("people", vec![])], "/people", "unknown_field"),
            (vec![("mode", "all")], good.clone(), "/mode", "unknown_value"),
            (vec![("skip_bad_rows", "yes")], good.clone(), "/skip_bad_rows", "invalid_value"),
            (vec![("mode", "full"), ("skip_bad_rows", "true")], good.clone(), "/skip_bad_rows", "contradictory"),
            (vec![("mode", "full"), ("mode", "full")], good.clone(), "/mode", "duplicate_field"),
        ];
        for (fields, files, pointer, code) in cases {
            let reply = app.post(PATH).form(&fields, &files).send().await.expect_problem(422, "validation_failed");
            let error = &list(&reply.json, "errors")[0];
            assert_eq!((text(error, "pointer").as_str(), text(error, "code").as_str()), (pointer, code), "{}", reply.text());
        }
        app.post(PATH).json(&json!({})).send().await.expect_problem(415, "unsupported_media_type");
        app.post(PATH).body("multipart/form-data", "x").send().await.expect_problem(400, "bad_request");
        for scopes in ["register:read", ""] {
            let reply = app.post(PATH).bearer(&token(scopes, &json!({}))).form(&[], &good).send().await;
            reply.expect_problem(403, "missing_scope");
        }
        app.post(PATH).anonymous().form(&[], &good).send().await.expect_problem(401, "missing_token");
        app.get(&format!("/api/v1/operations/{}", uuid())).send().await.expect_problem(404, "not_found");
        no_files_left(&app).await;
    }

    async fn files_larger_than_the_limit_are_refused(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_IMPORT_LIMIT", "4096").started().await;
        submit(&app, &[], &sample(0)).await.expect_status(202);
        submit(&app, &[], &sample(100)).await.expect_problem(413, "body_too_large");
    }

    async fn a_repeated_request_is_the_same_import(database: Database) {
        let app = TestApp::start(database).await;
        let call = |register: &Register| app.post(PATH).idempotency_key("nightly-1").form(&[], &register.form());
        let first = call(&sample(0)).send().await.expect_status(202);
        let again = call(&sample(0)).send().await.expect_status(202);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(first.json, again.json);
        call(&sample(1)).send().await.expect_problem(422, "idempotency_key_reused");
        assert_eq!(counts(&ended(&app, first.header("location").unwrap(), LIMIT).await, "parties"), [1, 0, 0, 0]);
        no_files_left(&app).await;
    }

    async fn a_full_import_ends_what_the_files_lack(database: Database) {
        let app = TestApp::start(database).await;
        let mut register = sample(30);
        for number in 2..=30 {
            register = register.role(number, 2, "owner");
            let contract = Row::default().with("contract_id", number + 100).with("party_id", number).with("property_id", 2);
            register.contracts.push(contract.with("kind", "tenancy"));
        }
        register.roles[1] = register.roles[1].clone().with("valid_from", "2999-01-01");
        counts(&import(&app, &[], &register).await, "parties");
        let coming = get(&app, "/roles?party_id=2").await;
        assert_eq!(list(&coming, "items").len(), 1);

        let mut rest = register.clone();
        rest.parties.truncate(30);
        rest.roles.drain(1..3);
        rest.contracts.remove(0);
        rest.roles[0] = rest.roles[0].clone().with("contract_id", "");
        let done = import(&app, &[("mode", "full")], &rest).await;
        assert_eq!(counts(&done, "parties"), [0, 0, 30, 1]);
        assert_eq!((counts(&done, "contracts")[3], counts(&done, "roles")[3]), (1, 2));
        assert_eq!(counts(&done, "properties"), [0, 0, 2, 0]);
        assert_eq!(member(&get(&app, "/parties/31").await, "archived"), true);
        assert!(list(&get(&app, "/roles?party_id=2").await, "items").is_empty(), "a role that had not begun is gone");
        let ended = list(&get(&app, "/roles?party_id=3").await, "items");
        assert!(member(&ended[0], "valid_to").is_string(), "{ended:?}");
        assert!(member(&get(&app, "/contracts/10").await, "valid_to").is_string());
        let again = import(&app, &[("mode", "full")], &rest).await;
        assert_eq!((counts(&again, "parties")[3], counts(&again, "contracts")[3], counts(&again, "roles")[3]), (0, 0, 0));
        // What comes back is there again.
        let back = import(&app, &[("mode", "full")], &register).await;
        assert_eq!((counts(&back, "parties"), counts(&back, "roles")[0]), ([0, 1, 30, 0], 1));
        assert_eq!(member(&get(&app, "/parties/31").await, "archived"), false);
    }

    async fn a_full_import_that_would_end_too_much_needs_to_be_allowed(database: Database) {
        let app = TestApp::start(database).await;
        import(&app, &[], &sample(19)).await;
        let fewer = |count: usize| {
            let mut register = sample(19);
            register.parties.truncate(count);
            register
        };
        assert_eq!(counts(&import(&app, &[("mode", "full")], &fewer(18)).await, "parties")[3], 2, "a tenth is no mass");
        let refused = import(&app, &[("mode", "full")], &fewer(16)).await;
        assert_eq!(error_code(&refused), "mass_end");
        let message = text(&member(&refused, "error"), "message");
        assert!(message.contains("2 of 18 parties") && message.contains("allow_mass_end"), "{message}");
        assert_eq!(member(&get(&app, "/parties/17").await, "archived"), false, "nothing was changed");
        let allowed = import(&app, &[("mode", "full"), ("allow_mass_end", "true")], &fewer(16)).await;
        assert_eq!(counts(&allowed, "parties")[3], 2);

        let folder = app.folder().join("fewer");
        fewer(3).write(&folder);
        let folder = folder.display().to_string();
        let refused = app.command(&["import", &folder, "--mode", "full"]).await;
        assert!(!refused.status.success() && refused.stderr.contains("13 of 16 parties"), "{refused:?}");
        let allowed = app.command(&["import", &folder, "--mode", "full", "--allow-mass-end"]).await;
        assert!(allowed.status.success() && allowed.stdout.contains("3 unchanged, 13 archived"), "{allowed:?}");
    }

    async fn what_was_set_here_meets_a_full_import(database: Database) {
        let app = TestApp::start(database).await;
        import(&app, &[], &sample(20)).await;
        let set = async |path: &str, patch: Value| {
            app.patch(&format!("/api/v1{path}")).if_match("*").json(&patch).send().await.expect_status(200);
        };
        set("/contracts/10", json!({"valid_to": "2999-12-31", "language": "sv"})).await;
        let mut rest = sample(20);
        rest.contracts.clear();
        rest.roles.clear();
        let done = import(&app, &[("mode", "full"), ("allow_mass_end", "true")], &rest).await;
        assert_eq!(done.pointer("/result/conflicts"), Some(&json!(1)));
        let contract = get(&app, "/contracts/10").await;
        assert!(text(&contract, "valid_to").as_str() < "2999", "{contract}");
        assert_eq!(text(&contract, "language"), "sv", "of that the ERP has said nothing new");
        let conflicts = list(&get(&app, "/register-conflicts").await, "items");
        assert_eq!((text(&conflicts[0], "field"), text(&conflicts[0], "operation_id")), ("valid_to".into(), text(&done, "operation_id")));
    }

    async fn an_import_cut_off_by_a_crash_has_failed_and_one_that_waited_is_done(database: Database) {
        let mut app = TestApp::prepare(database).setting("POSTITUS_LEASE_SECONDS", "2").started().await;
        let many = sample(20_000);
        let first = submit(&app, &[], &many).await.expect_status(202);
        let second = submit(&app, &[], &sample(3)).await.expect_status(202);
        let [first, second] = [first, second].map(|reply| reply.header("location").unwrap().to_owned());
        let deadline = Instant::now() + LIMIT;
        while text(&app.get(&first).send().await.expect_status(200).json, "status") != "running" {
            assert!(Instant::now() < deadline);
            sleep(Duration::from_millis(5)).await;
        }
        app.kill9();
        app.restart().await;
        let cut_off = ended(&app, &first, LIMIT).await;
        assert_eq!(error_code(&cut_off), "interrupted");
        app.get("/api/v1/parties/20001").send().await.expect_problem(404, "not_found");
        assert_eq!(counts(&ended(&app, &second, LIMIT).await, "parties"), [4, 0, 0, 0]);
        assert_eq!(counts(&import(&app, &[], &many).await, "parties"), [19_997, 0, 4, 0]);
        no_files_left(&app).await;
    }
}

fn uuid() -> String {
    uuid::Uuid::from_u128(7).to_string()
}
