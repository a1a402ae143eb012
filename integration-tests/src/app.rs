//! The product under test: its server as a child process with a database, a data folder and settings of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::database::Database;
use crate::http::Call;
use crate::process::{self, Server};
use crate::smtp_server::SmtpServer;
use crate::token::{self, token};

/// A server and what belongs to it; all of it goes when dropped.
pub struct TestApp {
    // Dropped first: a database cannot be removed while the server uses it.
    server: Option<Server>,
    settings: BTreeMap<String, String>,
    client: reqwest::Client,
    token: String,
    database: TestDatabase,
    folder: TempDir,
}

/// What a command of the program printed and how it ended.
#[derive(Debug)]
pub struct CommandOutput {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl TestApp {
    /// An empty database and a data folder; nothing runs yet.
    pub fn prepare(database: Database) -> Self {
        let folder = tempfile::Builder::new().prefix("postitus-test-").tempdir().expect("a folder");
        let database = database.create();
        // A client needs a provider of cryptography even where it speaks no TLS. It may have been installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build();
        let app = Self {
            server: None,
            settings: BTreeMap::new(),
            client: client.expect("an HTTP client"),
            token: token("admin", &json!({})),
            database,
            folder,
        };
        let data = app.data_dir().display().to_string();
        let url = app.database.url().to_owned();
        app.setting("POSTITUS_DATABASE_URL", &url)
            .setting("POSTITUS_DATA_DIR", &data)
            .setting("POSTITUS_LISTEN", "127.0.0.1:0")
            .setting("POSTITUS_JWT_SECRET", token::SECRET)
            .setting("POSTITUS_RATE_LIMIT", "0")
    }

    /// A running server on an empty database.
    pub async fn start(database: Database) -> Self {
        Self::prepare(database).started().await
    }

    /// Sets a `POSTITUS_*` variable for the program's next start.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Has mail go through this SMTP server, trusting its authority, from these senders (`POSTITUS_SENDERS`).
    pub fn smtp(self, server: &SmtpServer, senders: &str) -> Self {
        let authority = self.folder.path().join("smtp-authority.pem");
        std::fs::write(&authority, server.ca_pem()).expect("a writable folder");
        self.setting("POSTITUS_SMTP_URL", &server.url())
            .setting("POSTITUS_SMTP_CA_FILE", &authority.display().to_string())
            .setting("POSTITUS_SENDERS", senders)
    }

    /// Starts the server.
    pub async fn started(mut self) -> Self {
        self.restart().await;
        self
    }

    /// As [`TestApp::setting`], for an app that has been started.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Starts the server; one that still runs is killed first. The address changes.
    pub async fn restart(&mut self) {
        self.server = None;
        self.server = Some(Server::start(&self.settings, self.folder.path()).await);
    }

    /// Ends the server as `kill -9` does; it is gone when this returns.
    pub fn kill9(&mut self) {
        self.server.take().expect("a running server").kill();
    }

    /// Asks the server to end and waits until it has; `success()` is what a graceful end gives.
    pub async fn stop(&mut self) -> ExitStatus {
        self.server.take().expect("a running server").stop().await
    }

    /// Runs a command of the program, such as `["import", "folder"]`, with the app's settings, to its end.
    pub async fn command(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = process::command(arguments, &self.settings, self.folder.path());
        command.stdin(Stdio::null());
        let ended = tokio::task::spawn_blocking(move || command.output()).await;
        let output = ended.expect("a thread that ends").expect("a command that starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        CommandOutput { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Leaves a variable out at the program's next start.
    pub fn unset(&mut self, name: &str) {
        self.settings.remove(name);
    }

    /// Starts a server that should end by itself, and waits until it has.
    ///
    /// # Panics
    /// When it still runs after `limit`.
    pub async fn refused_start(&self, limit: Duration) -> CommandOutput {
        let mut command = process::command(&["serve"], &self.settings, self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a started server");
        let started = std::time::Instant::now();
        let ended = loop {
            if child.try_wait().expect("a child's status").is_some() {
                break true;
            }
            if started.elapsed() > limit {
                // Fails only when it has ended this moment.
                let _ = child.kill();
                break false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let output = child.wait_with_output().expect("what it printed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let output =
            CommandOutput { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) };
        assert!(ended, "the server did not end within {limit:?}: {output:?}");
        output
    }

    /// The folder of the server's files, and of its outbox.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for the test's own files, which the server does not know of.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database, for tests that look behind the API.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.server().address
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server().pid()
    }

    /// What the running server has printed so far.
    pub fn log(&self) -> String {
        self.server().log()
    }

    /// Calls with this token from now on, unless a call says otherwise. At first it is one with scope `admin`.
    pub fn use_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// A call with any method; `path` starts with a slash.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.client, method, &format!("{}{path}", self.address()), &self.token)
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("a running server")
    }
}
