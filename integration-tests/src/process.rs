//! The real program as a child process: started, watched, killed, never left behind.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

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
    log: PathBuf,
}

impl Server {
    /// Starts the server and waits until it says where it listens.
    pub(crate) async fn start(settings: &BTreeMap<String, String>, folder: &Path) -> Self {
        // A file, as an operator would have: a reader of its lines would take time from what is measured.
        let log = folder.join("server.log");
        let output = File::create(&log).expect("a writable folder");
        let child = command(&["serve"], settings, folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle of the log"))
            .stderr(output)
            .spawn()
            .expect("a started server");
        let mut server = Self { child, address: String::new(), log };
        match tokio::time::timeout(LONGEST_START, server.listening()).await {
            Ok(address) => server.address = address,
            Err(_) => panic!("the server did not listen within {LONGEST_START:?}"),
        }
        server
    }

    /// Waits until the server says where it listens.
    async fn listening(&mut self) -> String {
        loop {
            // Asked first: what it printed before it ended is all there then.
            let ended = self.child.try_wait().expect("a child's status");
            if let Some(address) = self.log().split_inclusive('\n').find_map(address) {
                return address.to_owned();
            }
            assert!(ended.is_none(), "the server ended instead of listening: {ended:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the server has printed so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
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

/// The address in the line that tells it, once the line is whole.
fn address(line: &str) -> Option<&str> {
    let (_, address) = line.strip_suffix('\n')?.split_once(READY)?;
    address.starts_with("http://").then(|| address.trim_end())
}
