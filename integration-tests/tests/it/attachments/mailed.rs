//! Attachments named by contents: checked, approved, mailed with their language only, and kept.

use std::collections::BTreeMap;
use std::time::Duration;

use integration_tests::attachments::{download, id, taken_in};
use integration_tests::mailings::{
    approval, content, create, deliveries, draft, finished, list, mailing, member, number, preview, send, text, with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, MailFile, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{PNG, pdf};

const LIMIT: Duration = Duration::from_secs(30);

async fn app(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain());
    let app = TestApp::prepare(database).smtp(&smtp, "*@isannointi.example").started().await;
    let of = |id: i64, language: &str| person(id, &format!("Asukas {id}")).with("language", language);
    Register::of([of(1, "fi"), of(2, "sv"), of(3, "fi")]).import(&app).await;
    (app, smtp)
}

fn attached(language: &str, ids: &[String]) -> Value {
    with(content(language, "Vesikatko", "Hei {{ recipient.name }}"), &json!({"attachment_ids": ids}))
}

fn to_everyone(contents: &[Value]) -> Value {
    draft(&json!({"party_ids": [1, 2, 3]}), contents)
}

fn file(name: &str, content_type: &str, bytes: &[u8]) -> MailFile {
    MailFile { name: name.to_owned(), content_type: content_type.to_owned(), bytes: bytes.to_vec() }
}

