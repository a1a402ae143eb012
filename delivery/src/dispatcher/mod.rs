//! The dispatcher: claims due deliveries by lease, hands them to workers, and has every attempt journalled before its wire
//! call and after it.
//!
//! Any number of dispatchers, in one process or many, share the queue. Whatever is killed where: a delivery that had no
//! attempt is still queued, one whose attempt was cut off is found when its lease runs out, and is held or sent again with
//! the same Message-ID as its mailing says.

mod blame;
mod claims;
mod cleanup;
mod connections;
mod inbox;
mod journal;
mod mailings;
mod outcomes;
mod parts;
mod preparing;
mod queue;
mod upkeep;
mod worker;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::TimeDelta;
use domain::clock::Clock;
use persistence::Db;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::spawn_blocking;

use self::connections::Connections;
use crate::email::EmailTransport;
use crate::files::FileStore;

pub use outcomes::Outcomes;

/// After how many steps of the workers the connections are looked at: what has come for one is not to wait until all are through.
const EVENTS: u32 = 16;

/// How a dispatcher works.
#[derive(Debug, Clone)]
pub struct DispatcherSettings {
    /// Workers, each with one message in flight: being prepared, recorded, or on the wire. At least one.
    pub workers: usize,
    /// Connections to the relay at a time: how many of the workers have their message on the wire.
    pub connections: usize,
    /// For how long a claim holds without being renewed: how soon another dispatcher takes over after a crash.
    pub lease: Duration,
    /// For how long faults of the relay go on before a mailing pauses itself.
    pub relay_patience: Duration,
    /// Where attachments are kept.
    pub files: FileStore,
    /// How long attachments are kept that no mailing names.
    pub keep_attachments: TimeDelta,
    /// Whether attempts and their outcomes are recorded. Without, what was sent stays in the queue and is sent again and again: for
    /// measuring what the journal costs, and for nothing else.
    pub journal: bool,
}

/// Tells a dispatcher that there is something new to send. Without it the dispatcher looks by itself, a little later.
#[derive(Debug, Clone, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Wakes it.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// A running dispatcher.
pub struct Dispatcher {
    waker: Waker,
    outcomes: Outcomes,
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// What all parts of one dispatcher share.
struct Shared {
    db: Db,
    clock: Arc<dyn Clock>,
    settings: DispatcherSettings,
    mailings: mailings::Cache,
    parts: parts::Parts,
    claims: claims::Claims,
    outcomes: Outcomes,
    blame: blame::Blame,
}

impl Dispatcher {
    /// Starts one on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        db: Db,
        clock: Arc<dyn Clock>,
        transport: EmailTransport,
        settings: DispatcherSettings,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().event_interval(EVENTS).build()?;
        let shared = Arc::new(Shared {
            db,
            clock,
            settings,
            mailings: mailings::Cache::default(),
            parts: parts::Parts::default(),
            claims: claims::Claims::default(),
            outcomes: Outcomes::default(),
            blame: blame::Blame::default(),
        });
        let waker = Waker::default();
        let outcomes = shared.outcomes.clone();
        let (stop, stopping) = watch::channel(false);
        let wake = Arc::clone(&waker.0);
        let thread = thread::Builder::new()
            .name("dispatcher".to_owned())
            .spawn(move || runtime.block_on(run(shared, transport, wake, stopping)))?;
        Ok(Self { waker, outcomes, stop, thread })
    }

    /// What tells it that there is something new to send.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// How many attempts ended how.
    pub fn outcomes(&self) -> Outcomes {
        self.outcomes.clone()
    }

    /// Lets the messages in flight end, gives back what was claimed, and stops. Blocks until then.
    pub fn stop(self) {
        // The thread may be gone already; then there is nothing to stop.
        let _ = self.stop.send(true);
        if self.thread.join().is_err() {
            log::error!("the dispatcher's thread had panicked");
        }
    }
}

async fn run(shared: Arc<Shared>, transport: EmailTransport, wake: Arc<Notify>, stopping: watch::Receiver<bool>) {
    let journal = Arc::new(inbox::Inbox::new());
    let (writing, entries) = (Arc::clone(&shared), Arc::clone(&journal));
    let (answers, answered) = mpsc::unbounded_channel();
    let journal_task = spawn_blocking(move || journal::run(&writing, &entries, &answers));
    let answer_task = tokio::spawn(journal::answer(answered));
    let connections = Connections::new(transport, shared.settings.connections, stopping.clone());
    let (jobs, waiting) = mpsc::channel(shared.settings.workers.max(1) * queue::WAITING);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let workers: Vec<_> = (0..shared.settings.workers.max(1))
        .map(|_| {
            let worker = worker::Worker {
                shared: Arc::clone(&shared),
                jobs: Arc::clone(&waiting),
                journal: Arc::clone(&journal),
                connections: Arc::clone(&connections),
                stopping: stopping.clone(),
            };
            tokio::spawn(worker.run())
        })
        .collect();
    let upkeep_task = tokio::spawn(upkeep::run(Arc::clone(&shared), stopping.clone()));
    let cleanup_task = tokio::spawn(cleanup::run(Arc::clone(&shared), stopping.clone()));
    queue::run(&shared, jobs, &wake, stopping).await;
    for worker in workers {
        join("worker", worker.await);
    }
    connections.close().await;
    journal.close();
    join("journal", journal_task.await);
    join("journal's answers", answer_task.await);
    join("upkeep", upkeep_task.await);
    join("cleanup", cleanup_task.await);
    let owner = shared.claims.owner();
    if let Err(error) = shared.db.write(move |writer| persistence::deliveries::lease::let_go(writer, owner)).await {
        log::warn!("the claimed deliveries could not be given back ({error}); their lease will run out");
    }
}

fn join(what: &str, result: Result<(), tokio::task::JoinError>) {
    if let Err(error) = result {
        log::error!("the dispatcher's {what} ended badly: {error}");
    }
}
