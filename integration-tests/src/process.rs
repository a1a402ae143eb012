//! The real program as a child process: started, watched, killed, never left behind.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// What `serve` prints once it takes connections; the address follows.
const READY: &str = "listening on ";
/// Migrations of a new database on a busy machine included.
const LONGEST_START: Duration = Duration::from_secs(60);
const LONGEST_STOP: Duration = Duration::from_secs(60);

/// The program to test: `POSTITUS_TEST_BIN`, else the one built beside the tests.
pub(crate) fn program() -> PathBuf {
    if let Some(given) = std::env::var_os("POSTITUS_TEST_BIN") {
        return PathBuf::from(given);
    }
    let tests = std::env::current_exe().expect("the path of the tests");
    let folder = tests.parent().and_then(Path::parent).expect("the folder of the build");
    let program = folder.join("postitus");
    assert!(program.is_file(), "{} does not exist: run `make build`", program.display());
    program
}

/// A command of the program, with no settings but these, in a folder that has no settings file.
pub(crate) fn command(arguments: &[&str], settings: &BTreeMap<String, String>, folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).env_clear().envs(settings);
    for name in ["PATH", "RUST_LOG", "RUST_BACKTRACE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A running `postitus serve`; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts the server and waits until it says where it listens.
    pub(crate) async fn start(settings: &BTreeMap<String, String>, folder: &Path) -> Self {
        let mut child = command(&["serve"], settings, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a started server");
        let log = Arc::new(Mutex::new(String::new()));
        let (found, address) = oneshot::channel();
        collect(child.stdout.take().expect("standard output"), Arc::clone(&log), Some(found));
        collect(child.stderr.take().expect("standard error"), Arc::clone(&log), None);
        let answer = tokio::time::timeout(LONGEST_START, address).await;
        let mut server = Self { child, address: String::new(), log };
        match answer {
            Ok(Ok(address)) => server.address = address,
            Ok(Err(_)) => panic!("the server ended instead of listening: {:?}", server.wait().await),
            Err(_) => panic!("the server did not listen within {LONGEST_START:?}"),
        }
        server
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the server has printed so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the server at once, as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Asks the server to end, as `kill` does, and waits until it has.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status();
        assert!(asked.expect("kill").success(), "the server had ended already");
        self.wait().await
    }

    async fn wait(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("a child's status") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LONGEST_STOP, ended).await.expect("a server that ends when asked to")
    }

    fn end(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("--- the server's output\n{}---", self.log());
        }
    }
}

/// Reads a stream to its end in the background, so that the server never blocks on it.
fn collect(stream: impl Read + Send + 'static, log: Arc<Mutex<String>>, mut found: Option<oneshot::Sender<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some((_, address)) = line.split_once(READY).filter(|(_, rest)| rest.starts_with("http://"))
                && let Some(found) = found.take()
            {
                // Fails only when nobody waits any more.
                let _ = found.send(address.split_whitespace().next().unwrap_or_default().to_owned());
            }
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&line);
            log.push('\n');
        }
    });
}