on_both_databases! {
    async fn files_arrive_byte_for_byte_with_their_names_in_the_right_language_only(database: Database) {
        let (app, smtp) = app(database).await;
        let bytes = pdf(1_500_001);
        let name = "Vesikatko – ohje äyskärille (1).pdf";
        let guide = taken_in(&app, name, &bytes).await;
        let map = taken_in(&app, "kartta.png", PNG).await;
        let markdown = with(attached("sv", &[id(&map)]), &json!({"format": "markdown"}));
        let mailing_id = create(&app, &to_everyone(&[attached("fi", &[id(&map), id(&guide)]), markdown])).await;

        let shown = preview(&app, &mailing_id, 0).await;
        let versions = list(&shown, "attachments");
        let told: Vec<_> = versions
            .iter()
            .map(|version| {
                let names: Vec<_> = list(version, "files").iter().map(|file| text(file, "file_name")).collect();
                (text(version, "content_language"), names, number(version, "total_size"))
            })
            .collect();
        let sizes = [PNG.len() + bytes.len(), PNG.len()].map(|size| i64::try_from(size).unwrap());
        assert_eq!(told[0], ("fi".to_owned(), vec!["kartta.png".to_owned(), name.to_owned()], sizes[0]));
        assert_eq!(told[1], ("sv".to_owned(), vec!["kartta.png".to_owned()], sizes[1]));

        send(&app, &mailing_id, &approval(&shown), "k").await.expect_status(202);
        finished(&app, &mailing_id, LIMIT).await;
        let mails: BTreeMap<String, Mail> =
            smtp.messages().iter().map(Mail::from).map(|mail| (mail.to[0].clone(), mail)).collect();
        assert_eq!(mails.len(), 3);
        let (png, pdf) = (file("kartta.png", "image/png", PNG), file(name, "application/pdf", &bytes));
        for (party, expected) in [(1, vec![png.clone(), pdf.clone()]), (2, vec![png.clone()]), (3, vec![png, pdf])] {
            let mail = &mails[&format!("person{party}@example.fi")];
            assert!(mail.files == expected, "party {party}");
            assert_eq!(mail.text.as_deref().map(str::trim_end), Some(format!("Hei Asukas {party}").as_str()));
            assert_eq!(mail.html.is_some(), party == 2);
        }

        let rows = deliveries(&app, &mailing_id, None).await;
        let row = rows.iter().find(|row| number(row, "party_id") == 1).unwrap();
        let path = format!("/api/v1/mailings/{mailing_id}/deliveries/{}/message", number(row, "row_no"));
        let message = app.get(&path).send().await.expect_status(200).json;
        let names: Vec<_> = list(&message, "attachments").iter().map(|file| text(file, "file_name")).collect();
        assert_eq!(names, ["kartta.png", name]);
    }

    async fn only_attachments_that_are_there_can_be_named(database: Database) {
        let (app, _smtp) = app(database).await;
        let known = id(&taken_in(&app, "a.png", PNG).await);
        let unknown = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11".to_owned();
        let faults = |reply: &integration_tests::Reply| {
            let errors = list(&reply.json, "errors");
            errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect::<Vec<_>>()
        };
        let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        let body = to_everyone(&[attached("fi", &[known.clone(), unknown.clone()])]);
        let refused = app.post("/api/v1/mailings").json(&body).send().await.expect_problem(422, "validation_failed");
        assert_eq!(faults(&refused), fault("/contents/0/attachment_ids/1", "unknown_attachment"));

        let mailing_id = create(&app, &to_everyone(&[attached("fi", std::slice::from_ref(&known))])).await;
        let (path, before) = (format!("/api/v1/mailings/{mailing_id}"), mailing(&app, &mailing_id).await);
        let large = pdf(8 * 1024 * 1024);
        let mut three = Vec::new();
        for number in 0..3 {
            three.push(id(&taken_in(&app, &format!("{number}.pdf"), &large).await));
        }
        for (ids, pointer, code) in [
            (json!([unknown]), "/contents/0/attachment_ids/0", "unknown_attachment"),
            (json!([known, known]), "/contents/0/attachment_ids/1", "duplicate_attachment"),
            (json!(vec![unknown.clone(); 11]), "/contents/0/attachment_ids", "too_many_values"),
            (json!(three), "/contents/0/attachment_ids", "attachments_too_large"),
            (json!(["x"]), "/contents/0/attachment_ids/0", "invalid_value"),
        ] {
            let change = json!({"contents": [with(content("fi", "a", "b"), &json!({"attachment_ids": ids}))]});
            let refused = app.patch(&path).if_match("\"1\"").json(&change).send().await.expect_problem(422, "validation_failed");
            assert_eq!(faults(&refused), fault(pointer, code));
        }
        assert_eq!(mailing(&app, &mailing_id).await, before);
    }

    async fn what_was_approved_includes_the_attachments(database: Database) {
        let (app, smtp) = app(database).await;
        let [one, same_bytes, other] = [("a.png", PNG), ("a.png", PNG), ("b.png", PNG)];
        let (one, same_bytes, other) = (
            id(&taken_in(&app, one.0, one.1).await),
            id(&taken_in(&app, same_bytes.0, same_bytes.1).await),
            id(&taken_in(&app, other.0, other.1).await),
        );
        let sv = content("sv", "Ämne", "Hej");
        let mailing_id = create(&app, &to_everyone(&[attached("fi", std::slice::from_ref(&one)), sv.clone()])).await;
        let path = format!("/api/v1/mailings/{mailing_id}");
        let approved = preview(&app, &mailing_id, 0).await;
        assert_eq!(member(&approved, "content_hash"), member(&mailing(&app, &mailing_id).await, "content_hash"));
        for ids in [vec![], vec![other], vec![same_bytes]] {
            let etag = app.get(&path).send().await.etag();
            let change = json!({"contents": [attached("fi", &ids), sv]});
            app.patch(&path).if_match(&etag).json(&change).send().await.expect_status(200);
            send(&app, &mailing_id, &approval(&approved), &format!("k{ids:?}")).await.expect_problem(409, "content_changed");
        }
        let etag = app.get(&path).send().await.etag();
        let change = json!({"contents": [attached("fi", &[one]), sv]});
        app.patch(&path).if_match(&etag).json(&change).send().await.expect_status(200);
        send(&app, &mailing_id, &approval(&approved), "k").await.expect_status(202);
        finished(&app, &mailing_id, LIMIT).await;
        assert_eq!(smtp.count(), 3);
    }

    async fn what_a_mailing_names_cannot_be_deleted_until_its_draft_is(database: Database) {
        let (app, _smtp) = app(database).await;
        let [drafted, sent] = [taken_in(&app, "a.png", PNG).await, taken_in(&app, "b.png", PNG).await].map(|file| id(&file));
        let path = |id: &str| format!("/api/v1/attachments/{id}");
        let draft_id = create(&app, &to_everyone(&[attached("fi", std::slice::from_ref(&drafted))])).await;
        let sent_id = create(&app, &draft(&json!({"party_ids": [1]}), &[attached("fi", std::slice::from_ref(&sent))])).await;
        let shown = preview(&app, &sent_id, 0).await;
        send(&app, &sent_id, &approval(&shown), "k").await.expect_status(202);
        finished(&app, &sent_id, LIMIT).await;
        for id in [&drafted, &sent] {
            app.delete(&path(id)).send().await.expect_problem(409, "attachment_in_use");
        }
        app.delete(&format!("/api/v1/mailings/{draft_id}")).if_match("\"1\"").send().await.expect_status(204);
        app.delete(&path(&drafted)).send().await.expect_status(204);
        assert!(download(&app, &sent).await.expect_status(200).body == PNG);
    }

    async fn a_file_that_cannot_be_read_keeps_the_message_waiting_and_loses_nothing(database: Database) {
        let (app, smtp) = app(database).await;
        let bytes = pdf(10_000);
        let guide = taken_in(&app, "ohje.pdf", &bytes).await;
        let digest = text(&guide, "sha256");
        let place = app.data_dir().join("files").join(&digest[..2]).join(&digest);
        let aside = app.folder().join("aside");
        std::fs::rename(&place, &aside).unwrap();
        download(&app, &id(&guide)).await.expect_problem(500, "internal");
        let mailing_id = create(&app, &draft(&json!({"party_ids": [1]}), &[attached("fi", &[id(&guide)])])).await;
        let shown = preview(&app, &mailing_id, 0).await;
        send(&app, &mailing_id, &approval(&shown), "k").await.expect_status(202);
        let waiting = async {
            loop {
                let rows = deliveries(&app, &mailing_id, Some("queued")).await;
                let told = rows.first().map(|row| member(row, "last_detail").to_string()).unwrap_or_default();
                if told.contains("an attachment cannot be read") {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.expect("a reason");
        assert_eq!(app.log().matches("cannot be read").count(), 1, "it waits before it tries again");
        assert_eq!(smtp.count(), 0);
        std::fs::rename(&aside, &place).unwrap();
        finished(&app, &mailing_id, LIMIT).await;
        assert!(Mail::from(&smtp.messages()[0]).files == [file("ohje.pdf", "application/pdf", &bytes)]);
    }
}
