//! The merge fields and the occasions, and the templates that serve an occasion.

use integration_tests::mailings::{list, member, text};
use integration_tests::templates::{added, changed, folder, read, template, version};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{faults, names};

on_both_databases! {
    async fn every_field_is_documented_with_an_example(database: Database) {
        let app = TestApp::start(database).await;
        let answer = app.get("/api/v1/merge-fields").send().await.expect_status(200).json;
        let fields = list(&answer, "fields");
        let named = |name: &str| fields.iter().find(|field| member(field, "name") == name).cloned().unwrap();
        assert_eq!(text(&named("recipient.first_name"), "example"), "Matti");
        assert_eq!(member(&named("property.name"), "occasion"), Value::Null);
        assert_eq!(text(&named("loan.key"), "occasion"), "overdue_key_loan");
        for field in &fields {
            assert!(!text(field, "description").is_empty() && !text(field, "example").is_empty(), "{field}");
        }
        // All that is always there can be used, and so can what an occasion offers by what is bound to it.
        let mail = folder(&app, "email", "Kaikki").await;
        for occasion in [None, Some("overdue_key_loan"), Some("move_in_inspection_due")] {
            let there = fields.iter().filter(|field| {
                member(field, "occasion").is_null() || occasion.is_some_and(|kind| member(field, "occasion") == kind)
            });
            let body: String = there.map(|field| format!("{{{{ {} }}}} ", text(field, "name"))).collect();
            let changes = json!({"name": occasion.unwrap_or("none"), "occasion": occasion.map(|kind| json!({"kind": kind}))});
            added(&app, &template(&mail, &[version("fi", "a", &body)], &changes)).await;
        }
    }

    async fn templates_are_bound_to_occasions_and_found_by_them(database: Database) {
        let app = TestApp::start(database).await;
        let occasions = app.get("/api/v1/occasions").send().await.expect_status(200).json;
        let kinds: Vec<_> = list(&occasions, "occasions").iter().map(|one| text(one, "kind")).collect();
        assert_eq!(kinds, ["overdue_key_loan", "move_in_inspection_due", "points_statement", "workflow"]);
        let offered = list(&list(&occasions, "occasions")[0], "fields");
        assert!(offered.iter().any(|field| text(field, "name") == "loan.due_at"));

        let (mail, sms) = (folder(&app, "email", "Avaimet").await, folder(&app, "sms", "Avaimet").await);
        let bound = |folder: &str, name: &str, occasion: Value| {
            let body = json!({"language": "fi", "body": "Palauta avain."});
            template(folder, &[body], &json!({"name": name, "occasion": occasion}))
        };
        let loan = |default: bool| json!({"kind": "overdue_key_loan", "default": default});
        let first = added(&app, &bound(&mail, "Avain 1", loan(true))).await;
        let second = added(&app, &bound(&mail, "Avain 2", loan(false))).await;
        added(&app, &bound(&sms, "Avain", loan(true))).await;
        for workflow in ["huolto", "muutto"] {
            let occasion = json!({"kind": "workflow", "workflow_ref": workflow});
            added(&app, &bound(&mail, workflow, occasion)).await;
        }
        assert_eq!(names(&app, "?occasion=overdue_key_loan&channel=email").await, ["Avain 1", "Avain 2"]);
        assert_eq!(names(&app, "?occasion=overdue_key_loan&channel=sms").await, ["Avain"]);
        assert_eq!(names(&app, "?occasion=workflow&workflow_ref=huolto").await, ["huolto"]);
        assert_eq!(names(&app, "?occasion=points_statement").await, [""; 0]);
        assert_eq!(member(&first, "occasion"), json!({"kind": "overdue_key_loan", "workflow_ref": null, "default": true}));

        // There is one default of an occasion and channel; it is passed on by hand.
        let patch = json!({"occasion": {"default": true}});
        let path = integration_tests::templates::path(&second);
        let taken = app.patch(&path).if_match("\"1\"").json(&json!({"occasion": loan(true)})).send().await;
        assert!(taken.expect_problem(409, "occasion_default_taken").text().contains("Avain 1"));
        changed(&app, &first, &json!({"occasion": null})).await;
        let second = changed(&app, &second, &json!({"occasion": loan(true)})).await;
        assert_eq!(member(&member(&second, "occasion"), "default"), true);
        assert_eq!(names(&app, "?occasion=overdue_key_loan&channel=email").await, ["Avain 2"]);
        assert_eq!(member(&read(&app, &first).await, "occasion"), Value::Null);

        // A binding is named whole.
        let partly = app.patch(&path).if_match("\"2\"").json(&patch).send().await;
        assert_eq!(faults(partly), [("/occasion/kind".to_owned(), "missing_field".to_owned())]);
    }
}
