//! Folders and templates are added, found, changed and deleted by those who use them.

use integration_tests::attachments::{download, id, taken_in};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::templates::{added, changed, folder, path, read, template, version};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::names;

on_both_databases! {
    async fn a_clerk_keeps_templates_in_folders_of_a_channel(database: Database) {
        let mut app = TestApp::start(database).await;
        app.use_token(&token("mailings:read templates:write", &json!({"sub": "clerk"})));
        let mail = folder(&app, "email", "Postitustyökalu.Sähköpostipohjat").await;
        let sms = folder(&app, "sms", "Postitustyökalu.Tekstiviestipohjat").await;
        let folders = app.get("/api/v1/template-folders?channel=sms").send().await.expect_status(200).json;
        let folders = list(&folders, "items");
        assert_eq!((folders.len(), text(&folders[0], "folder_id")), (1, sms.clone()));
        assert_eq!(text(&folders[0], "created_by"), "clerk");

        let versions = [version("fi", "Vesikatko", "Hei {{ recipient.first_name|default('asukas') }}"), version("sv", "Vatten", "Hej")];
        let new = added(&app, &template(&mail, &versions, &json!({"format": "markdown"}))).await;
        let short = json!({"name": "Avain", "language_versions": [{"language": "fi", "body": "Palauta avain."}]});
        let text_message = added(&app, &template(&sms, &[], &short)).await;
        assert_eq!((text(&new, "channel"), text(&text_message, "channel")), ("email".to_owned(), "sms".to_owned()));
        assert_eq!((number(&new, "version"), member(&new, "occasion")), (1, Value::Null));

        // Usable at once: it is in the menu, with all its languages.
        let menu = app.get("/api/v1/templates?channel=email").send().await.expect_status(200).json;
        let menu = list(&menu, "items");
        assert_eq!((menu.len(), text(&menu[0], "name"), text(&menu[0], "etag")), (1, "Vesikatko".to_owned(), "\"1\"".to_owned()));
        assert_eq!(member(&menu[0], "languages"), json!(["fi", "sv"]));
        assert_eq!(read(&app, &new).await, new);

        let renamed = changed(&app, &new, &json!({"name": "Ämpäri"})).await;
        assert_eq!((number(&renamed, "version"), text(&renamed, "name")), (2, "Ämpäri".to_owned()));
        assert_eq!(member(&renamed, "language_versions"), member(&new, "language_versions"));
        let another = folder(&app, "email", "Muut").await;
        let moved = changed(&app, &new, &json!({"folder_id": another, "language_versions": [version("en", "Water", "Hello")]})).await;
        assert_eq!((text(&moved, "folder_id"), list(&moved, "language_versions").len()), (another.clone(), 1));
        added(&app, &template(&another, &[version("fi", "a", "b")], &json!({"name": "Zeta"}))).await;
        assert_eq!(names(&app, &format!("?folder_id={another}")).await, ["Zeta", "Ämpäri"], "in Finnish order");
        assert_eq!(names(&app, &format!("?folder_id={mail}")).await, [""; 0]);

        let first = app.get("/api/v1/templates?limit=2").send().await.expect_status(200).json;
        let rest = names(&app, &format!("?limit=2&cursor={}", text(&first, "next_cursor"))).await;
        assert_eq!((list(&first, "items").len(), rest), (2, vec!["Ämpäri".to_owned()]));

        let folder_path = format!("/api/v1/template-folders/{another}");
        app.delete(&folder_path).if_match("\"1\"").send().await.expect_problem(409, "template_folder_not_empty");
        app.delete(&path(&new)).if_match("\"3\"").send().await.expect_status(204);
        app.get(&path(&new)).send().await.expect_problem(404, "not_found");
        assert_eq!(names(&app, "?channel=email").await, ["Zeta"]);
        let renamed = app.patch(&folder_path).if_match("\"1\"").json(&json!({"name": "Muita"})).send().await;
        assert_eq!(renamed.expect_status(200).etag(), "\"2\"");
        let empty = format!("/api/v1/template-folders/{mail}");
        app.delete(&empty).if_match("\"1\"").send().await.expect_status(204);
        app.get(&empty).send().await.expect_problem(404, "not_found");
    }

    async fn a_template_is_added_once_however_often_it_is_sent(database: Database) {
        let app = TestApp::start(database).await;
        let mail = folder(&app, "email", "Vesi").await;
        let new = template(&mail, &[version("fi", "a", "b")], &json!({}));
        let send = || app.post("/api/v1/templates").idempotency_key("once").json(&new);
        let first = send().send().await.expect_status(201);
        let again = send().send().await.expect_status(201);
        assert_eq!(first.json, again.json);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(first.header("location"), Some(path(&first.json).as_str()));
        app.post("/api/v1/templates").json(&new).send().await.expect_problem(409, "template_name_taken");
    }

    async fn what_a_template_names_stays_and_is_in_use(database: Database) {
        let mut app = TestApp::start(database).await;
        let file = taken_in(&app, "ohje.txt", b"Vesi on poikki.").await;
        let attached = json!({"language": "fi", "subject": "a", "body": "b", "attachment_ids": [id(&file)]});
        let new = added(&app, &template(&folder(&app, "email", "Vesi").await, &[attached], &json!({}))).await;
        app.set("POSTITUS_ATTACHMENT_KEEP_HOURS", "0");
        app.restart().await;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        download(&app, &id(&file)).await.expect_status(200);
        let delete = || app.delete(&format!("/api/v1/attachments/{}", id(&file)));
        let refused = delete().send().await.expect_problem(409, "attachment_in_use");
        assert!(refused.text().contains("template"), "{}", refused.text());
        // A version that is no more the newest still has it.
        changed(&app, &new, &json!({"language_versions": [version("fi", "a", "b")]})).await;
        delete().send().await.expect_problem(409, "attachment_in_use");
        app.delete(&path(&new)).if_match("\"2\"").send().await.expect_status(204);
        delete().send().await.expect_status(204);
    }
}
