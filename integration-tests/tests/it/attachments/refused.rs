//! What is not taken in, and that a refusal leaves nothing behind.

use std::time::Duration;

use integration_tests::attachments::{FormFile, form, stored_files, taken_in, upload};
use integration_tests::mailings::{list, text};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{PNG, pdf};

/// An upload that never ends: what the server answered, and how many bytes it took until then.
async fn endless(app: &TestApp, framing: &str) -> (String, usize) {
    let host = app.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let (content_type, body) = form(&[FormFile::new("a.pdf", &pdf(1000))]);
    let head = format!(
        "POST /api/v1/attachments HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: {content_type}\r\n{framing}\r\n\r\n",
        token("admin", &json!({}))
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunked = framing.contains("chunked");
    // The end of the form is left out, so that all that follows is the file's.
    let first = &body[..body.len() - 40];
    let piece = vec![b'x'; 64 * 1024];
    let mut taken = 0;
    let (mut reader, mut writer) = stream.into_split();
    let answer = tokio::spawn(async move {
        let mut buffer = vec![0; 4096];
        let read = reader.read(&mut buffer).await.unwrap_or(0);
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    });
    let mut next = first;
    while !answer.is_finished() {
        let framed =
            if chunked { [format!("{:x}\r\n", next.len()).as_bytes(), next, b"\r\n"].concat() } else { next.to_vec() };
        match tokio::time::timeout(Duration::from_secs(10), writer.write_all(&framed)).await {
            Ok(Ok(())) => taken += framed.len(),
            _ => break,
        }
        next = &piece;
    }
    (answer.await.unwrap(), taken)
}

on_both_databases! {
    async fn each_refusal_says_what_is_wrong_and_keeps_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let pdf = pdf(1000);
        let file = |name: &'static str, bytes| FormFile::new(name, bytes);
        let cases = [
            (vec![file("a.pdf", b"MZ\x90\0\x03")], "/file", "attachment_type_refused"),
            (vec![file("a.exe", &pdf)], "/file", "attachment_type_refused"),
            (vec![file("a.html", b"<html></html>")], "/file", "attachment_type_refused"),
            (vec![file("a.txt", b"<html><script>x</script></html>")], "/file", "attachment_type_refused"),
            (vec![file("a.docx", b"PK\x03\x04rubbish")], "/file", "attachment_type_refused"),
            (vec![file("a.txt", b"\xff\xfe\0")], "/file", "attachment_type_refused"),
            (vec![file("noextension", &pdf)], "/file", "attachment_type_refused"),
            (vec![file("a.pdf", PNG)], "/file", "attachment_type_mismatch"),
            (vec![FormFile { content_type: Some("image/png"), ..file("a.pdf", &pdf) }], "/file", "attachment_type_mismatch"),
            (vec![file("a.pdf", b"")], "/file", "empty_file"),
            (vec![FormFile { name: None, ..file("", &pdf) }], "/file", "file_name_required"),
            (vec![file("../..", &pdf)], "/file", "file_name_required"),
            (vec![file("a.pdf", &pdf), file("b.pdf", &pdf)], "/file", "duplicate_field"),
            (vec![FormFile { field: "x/y", ..file("a.pdf", &pdf) }], "/x~1y", "unknown_field"),
            (vec![file("a.pdf", &pdf), FormFile { field: "note", name: None, ..file("", b"hi") }], "/note", "unknown_field"),
            (vec![], "/file", "missing_field"),
        ];
        for (files, pointer, code) in cases {
            let reply = upload(&app, &files).send().await.expect_problem(422, "validation_failed");
            let errors = list(&reply.json, "errors");
            assert_eq!(errors.len(), 1, "{files:?}");
            assert_eq!((text(&errors[0], "pointer"), text(&errors[0], "code")), (pointer.to_owned(), code.to_owned()), "{files:?}");
        }

        let (content_type, body) = form(&[file("a.pdf", &pdf)]);
        let post = |content_type: &str, body: &[u8]| app.post("/api/v1/attachments").body(content_type, body.to_vec()).send();
        post("application/json", b"{}").await.expect_problem(415, "unsupported_media_type");
        post("application/pdf", &pdf).await.expect_problem(415, "unsupported_media_type");
        post("multipart/form-data", &body).await.expect_problem(400, "bad_request");
        post(&content_type, &body[..body.len() - 100]).await.expect_problem(400, "bad_request");
        post(&content_type, b"rubbish").await.expect_problem(400, "bad_request");
        let encoded = app.post("/api/v1/attachments").body(&content_type, body).header("content-encoding", "gzip");
        encoded.send().await.expect_problem(415, "unsupported_media_type");
        assert!(stored_files(&app).is_empty());
    }

    async fn a_file_may_be_as_large_as_the_limit_and_no_larger(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_ATTACHMENT_LIMIT", "100000").started().await;
        taken_in(&app, "a.pdf", &pdf(100_000)).await;
        for size in [100_001, 1_000_000, 20_000_000] {
            let bytes = pdf(size);
            let call = upload(&app, &[FormFile::new("a.pdf", &bytes)]);
            call.send().await.expect_problem(413, "body_too_large");
        }
        assert_eq!(stored_files(&app).len(), 1);
    }

    async fn a_file_that_is_too_large_is_refused_without_being_read_to_its_end(database: Database) {
        let app = TestApp::start(database).await;
        for framing in ["Content-Length: 100000000000", "Transfer-Encoding: chunked"] {
            let (answer, taken) = endless(&app, framing).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{framing}: {answer}");
            assert!(taken < 64 * 1024 * 1024, "{framing}: {taken}");
        }
        assert!(stored_files(&app).is_empty());
    }
}
