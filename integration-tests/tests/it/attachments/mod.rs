//! Attachments: taken in, read back, refused, named by mailings, mailed, and deleted when nothing names them.

mod cleanup;
mod mailed;
mod refused;

use integration_tests::attachments::{FormFile, download, id, stored_files, taken_in, upload};
use integration_tests::mailings::{member, text};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::json;

/// A PDF of this size, as far as its bytes tell, and with every byte in it.
fn pdf(size: usize) -> Vec<u8> {
    b"%PDF-1.7\r\n%".iter().copied().chain((0..=255).cycle()).take(size).collect()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\r\n.\r\n";

on_both_databases! {
    async fn a_file_is_taken_in_and_read_back_byte_for_byte(database: Database) {
        let app = TestApp::start(database).await;
        let bytes = pdf(3_000_001);
        let declared = FormFile { content_type: Some("application/pdf"), ..FormFile::new("Vesikatko – ääkköset.pdf", &bytes) };
        let reply = upload(&app, &[declared]).send().await.expect_status(201);
        let known = reply.json.clone();
        assert_eq!(member(&known, "file_name"), "Vesikatko – ääkköset.pdf");
        assert_eq!((member(&known, "content_type"), member(&known, "size")), (json!("application/pdf"), json!(bytes.len())));
        assert_eq!((text(&known, "sha256").len(), text(&known, "created_by").is_empty()), (64, false));
        let path = format!("/api/v1/attachments/{}", id(&known));
        assert_eq!(reply.header("location"), Some(path.as_str()));

        let read = app.get(&path).send().await.expect_status(200);
        assert_eq!((read.json.clone(), read.etag()), (known.clone(), reply.etag()));
        app.get(&path).header("if-none-match", &read.etag()).send().await.expect_status(304);

        let content = download(&app, &id(&known)).await.expect_status(200);
        assert!(content.body == bytes, "other bytes");
        assert_eq!(content.header("content-type"), Some("application/pdf"));
        assert_eq!(content.header("content-length"), Some("3000001"));
        assert_eq!(content.header("x-content-type-options"), Some("nosniff"));
        let disposition = "attachment; filename=\"Vesikatko _ aakkoset.pdf\"; \
                           filename*=UTF-8''Vesikatko%20%E2%80%93%20%C3%A4%C3%A4kk%C3%B6set.pdf";
        assert_eq!(content.header("content-disposition"), Some(disposition));
        let again = app.get(&format!("{path}/content")).header("if-none-match", &content.etag()).send().await;
        assert!(again.expect_status(304).body.is_empty());
        assert_eq!(stored_files(&app), [text(&known, "sha256")]);
    }

    async fn names_are_made_safe(database: Database) {
        let app = TestApp::start(database).await;
        for (raw, safe) in [
            ("../../lasku.txt", "lasku.txt"),
            ("C:\\\\Temp\\\\lasku.txt", "lasku.txt"),
            ("las\u{202e}ku.txt", "lasku.txt"),
            ("A\u{308}a\u{308}ni.txt", "Ääni.txt"),
            ("con.txt", "_con.txt"),
            ("a%22b%0D%0Ac.txt", "a_b c.txt"),
        ] {
            assert_eq!(member(&taken_in(&app, raw, b"Hei").await, "file_name"), safe, "{raw}");
        }
    }

    async fn an_upload_repeated_with_its_key_is_one_attachment(database: Database) {
        let app = TestApp::start(database).await;
        let call = |bytes: &'static [u8]| upload(&app, &[FormFile::new("a.txt", bytes)]).idempotency_key("k-1").send();
        let first = call(b"Hei").await.expect_status(201);
        let second = call(b"Hei").await.expect_status(201);
        assert_eq!((first.json, second.header("idempotent-replayed")), (second.json.clone(), Some("true")));
        call(b"Hej").await.expect_problem(422, "idempotency_key_reused");
    }

    async fn the_same_bytes_uploaded_at_once_are_kept_once_for_all(database: Database) {
        let app = TestApp::start(database).await;
        let bytes = pdf(500_000);
        let calls: Vec<_> = (0..8)
            .map(|number| {
                let call = upload(&app, &[FormFile::new(&format!("{number}.pdf"), &bytes)]);
                tokio::spawn(call.send())
            })
            .collect();
        let mut ids = std::collections::BTreeSet::new();
        for (number, call) in calls.into_iter().enumerate() {
            let known = call.await.unwrap().expect_status(201).json;
            assert_eq!(member(&known, "file_name"), format!("{number}.pdf"));
            ids.insert(id(&known));
        }
        assert_eq!((ids.len(), stored_files(&app).len()), (8, 1));
        for id in ids {
            assert!(download(&app, &id).await.expect_status(200).body == bytes);
        }
    }

    async fn who_may_write_mailings_uploads_and_who_may_read_them_reads(database: Database) {
        let app = TestApp::start(database).await;
        let path = format!("/api/v1/attachments/{}", id(&taken_in(&app, "a.txt", b"Hei").await));
        let (reader, writer) = (token("mailings:read", &json!({})), token("mailings:write", &json!({})));
        let file = [FormFile::new("a.txt", b"Hei")];
        upload(&app, &file).anonymous().send().await.expect_problem(401, "missing_token");
        upload(&app, &file).bearer(&reader).send().await.expect_problem(403, "missing_scope");
        upload(&app, &file).bearer(&writer).send().await.expect_status(201);
        for path in [path.clone(), format!("{path}/content")] {
            app.get(&path).anonymous().send().await.expect_problem(401, "missing_token");
            app.get(&path).bearer(&writer).send().await.expect_problem(403, "missing_scope");
            app.get(&path).bearer(&reader).send().await.expect_status(200);
        }
        app.delete(&path).bearer(&reader).send().await.expect_problem(403, "missing_scope");
        app.delete(&path).bearer(&writer).send().await.expect_status(204);
        for path in [path.clone(), format!("{path}/content"), "/api/v1/attachments/unknown".to_owned()] {
            app.get(&path).send().await.expect_problem(404, "not_found");
        }
        app.delete(&path).send().await.expect_problem(404, "not_found");
    }
}
