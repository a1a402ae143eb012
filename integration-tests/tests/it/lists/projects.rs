//! Projects, and the links between them and contact lists.

use integration_tests::mailings::{all_pages, list, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{LISTS, PROJECTS, a_list, made, start};

async fn linked(app: &TestApp, path: &str) -> Vec<String> {
    let read = app.get(path).send().await.expect_status(200).json;
    let name = if path.starts_with(PROJECTS) { "contact_lists" } else { "projects" };
    list(&read, name).iter().map(|link| text(link, "name")).collect()
}

on_both_databases! {
    async fn a_link_is_seen_from_both_sides_and_made_from_either(database: Database) {
        let app = start(database).await;
        let volunteers = a_list(&app, &[1]).await;
        let pipes = made(&app, PROJECTS, &json!({"name": "Putkiremontti", "list_ids": [volunteers]})).await;
        let yard = made(&app, PROJECTS, &json!({"name": "Piha"})).await;
        let board = made(&app, LISTS, &json!({"name": "Hallitus", "project_ids": [pipes, yard]})).await;
        let (of_pipes, of_board) = (format!("{PROJECTS}/{pipes}"), format!("{LISTS}/{board}"));
        assert_eq!(linked(&app, &of_pipes).await, ["Hallitus", "Talkoolaiset"]);
        assert_eq!(linked(&app, &of_board).await, ["Piha", "Putkiremontti"]);
        let listed = all_pages(&app, &format!("{LISTS}?")).await;
        assert_eq!(listed[0]["projects"], app.get(&of_board).send().await.json["projects"]);
        assert_eq!(listed[1]["projects"], json!([{"project_id": pipes, "name": "Putkiremontti"}]));
        assert_eq!(all_pages(&app, &format!("{PROJECTS}?")).await[0]["contact_lists"], json!([{"list_id": board, "name": "Hallitus"}]));

        // A changed link changes both sides, and what stands alone stays.
        let (before, side) = (app.get(&of_pipes).send().await, app.get(&of_board).send().await);
        let change = json!({"list_ids": [volunteers], "description": "Linjat 1–3"});
        let changed = app.patch(&of_pipes).if_match(&before.etag()).json(&change).send().await.expect_status(200);
        assert_eq!((text(&changed.json, "description"), linked(&app, &of_board).await), ("Linjat 1–3".to_owned(), vec!["Piha".to_owned()]));
        let stale = app.patch(&of_board).if_match(&side.etag()).json(&json!({"name": "x"})).send().await;
        stale.expect_problem(412, "stale_version");
        let renamed = app.patch(&of_board).if_match("*").json(&json!({"name": "Uusi hallitus"})).send().await.expect_status(200);
        assert_eq!(list(&renamed.json, "projects").len(), 1);
        assert_eq!(linked(&app, &format!("{PROJECTS}/{yard}")).await, ["Uusi hallitus"]);
        let undescribed = app.patch(&of_pipes).if_match("*").json(&json!({"description": null})).send().await.expect_status(200);
        assert_eq!(undescribed.json["description"], Value::Null);

        // Links go with either side; the other side stays.
        app.delete(&format!("{PROJECTS}/{yard}")).if_match("*").send().await.expect_status(204);
        assert!(linked(&app, &of_board).await.is_empty());
        app.delete(&format!("{LISTS}/{volunteers}")).if_match("*").send().await.expect_status(204);
        assert!(linked(&app, &of_pipes).await.is_empty());
        app.get(&format!("{PROJECTS}/{yard}")).send().await.expect_problem(404, "not_found");
    }

    async fn links_to_what_is_not_there_are_refused(database: Database) {
        let app = start(database).await;
        let unknown = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55";
        for (path, member, code) in [(PROJECTS, "list_ids", "unknown_list"), (LISTS, "project_ids", "unknown_project")] {
            let body = json!({"name": "x", member: [unknown]});
            let refused = app.post(path).json(&body).send().await.expect_problem(422, "validation_failed");
            let error = &refused.json["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(format!("/{member}/0")), &json!(code)));
            let body = json!({"name": "x", member: vec![unknown; 201]});
            let refused = app.post(path).json(&body).send().await.expect_problem(422, "validation_failed");
            assert_eq!(refused.json["errors"][0]["code"], "too_many_values");
            let id = made(&app, path, &json!({"name": "x"})).await;
            let call = app.patch(&format!("{path}/{id}")).if_match("*").json(&json!({member: [unknown], "name": "y"}));
            call.send().await.expect_problem(422, "validation_failed");
            assert_eq!(text(&app.get(&format!("{path}/{id}")).send().await.json, "name"), "x", "nothing was changed");
        }
    }
}
