//! The two files as part of a register import.

use chrono::TimeDelta;
use integration_tests::imports::{PATH, counts, ended, import, submit};
use integration_tests::mailings::{all_pages, list, member, number, text};
use integration_tests::register::{Register, Row};
use integration_tests::{Database, TestApp, on_both_databases};
use std::time::Duration;

use super::{from_now, get, loan_row, sample};

const LIMIT: Duration = Duration::from_secs(60);

fn with_items() -> Register {
    let mut register = sample();
    register.key_loans =
        (1..=12).map(|number| loan_row(&format!("L{number}"), 1, "A 17", TimeDelta::days(-1))).collect();
    let row = Row::default().with("inspection_id", "T1").with("party_id", 2).with("property_id", 11);
    register.move_in_inspections = vec![row.with("deadline", from_now(TimeDelta::days(2)))];
    register
}

on_both_databases! {
    async fn loans_and_inspections_come_with_the_register_and_bad_rows_are_listed(database: Database) {
        let app = TestApp::start(database).await;
        let mut register = with_items();
        let good = register.clone();
        register.key_loans[1] = loan_row("L2", 99, "A 17", TimeDelta::days(-1));
        register.key_loans[2] = loan_row("L3", 1, "A 17", TimeDelta::days(-1)).with("due_at", "22.11.2026 16:00");
        register.key_loans[3] = loan_row("L1", 1, "A 17", TimeDelta::days(-1));
        register.move_in_inspections[0] = register.move_in_inspections[0].clone().with("link", "tarkastus");
        let accepted = submit(&app, &[], &register).await.expect_status(202);
        let refused = ended(&app, accepted.header("location").unwrap(), LIMIT).await;
        assert_eq!(text(&member(&refused, "error"), "code"), "bad_rows");
        let rows = all_pages(&app, &format!("{PATH}/{}/bad-rows?", text(&refused, "operation_id"))).await;
        let told: Vec<_> = rows.iter().map(|row| (text(row, "file"), number(row, "line"), text(row, "column"))).collect();
        let expected = [
            ("key_loans.csv", 3, "party_id"),
            ("key_loans.csv", 4, "due_at"),
            ("key_loans.csv", 5, "loan_id"),
            ("move_in_inspections.csv", 2, "link"),
        ];
        assert_eq!(told, expected.map(|(file, line, column)| (file.to_owned(), line, column.to_owned())));
        assert!(list(&get(&app, "/key-loans").await, "items").is_empty());
        let kept = import(&app, &[("skip_bad_rows", "true")], &register).await;
        assert_eq!((counts(&kept, "key_loans"), counts(&kept, "move_in_inspections")), ([9, 0, 0, 0], [0; 4]));
        let all = import(&app, &[], &good).await;
        assert_eq!((counts(&all, "key_loans"), counts(&all, "move_in_inspections")), ([3, 0, 9, 0], [1, 0, 0, 0]));
    }

    async fn a_full_import_calls_returned_what_the_erp_has_no_more(database: Database) {
        let app = TestApp::start(database).await;
        let register = with_items();
        import(&app, &[], &register).await;
        let own = super::loan(2, "made here", TimeDelta::days(-1));
        app.post("/api/v1/key-loans").json(&own).send().await.expect_status(201);

        let mut fewer = register.clone();
        fewer.key_loans.pop();
        let done = import(&app, &[("mode", "full")], &fewer).await;
        assert_eq!(counts(&done, "key_loans"), [0, 0, 11, 1]);
        let returned = list(&get(&app, "/key-loans?state=returned").await, "items");
        assert_eq!(returned.iter().map(|item| text(item, "erp_loan_id")).collect::<Vec<_>>(), ["L12"]);
        assert_eq!(list(&get(&app, "/key-loans?party_id=2&state=open").await, "items").len(), 1);

        fewer.key_loans.truncate(3);
        let accepted = submit(&app, &[("mode", "full")], &fewer).await.expect_status(202);
        let refused = ended(&app, accepted.header("location").unwrap(), LIMIT).await;
        assert_eq!(text(&member(&refused, "error"), "code"), "mass_end");
        assert!(text(&member(&refused, "error"), "message").contains("8 of 11 key loans"));
        let again = import(&app, &[("mode", "full")], &register).await;
        assert_eq!(counts(&again, "key_loans"), [0, 1, 11, 0], "the ERP has it again");
        assert!(list(&get(&app, "/key-loans?state=returned").await, "items").is_empty());
    }
}
