//! Attachments as a client of the API handles them: uploaded in a form, and read back.

use serde_json::Value;

use crate::app::TestApp;
use crate::http::{Call, Reply};
use crate::mailings::text;

const BOUNDARY: &str = "----form-of-a-test";

/// A file in a form.
#[derive(Debug, Clone, Copy)]
pub struct FormFile<'a> {
    /// The name of the form's field.
    pub field: &'a str,
    /// The file's name, as it stands between the quotes; none leaves the parameter out.
    pub name: Option<&'a str>,
    /// The declared content type.
    pub content_type: Option<&'a str>,
    /// What it holds.
    pub bytes: &'a [u8],
}

impl<'a> FormFile<'a> {
    /// A file in the field that uploads are expected in.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { field: "file", name: Some(name), content_type: None, bytes }
    }
}

/// The body of a form with these files, and its content type.
pub fn form(files: &[FormFile<'_>]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for FormFile { field, name, content_type, bytes } in files {
        let name = name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        let content_type = content_type.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"{name}\r\n{content_type}\r\n");
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// The call that uploads a form with these files.
pub fn upload(app: &TestApp, files: &[FormFile<'_>]) -> Call {
    let (content_type, body) = form(files);
    app.post("/api/v1/attachments").body(&content_type, body)
}

/// Uploads a file, and gives what is known of it.
pub async fn taken_in(app: &TestApp, name: &str, bytes: &[u8]) -> Value {
    upload(app, &[FormFile::new(name, bytes)]).send().await.expect_status(201).json
}

/// The id of an attachment.
pub fn id(attachment: &Value) -> String {
    text(attachment, "attachment_id")
}

/// Asks for an attachment's bytes.
pub async fn download(app: &TestApp, id: &str) -> Reply {
    app.get(&format!("/api/v1/attachments/{id}/content")).send().await
}

/// The names of the files in the server's own file store.
pub fn stored_files(app: &TestApp) -> Vec<String> {
    let Ok(folders) = std::fs::read_dir(app.data_dir().join("files")) else { return Vec::new() };
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.ok()?.path()).ok()).flatten();
    let mut names: Vec<_> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
