//! The user's own last message on a channel is the start of the next one, until it is cleared.

use integration_tests::attachments::{id, taken_in};
use integration_tests::mailings::{content, create, draft, member, text, with};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use serde_json::{Value, json};

const EMAIL: &str = "/api/v1/me/last-messages/email";

async fn read(app: &TestApp, path: &str, subject: &str) -> Reply {
    app.get(path).bearer(&token("mailings:write", &json!({"sub": subject}))).send().await
}

async fn write(app: &TestApp, subject: &str, draft: &Value) -> String {
    let call = app.post("/api/v1/mailings").bearer(&token("mailings:write", &json!({"sub": subject})));
    text(&call.json(draft).send().await.expect_status(201).json, "mailing_id")
}

fn of(body: &str) -> Value {
    draft(&json!({}), &[content("fi", "Aihe", body), content("sv", "Ämne", body)])
}

on_both_databases! {
    async fn what_a_user_wrote_last_is_theirs_alone_and_the_start_of_the_next(database: Database) {
        let app = TestApp::start(database).await;
        read(&app, EMAIL, "aino").await.expect_problem(404, "not_found");
        let first = write(&app, "aino", &of("Ensimmäinen")).await;
        write(&app, "bertil", &of("Muun")).await;
        let kept = read(&app, EMAIL, "aino").await.expect_status(200).json;
        assert_eq!((text(&kept, "mailing_id"), text(&kept, "channel")), (first.clone(), "email".to_owned()));
        assert_eq!(kept.pointer("/contents/1/body"), Some(&json!("Ensimmäinen")));
        assert_eq!(text(&member(&kept, "sender"), "name"), "Isännöinti Oy");
        // It goes into a draft as it is.
        let next = json!({"name": "Seuraava", "purpose": "service", "contents": member(&kept, "contents"), "sender": member(&kept, "sender")});
        let second = write(&app, "aino", &next).await;
        assert_eq!(text(&read(&app, EMAIL, "aino").await.json, "mailing_id"), second);

        let aino = token("mailings:write", &json!({"sub": "aino"}));
        let path = format!("/api/v1/mailings/{first}");
        let rename = app.patch(&path).bearer(&aino).if_match("*").json(&json!({"name": "Toinen nimi"}));
        rename.send().await.expect_status(200);
        assert_eq!(text(&read(&app, EMAIL, "aino").await.json, "mailing_id"), second, "a name is no message");
        let change = app.patch(&path).bearer(&aino).if_match("*").json(&json!({"contents": [content("fi", "A", "Muutettu")]}));
        change.send().await.expect_status(200);
        let kept = read(&app, EMAIL, "aino").await.json;
        assert_eq!((text(&kept, "mailing_id"), kept.pointer("/contents/0/body")), (first.clone(), Some(&json!("Muutettu"))));
        app.delete(&path).bearer(&aino).if_match("*").send().await.expect_status(204);
        let kept = read(&app, EMAIL, "aino").await.expect_status(200).json;
        assert_eq!(text(&kept, "mailing_id"), first, "what was written stays, though its draft is gone");
    }

    async fn it_can_be_cleared_and_is_kept_by_channel(database: Database) {
        let app = TestApp::start(database).await;
        let portal = with(content("fi", "Tiedote", "Portaaliin"), &json!({"channel": "internetviesti"}));
        let both = with(of("Sähköpostiin"), &json!({"delivery": {"channels": ["email", "internetviesti"]}, "contents": [content("fi", "A", "Sähköpostiin"), portal]}));
        write(&app, "aino", &both).await;
        let clear = || app.delete(EMAIL).bearer(&token("mailings:write", &json!({"sub": "aino"})));
        clear().send().await.expect_problem(428, "if_match_required");
        clear().if_match("\"1\"").send().await.expect_problem(412, "stale_version");
        let etag = read(&app, EMAIL, "aino").await.expect_status(200).etag();
        clear().if_match(&etag).send().await.expect_status(204);
        read(&app, EMAIL, "aino").await.expect_problem(404, "not_found");
        clear().if_match("*").send().await.expect_problem(404, "not_found");
        let kept = read(&app, "/api/v1/me/last-messages/internetviesti", "aino").await.expect_status(200).json;
        assert_eq!(kept.pointer("/contents/0/body"), Some(&json!("Portaaliin")));
        assert_eq!(kept["contents"].as_array().unwrap().len(), 1);
        write(&app, "aino", &json!({"name": "Tyhjä", "purpose": "service"})).await;
        write(&app, "aino", &draft(&json!({}), &[content("fi", "Aihe", " ")])).await;
        read(&app, EMAIL, "aino").await.expect_problem(404, "not_found");
        for path in ["/api/v1/me/last-messages/fax", "/api/v1/me/last-messages/sms"] {
            read(&app, path, "aino").await.expect_problem(404, "not_found");
        }
        app.delete("/api/v1/me/last-messages/fax").if_match("*").send().await.expect_problem(404, "not_found");
        let reader = token("mailings:read", &json!({"sub": "aino"}));
        app.get(EMAIL).bearer(&reader).send().await.expect_problem(403, "missing_scope");
    }

    async fn a_file_that_is_gone_is_not_offered(database: Database) {
        let app = TestApp::start(database).await;
        let file = id(&taken_in(&app, "ohje.txt", b"Vesi on poikki.").await);
        let named = with(content("fi", "Aihe", "Liite"), &json!({"attachment_ids": [file]}));
        let mailing = create(&app, &draft(&json!({}), &[named])).await;
        let kept = app.get(EMAIL).send().await.expect_status(200).json;
        assert_eq!(kept.pointer("/contents/0/attachment_ids"), Some(&json!([file])));
        app.delete(&format!("/api/v1/mailings/{mailing}")).if_match("*").send().await.expect_status(204);
        app.delete(&format!("/api/v1/attachments/{file}")).send().await.expect_status(204);
        let kept = app.get(EMAIL).send().await.expect_status(200).json;
        assert_eq!(kept.pointer("/contents/0/attachment_ids"), Some(&json!([])));
    }
}
