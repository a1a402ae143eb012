//! Every save is a version that can be read and restored.

use integration_tests::mailings::{list, member, number, text};
use integration_tests::templates::{added, changed, folder, path, read, template, version};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::faults;

on_both_databases! {
    async fn what_a_template_said_can_be_read_and_restored(database: Database) {
        let app = TestApp::start(database).await;
        let mail = folder(&app, "email", "Vesi").await;
        let new = added(&app, &template(&mail, &[version("fi", "Vesikatko", "Ensin")], &json!({}))).await;
        changed(&app, &new, &json!({"language_versions": [version("fi", "Vesikatko", "Sitten"), version("sv", "a", "b")]})).await;
        changed(&app, &new, &json!({"name": "Uusi nimi", "format": "markdown"})).await;

        let versions = format!("{}/versions", path(&new));
        let page = app.get(&versions).send().await.expect_status(200).json;
        let saves = list(&page, "items");
        assert_eq!(saves.iter().map(|save| number(save, "version")).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!((text(&saves[2], "name"), member(&saves[1], "languages")), ("Vesikatko".to_owned(), json!(["fi", "sv"])));
        assert!(saves.iter().all(|save| member(save, "restored_from") == Value::Null));
        let first = app.get(&format!("{versions}?limit=1")).send().await.expect_status(200).json;
        let next = app.get(&format!("{versions}?limit=1&cursor={}", text(&first, "next_cursor"))).send().await;
        assert_eq!(number(&list(&next.expect_status(200).json, "items")[0], "version"), 2);

        let old = app.get(&format!("{versions}/1")).send().await.expect_status(200).json;
        assert_eq!(list(&member(&old, "content"), "language_versions")[0]["body"], "Ensin");
        app.get(&format!("{versions}/9")).send().await.expect_problem(404, "not_found");

        let restore = |number: i64| app.post(&format!("{versions}/{number}/restore"));
        restore(1).send().await.expect_problem(428, "if_match_required");
        restore(1).if_match("\"2\"").send().await.expect_problem(412, "stale_version");
        restore(9).if_match("\"3\"").send().await.expect_problem(404, "not_found");
        let restored = restore(1).if_match("\"3\"").send().await.expect_status(200);
        assert_eq!(restored.etag(), "\"4\"");
        let now = read(&app, &new).await;
        assert_eq!(now, restored.json);
        assert_eq!((text(&now, "name"), text(&now, "format")), ("Uusi nimi".to_owned(), "text".to_owned()));
        assert_eq!(member(&now, "language_versions"), member(&new, "language_versions"));
        let page = app.get(&versions).send().await.expect_status(200).json;
        assert_eq!(number(&list(&page, "items")[0], "restored_from"), 1);
    }

    async fn what_is_not_allowed_any_more_is_not_restored(database: Database) {
        let app = TestApp::start(database).await;
        let mail = folder(&app, "email", "Avaimet").await;
        let occasion = json!({"occasion": {"kind": "overdue_key_loan"}});
        let new = added(&app, &template(&mail, &[version("fi", "a", "{{ loan.key }}")], &occasion)).await;
        let other = json!({"occasion": null, "language_versions": [version("fi", "a", "b")]});
        changed(&app, &new, &other).await;
        let restore = app.post(&format!("{}/versions/1/restore", path(&new))).if_match("\"2\"").send().await;
        assert_eq!(faults(restore), [("/language_versions/0/body".to_owned(), "merge_field_of_occasion".to_owned())]);
        assert_eq!(number(&read(&app, &new).await, "version"), 2);
    }
}
