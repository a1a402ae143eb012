//! Templates from files: as a clerk has them on the computer.

use integration_tests::mailings::{list, member, number, text};
use integration_tests::register::{Register, person};
use integration_tests::templates::{added, folder, read, rendered, template, version};
use integration_tests::{Call, Database, Reply, TestApp, on_both_databases, token};
use serde_json::json;

use super::{faults, names};

const DOCX: &[u8] = include_bytes!("../../../../domain/src/template/upload/testdata/vesikatko.docx");
const BOUNDARY: &str = "form-of-a-template";

/// A form of texts and one file.
fn form(call: Call, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Call {
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(head.as_bytes());
    }
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend([head.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat());
    call.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

async fn upload(app: &TestApp, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Reply {
    form(app.post("/api/v1/template-uploads"), fields, name, bytes).send().await
}

on_both_databases! {
    async fn a_word_document_is_a_template_at_once_and_gets_further_languages(database: Database) {
        let app = TestApp::start(database).await;
        Register::of([person(21, "Åsa Åberg").with("language", "sv"), person(22, "Matti Virtanen").with("language", "fi")])
            .property(1, None, "company", "Asunto Oy Koivu")
            .role(22, 1, "resident")
            .import(&app)
            .await;
        let mail = folder(&app, "email", "Sähköpostipohjat").await;
        let fields = [("folder_id", mail.as_str()), ("language", "fi"), ("subject", "Vesikatko {{ property.name }}")];
        let made = upload(&app, &fields, "Vesikatko.docx", DOCX).await.expect_status(201);
        assert_eq!((made.etag(), member(&made.json, "left_out")), ("\"1\"".to_owned(), json!(["headers_and_footers"])));
        let new = member(&made.json, "template");
        assert_eq!((text(&new, "name"), text(&new, "format")), ("Vesikatko".to_owned(), "markdown".to_owned()));
        assert_eq!(read(&app, &new).await, new);
        assert_eq!(names(&app, "?channel=email").await, ["Vesikatko"], "usable at once");
        let shown = rendered(&app, &new, 22, &json!({})).await;
        assert_eq!(text(&shown, "subject"), "Vesikatko Asunto Oy Koivu");
        assert!(text(&shown, "html").contains("<p>Hei Matti, vesi on <strong>poikki</strong>"), "{shown}");
        assert!(text(&shown, "html").contains("<li>Laske vettä talteen</li>") && text(&shown, "html").contains("<td>A | B</td>"));

        let path = format!("{}/upload", integration_tests::templates::path(&new));
        let swedish = |etag: &str, name: &str, bytes: &[u8]| {
            form(app.post(&path).if_match(etag), &[("language", "SV"), ("subject", "Vatten")], name, bytes)
        };
        let with_it = swedish("\"1\"", "vatten.md", b"Hej **{{ recipient.name }}**").send().await.expect_status(200);
        assert_eq!(with_it.etag(), "\"2\"");
        let languages: Vec<_> = list(&member(&with_it.json, "template"), "language_versions").iter().map(|one| text(one, "language")).collect();
        assert_eq!(languages, ["fi", "sv"]);
        assert_eq!(text(&rendered(&app, &new, 21, &json!({})).await, "text"), "Hej **Åsa Åberg**");
        // The same language again replaces it, and keeps the subject.
        let call = form(app.post(&path).if_match("\"2\""), &[("language", "sv")], "vatten.md", b"Hej");
        let again = member(&call.send().await.expect_status(200).json, "template");
        let versions = list(&again, "language_versions");
        assert_eq!((versions.len(), text(&versions[1], "body"), text(&versions[1], "subject")), (2, "Hej".to_owned(), "Vatten".to_owned()));

        swedish("\"2\"", "vatten.md", b"Hej").send().await.expect_problem(412, "stale_version");
        let call = form(app.post(&path), &[("language", "sv")], "vatten.md", b"Hej");
        call.send().await.expect_problem(428, "if_match_required");
        for (name, bytes, pointer, code) in [
            ("vatten.html", &b"<p>Hej</p>"[..], "/file", "format_mismatch"),
            ("vatten.md", b"Hej {{ recipient.nmae }}", "/file", "unknown_merge_field"),
        ] {
            assert_eq!(faults(swedish("\"3\"", name, bytes).send().await), [(pointer.to_owned(), code.to_owned())]);
        }
        assert_eq!(number(&read(&app, &new).await, "version"), 3);
    }

    async fn text_markdown_and_html_are_uploaded_too_and_once(database: Database) {
        let app = TestApp::start(database).await;
        let (mail, sms) = (folder(&app, "email", "Vesi").await, folder(&app, "sms", "Vesi").await);
        for (name, bytes, format) in [("a.txt", "Hei\r\nÄiti", "text"), ("b.md", "# Hei", "markdown"), ("c.html", "<p>Hei</p>", "html")] {
            let made = upload(&app, &[("folder_id", &mail), ("language", "fi")], name, bytes.as_bytes()).await.expect_status(201);
            let new = member(&made.json, "template");
            assert_eq!((text(&new, "format"), member(&made.json, "left_out")), (format.to_owned(), json!([])));
            assert_eq!(text(&list(&new, "language_versions")[0], "body"), bytes.replace('\r', ""));
        }
        let fields = [("folder_id", sms.as_str()), ("language", "fi"), ("name", "Avain")];
        let call = || form(app.post("/api/v1/template-uploads").idempotency_key("once"), &fields, "Avain.docx", DOCX);
        let first = call().send().await.expect_status(201);
        assert_eq!(first.json, call().send().await.expect_status(201).json);
        assert_eq!(text(&member(&first.json, "template"), "format"), "text");
        let other = form(app.post("/api/v1/template-uploads").idempotency_key("once"), &fields, "Avain.txt", b"Hei");
        other.send().await.expect_problem(422, "idempotency_key_reused");
        assert_eq!(names(&app, "?channel=sms").await, ["Avain"]);
    }

    async fn files_that_give_no_template_are_refused(database: Database) {
        let app = TestApp::start(database).await;
        let mail = folder(&app, "email", "Vesi").await;
        added(&app, &template(&mail, &[version("fi", "a", "b")], &json!({}))).await;
        let good = [("folder_id", mail.as_str()), ("language", "fi")];
        let unknown = [("folder_id", "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"), ("language", "fi")];
        let with = |name: &'static str, value: &'static str| [good.to_vec(), vec![(name, value)]].concat();
        for (fields, name, bytes, pointer, code) in [
            (good.to_vec(), "a.pdf", &b"%PDF"[..], "/file", "template_type_refused"),
            (good.to_vec(), "a.docx", b"PK\x03\x04 and no more", "/file", "template_type_refused"),
            (good.to_vec(), "a.txt", b"\xff\xfe", "/file", "not_text"),
            (good.to_vec(), "a.txt", b"", "/file", "empty_file"),
            (good.to_vec(), "a.txt", b" \n", "/file", "required"),
            (good.to_vec(), "a.txt", b"Hei\n{{ nope.nope }}", "/file", "unknown_merge_field"),
            (with("subject", "{{ nope }}"), "a.txt", b"Hei", "/subject", "unknown_merge_field"),
            (with("format", "rtf"), "a.txt", b"Hei", "/format", "unknown_value"),
            (with("format", "html"), "a.txt", b"Hei", "/file", "format_mismatch"),
            (with("name", "a\u{0}b"), "a.txt", b"Hei", "/name", "nul_character"),
            (with("occasion", "workflow"), "a.txt", b"Hei", "/occasion", "unknown_field"),
            (with("language", "sv"), "a.txt", b"Hei", "/language", "duplicate_field"),
            (vec![("folder_id", mail.as_str()), ("language", "suomi")], "a.txt", b"Hei", "/language", "invalid_language"),
            (vec![("folder_id", mail.as_str())], "a.txt", b"Hei", "/language", "missing_field"),
            (vec![("language", "fi")], "a.txt", b"Hei", "/folder_id", "missing_field"),
            (vec![("language", "fi"), ("folder_id", "7")], "a.txt", b"Hei", "/folder_id", "invalid_value"),
            (unknown.to_vec(), "a.txt", b"Hei", "/folder_id", "unknown_folder"),
        ] {
            assert_eq!(faults(upload(&app, &fields, name, bytes).await), [(pointer.to_owned(), code.to_owned())], "{name} {fields:?}");
        }
        let told = upload(&app, &good, "a.txt", b"Hei\n{{ nope.nope }}").await;
        assert!(text(&list(&told.json, "errors")[0], "message").starts_with("Line 2, column 4: "), "{}", told.text());
        upload(&app, &good, "Vesikatko.txt", b"Hei").await.expect_problem(409, "template_name_taken");
        app.post("/api/v1/template-uploads").json(&json!({})).send().await.expect_problem(415, "unsupported_media_type");
        let writer = token("mailings:write", &json!({}));
        let call = form(app.post("/api/v1/template-uploads").bearer(&writer), &good, "a.txt", b"Hei");
        call.send().await.expect_problem(403, "missing_scope");
        assert_eq!(names(&app, "").await, ["Vesikatko"]);
    }
}
