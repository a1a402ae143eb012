//! Templates that make no sense are not kept, and change nothing.

use integration_tests::mailings::{list, member, text, with};
use integration_tests::templates::{added, folder, path, read, template, version};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{faults, names};

const NOWHERE: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";

fn at(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

on_both_databases! {
    async fn a_template_that_makes_no_sense_is_not_kept(database: Database) {
        let app = TestApp::start(database).await;
        let (mail, sms) = (folder(&app, "email", "Vesi").await, folder(&app, "sms", "Vesi").await);
        let good = template(&mail, &[version("fi", "Vesikatko", "Hei")], &json!({}));
        let one = |version: Value| json!({"language_versions": [version]});
        let body = |text: &str| one(version("fi", "a", text));
        let file = |ids: Value| one(with(version("fi", "a", "b"), &json!({"attachment_ids": ids})));
        for (changes, pointer, code) in [
            (json!({"folder_id": NOWHERE}), "/folder_id", "unknown_folder"),
            (json!({"name": " "}), "/name", "required"),
            (json!({"name": "a\r\nb"}), "/name", "control_character"),
            (json!({"name": "ä".repeat(201)}), "/name", "too_long"),
            (json!({"name": "a\u{0}"}), "/name", "nul_character"),
            (json!({"format": "rtf"}), "/format", "unknown_value"),
            (json!({"channel": "email"}), "/channel", "unknown_field"),
            (json!({"language_versions": []}), "/language_versions", "out_of_range"),
            (json!({"language_versions": null}), "/language_versions", "wrong_type"),
            (json!({"occasion": {"kind": "birthday"}}), "/occasion/kind", "unknown_value"),
            (json!({"occasion": {"kind": "workflow"}}), "/occasion/workflow_ref", "required"),
            (json!({"occasion": {"kind": "points_statement", "workflow_ref": "a"}}), "/occasion/workflow_ref", "not_available"),
            (body("{{ recipient.shoe_size }}"), "/language_versions/0/body", "unknown_merge_field"),
            (body("{{ loan.key }}"), "/language_versions/0/body", "merge_field_of_occasion"),
            (body("{% for x in y %}{% endfor %}"), "/language_versions/0/body", "template_construct_not_allowed"),
            (body("{{ recipient.name "), "/language_versions/0/body", "template_syntax"),
            (body(""), "/language_versions/0/body", "required"),
            (body(&"a".repeat(512 * 1024 + 1)), "/language_versions/0/body", "too_long"),
            (one(version("fi", "{{ nope }}", "b")), "/language_versions/0/subject", "unknown_merge_field"),
            (one(version("suomi", "a", "b")), "/language_versions/0/language", "invalid_language"),
            (json!({"language_versions": [version("fi", "a", "b"), version("FI", "a", "b")]}), "/language_versions/1/language", "duplicate_language"),
            (file(json!([NOWHERE])), "/language_versions/0/attachment_ids/0", "unknown_attachment"),
            (file(json!([NOWHERE, NOWHERE])), "/language_versions/0/attachment_ids/1", "duplicate_attachment"),
            (json!({"folder_id": sms}), "/language_versions/0/subject", "not_available"),
            (with(one(json!({"language": "fi", "body": "a"})), &json!({"folder_id": sms, "format": "html"})), "/format", "format_not_available"),
        ] {
            let reply = app.post("/api/v1/templates").json(&with(good.clone(), &changes)).send().await;
            assert_eq!(faults(reply), at(pointer, code), "{changes}");
        }
        let told = app.post("/api/v1/templates").json(&with(good.clone(), &body("Hei\nÄiti {{ recipient.nmae }}"))).send().await;
        let message = text(&list(&told.json, "errors")[0], "message");
        assert!(message.starts_with("Line 2, column 9: ") && message.contains("`recipient.name`"), "{message}");
        assert_eq!(names(&app, "").await, [""; 0]);
    }

    async fn a_change_that_makes_no_sense_changes_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let (mail, sms) = (folder(&app, "email", "Vesi").await, folder(&app, "sms", "Vesi").await);
        let new = added(&app, &template(&mail, &[version("fi", "Vesikatko", "Hei")], &json!({}))).await;
        added(&app, &template(&mail, &[version("fi", "a", "b")], &json!({"name": "Öljy"}))).await;
        let patch = |body: &Value| app.patch(&path(&new)).if_match("\"1\"").json(body);
        for (body, pointer, code) in [
            (json!({"nmae": "a"}), "/nmae", "unknown_field"),
            (json!({"folder_id": sms}), "/folder_id", "folder_of_another_channel"),
            (json!({"folder_id": NOWHERE}), "/folder_id", "unknown_folder"),
            (json!({"language_versions": [version("fi", "a", "{{ nope }}")]}), "/language_versions/0/body", "unknown_merge_field"),
        ] {
            assert_eq!(faults(patch(&body).send().await), at(pointer, code), "{body}");
        }
        patch(&json!({"name": " ÖLJY"})).send().await.expect_problem(409, "template_name_taken");
        app.patch(&path(&new)).json(&json!({"name": "a"})).send().await.expect_problem(428, "if_match_required");
        app.patch(&path(&new)).if_match("\"2\"").json(&json!({"name": "a"})).send().await.expect_problem(412, "stale_version");
        app.delete(&path(&new)).if_match("\"2\"").send().await.expect_problem(412, "stale_version");
        assert_eq!(read(&app, &new).await, new);
        for path in [format!("/api/v1/templates/{NOWHERE}"), format!("/api/v1/templates/{NOWHERE}/versions")] {
            app.get(&path).send().await.expect_problem(404, "not_found");
        }
        let render = |body: &Value| app.post(&format!("{}/render", path(&new))).json(body);
        assert_eq!(faults(render(&json!({"party_id": 1, "language": "suomi"})).send().await), at("/language", "invalid_language"));
        assert_eq!(faults(render(&json!({})).send().await), at("/party_id", "missing_field"));
        for query in ["channel=fax", "occasion=birthday", "folder_id=7", "workflow_ref=", "limit=0", "name=a"] {
            app.get(&format!("/api/v1/templates?{query}")).send().await.expect_problem(400, "invalid_query");
        }
        app.get("/api/v1/templates?cursor=x").send().await.expect_problem(400, "invalid_cursor");
    }

    async fn folders_that_make_no_sense_are_refused(database: Database) {
        let app = TestApp::start(database).await;
        let vesi = folder(&app, "email", "Vesi").await;
        folder(&app, "email", "Öljy").await;
        let add = |body: &Value| app.post("/api/v1/template-folders").json(body);
        for (body, pointer, code) in [
            (json!({"channel": "fax", "name": "a"}), "/channel", "unknown_value"),
            (json!({"channel": "email", "name": " "}), "/name", "required"),
            (json!({"channel": "email", "name": "a\tb"}), "/name", "control_character"),
            (json!({"channel": "email"}), "/name", "missing_field"),
        ] {
            assert_eq!(faults(add(&body).send().await), at(pointer, code), "{body}");
        }
        add(&json!({"channel": "email", "name": "öljy"})).send().await.expect_problem(409, "template_folder_name_taken");
        let path = format!("/api/v1/template-folders/{vesi}");
        let rename = |name: &str| app.patch(&path).if_match("\"1\"").json(&json!({"name": name}));
        rename("Öljy").send().await.expect_problem(409, "template_folder_name_taken");
        assert_eq!(faults(rename("").send().await), at("/name", "required"));
        app.patch(&path).if_match("\"4\"").json(&json!({"name": "a"})).send().await.expect_problem(412, "stale_version");
        app.delete(&path).send().await.expect_problem(428, "if_match_required");
        assert_eq!(member(&app.get(&path).send().await.expect_status(200).json, "name"), "Vesi");
    }

    async fn only_those_who_may_keep_templates(database: Database) {
        let app = TestApp::start(database).await;
        let mail = folder(&app, "email", "Vesi").await;
        let new = template(&mail, &[version("fi", "a", "b")], &json!({}));
        let writer = token("mailings:read mailings:write", &json!({}));
        app.post("/api/v1/templates").bearer(&writer).json(&new).send().await.expect_problem(403, "missing_scope");
        let kept = added(&app, &new).await;
        app.get(&path(&kept)).bearer(&writer).send().await.expect_status(200);
        app.delete(&path(&kept)).bearer(&writer).if_match("\"1\"").send().await.expect_problem(403, "missing_scope");
        let reader = token("mailings:read", &json!({}));
        let render = app.post(&format!("{}/render", path(&kept))).bearer(&reader).json(&json!({"party_id": 1}));
        render.send().await.expect_problem(403, "missing_scope");
    }
}
