//! A real SMTP server for tests: it listens on a free port of 127.0.0.1, speaks STARTTLS and AUTH, is strict about what
//! RFC 5321 forbids, and keeps what it accepted.
//!
//! It runs in a thread of the test process, with a runtime of its own: it outlives the servers that a test kills, and a
//! test that blocks does not hold it up.

mod options;
mod parse;
mod session;
mod tls;
mod transaction;

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::watch;

pub use options::{Answer, Security, SmtpOptions, Stage};

/// A message the server said 250 to, or would have, had the client still been there.
#[derive(Debug, Clone)]
pub struct ReceivedMessage {
    /// The address of `MAIL FROM`; empty for the null sender.
    pub from: String,
    /// The accepted addresses of `RCPT TO`, as written.
    pub to: Vec<String>,
    /// The message without dot-stuffing and without the final dot.
    pub raw: Vec<u8>,
    /// Whether the connection was encrypted.
    pub tls: bool,
    /// Who had logged in.
    pub user: Option<String>,
    /// The number of the connection it came over, from 1.
    pub connection: usize,
    /// When it was accepted.
    pub at: Instant,
}

/// The running server; it stops when dropped.
#[derive(Debug)]
pub struct SmtpServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca_pem: String,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections share with the test.
struct Shared {
    options: SmtpOptions,
    acceptor: tokio_rustls::TlsAcceptor,
    state: Mutex<State>,
    accepted: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    messages: Vec<ReceivedMessage>,
    scripts: HashMap<Stage, VecDeque<Answer>>,
    final_delay: Duration,
    connections: usize,
}

impl SmtpServer {
    /// Starts a server that has said to be ready: its port takes connections when this returns.
    pub fn start(options: SmtpOptions) -> Self {
        let certificates = tls::Certificates::generate();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let address = listener.local_addr().expect("the port");
        let state = State { final_delay: options.final_delay, ..State::default() };
        let shared = Arc::new(Shared {
            options,
            acceptor: certificates.acceptor,
            state: Mutex::new(state),
            accepted: watch::Sender::new(0),
        });
        let (stop, mut stopped) = watch::channel(false);
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener of tokio");
                tokio::select! {
                    () = accept(&listener, &for_thread) => {}
                    _ = stopped.changed() => {}
                }
            });
        });
        Self { shared, address, ca_pem: certificates.ca_pem, stop, thread: Some(thread) }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The `POSTITUS_SMTP_URL` that fits the server's options.
    pub fn url(&self) -> String {
        let login = match &self.shared.options.credentials {
            Some((user, password)) => format!("{user}:{password}@"),
            None => String::new(),
        };
        let port = self.port();
        match self.shared.options.security {
            Security::None => format!("smtp://{login}127.0.0.1:{port}?tls=none"),
            Security::StartTls => format!("smtp://{login}127.0.0.1:{port}?tls=required"),
            Security::Implicit => format!("smtps://{login}127.0.0.1:{port}"),
        }
    }

    /// The certificate of the authority to trust, as PEM. The server's own is for `localhost` and `127.0.0.1`.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The messages accepted so far, in order.
    pub fn messages(&self) -> Vec<ReceivedMessage> {
        self.shared.state().messages.clone()
    }

    /// How many messages were accepted so far.
    pub fn count(&self) -> usize {
        *self.shared.accepted.borrow()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Waits until at least `count` messages are accepted, and gives all that are.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<ReceivedMessage> {
        let mut accepted = self.shared.accepted.subscribe();
        let reached = tokio::time::timeout(limit, accepted.wait_for(|n| *n >= count)).await.is_ok();
        assert!(reached, "{} of {count} messages arrived within {limit:?}", self.count());
        self.messages()
    }

    /// Lets the next occurrences of `stage` be answered so, one after the other; then the server is itself again.
    pub fn script(&self, stage: Stage, answers: impl IntoIterator<Item = Answer>) {
        self.shared.state().scripts.entry(stage).or_default().extend(answers);
    }

    /// From now on, waits this long after the final dot before it accepts and answers.
    pub fn set_final_delay(&self, delay: Duration) {
        self.shared.state().final_delay = delay;
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // Fails only when the thread has ended already.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_scripted(&self, stage: Stage) -> Option<Answer> {
        self.state().scripts.get_mut(&stage).and_then(VecDeque::pop_front)
    }

    fn record(&self, message: ReceivedMessage) {
        let mut state = self.state();
        state.messages.push(message);
        self.accepted.send_replace(state.messages.len());
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(shared);
        let connection = {
            let mut state = shared.state();
            state.connections += 1;
            state.connections
        };
        // A connection that breaks, as when the client is killed, concerns nobody else.
        tokio::spawn(async move { session::serve(shared, stream, connection).await });
    }
}
