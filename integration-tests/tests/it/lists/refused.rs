//! What is refused, with its pointer and its code, and that nothing is changed by it.

use integration_tests::mailings::{all_pages, text};
use integration_tests::{Database, on_both_databases};
use serde_json::{Value, json};

use super::{LISTS, PROJECTS, QUERIES, a_list, a_query, made, resident, start};

on_both_databases! {
    async fn names_filters_and_members_must_mean_something(database: Database) {
        let app = start(database).await;
        let long = "x".repeat(201);
        let filter = json!({"all": [resident(), {"party": {"field": "shoe_size", "op": "eq", "value": "42"}}]});
        for (path, body, pointer, code) in [
            (QUERIES, json!({"filter": resident()}), "/name", "missing_field"),
            (QUERIES, json!({"name": "x"}), "/filter", "missing_field"),
            (QUERIES, json!({"name": "x", "filter": {}}), "/filter", "exactly_one_key"),
            (QUERIES, json!({"name": "x", "filter": filter}), "/filter/all/1/party/field", "unknown_field"),
            (QUERIES, json!({"name": "x", "filter": {"role": {"codes": ["a"]}, "colour": 1}}), "/filter/colour", "unknown_field"),
            (QUERIES, json!({"name": " ", "filter": resident()}), "/name", "required"),
            (QUERIES, json!({"name": "x\ny", "filter": resident()}), "/name", "control_character"),
            (QUERIES, json!({"name": long, "filter": resident()}), "/name", "too_long"),
            (LISTS, json!({}), "/name", "missing_field"),
            (LISTS, json!({"name": ""}), "/name", "required"),
            (LISTS, json!({"name": "x", "description": "\u{7}"}), "/description", "control_character"),
            (LISTS, json!({"name": "x", "query_id": 7}), "/query_id", "wrong_type"),
            (LISTS, json!({"name": "x", "query_id": "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55"}), "/query_id", "unknown_query"),
            (LISTS, json!({"name": "x", "members": [1]}), "/members", "unknown_field"),
            (LISTS, json!({"name": "x", "project_ids": null}), "/project_ids", "wrong_type"),
            (PROJECTS, json!({"name": long}), "/name", "too_long"),
            (PROJECTS, json!({"name": "x", "description": "y".repeat(2001)}), "/description", "too_long"),
        ] {
            let refused = app.post(path).json(&body).send().await.expect_problem(422, "validation_failed");
            let errors = refused.json["errors"].as_array().unwrap().clone();
            let error = errors.iter().find(|error| error["pointer"] == pointer);
            assert_eq!(error.map(|error| text(error, "code")).as_deref(), Some(code), "{body}: {errors:?}");
        }
        for path in [QUERIES, LISTS, PROJECTS] {
            assert_eq!(all_pages(&app, &format!("{path}?")).await, Vec::<Value>::new());
        }
        let list = a_list(&app, &[1]).await;
        let members = format!("{LISTS}/{list}/members");
        for (ids, pointer, code) in [
            (json!([]), "/party_ids", "empty_list"),
            (json!([1, 0, -3]), "/party_ids/1", "invalid_value"),
            (json!([9_007_199_254_740_992_i64]), "/party_ids/0", "invalid_value"),
            (json!((1..=10_001).collect::<Vec<_>>()), "/party_ids", "too_many_values"),
            (json!(["1"]), "/party_ids/0", "wrong_type"),
            (json!(null), "/party_ids", "wrong_type"),
        ] {
            for path in [members.clone(), format!("{members}/remove")] {
                let refused = app.post(&path).json(&json!({"party_ids": ids})).send().await.expect_problem(422, "validation_failed");
                assert_eq!((text(&refused.json["errors"][0], "pointer"), text(&refused.json["errors"][0], "code")), (pointer.to_owned(), code.to_owned()));
            }
        }
        let unchanged = app.get(&format!("{LISTS}/{list}")).send().await.expect_status(200).json;
        assert_eq!((&unchanged["member_count"], &unchanged["version"]), (&json!(1), &json!(2)));
    }

    async fn changes_must_mean_something_and_name_their_version(database: Database) {
        let app = start(database).await;
        let query = a_query(&app, &resident()).await;
        let list = a_list(&app, &[1]).await;
        let project = made(&app, PROJECTS, &json!({"name": "x"})).await;
        let (of_query, of_list) = (format!("{QUERIES}/{query}"), format!("{LISTS}/{list}"));
        let of_project = format!("{PROJECTS}/{project}");
        for (path, change, pointer, code) in [
            (&of_query, json!({"name": null}), "/name", "wrong_type"),
            (&of_query, json!({"filter": {"party_ids": []}}), "/filter/party_ids", "empty_list"),
            (&of_query, json!({"version": 3}), "/version", "unknown_field"),
            (&of_list, json!({"query_id": query}), "/query_id", "list_of_members"),
            (&of_list, json!({"query_id": null}), "/query_id", "wrong_type"),
            (&of_list, json!({"name": "\n"}), "/name", "required"),
            (&of_project, json!({"list_ids": "x"}), "/list_ids", "wrong_type"),
        ] {
            let before = app.get(path).send().await;
            let refused = app.patch(path).if_match("*").json(&change).send().await.expect_problem(422, "validation_failed");
            let error = &refused.json["errors"][0];
            assert_eq!((text(error, "pointer"), text(error, "code")), (pointer.to_owned(), code.to_owned()), "{change}");
            assert_eq!(app.get(path).send().await.etag(), before.etag());
        }
        for path in [&of_query, &of_list, &of_project] {
            app.delete(path).send().await.expect_problem(428, "if_match_required");
            app.delete(path).if_match("\"stale\"").send().await.expect_problem(412, "stale_version");
            app.patch(path).if_match("\"stale\"").json(&json!({"name": "y"})).send().await.expect_problem(412, "stale_version");
            let unknown = format!("{}/0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55", path.rsplit_once('/').unwrap().0);
            app.get(&unknown).send().await.expect_problem(404, "not_found");
            app.patch(&unknown).if_match("*").json(&json!({"name": "y"})).send().await.expect_problem(404, "not_found");
            app.delete(&unknown).if_match("*").send().await.expect_problem(404, "not_found");
            app.get(&format!("{path}x")).send().await.expect_problem(404, "not_found");
        }
        for path in ["members", "reach"] {
            let unknown = format!("{LISTS}/0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55/{path}");
            app.get(&unknown).send().await.expect_problem(404, "not_found");
        }
    }
}
