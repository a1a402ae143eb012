//! The two doors. Behind each stand threads with one connection each, fed by one queue ([`crate::turns`]): requests are served in
//! the order they came, and no request waits while a connection is idle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use crate::connection::{self, Access, AnyConnection};
use crate::database_url::{Backend, DatabaseUrl};
use crate::door::{DoorError, Reader, Writer, transaction};
use crate::error::{OpenError, StoreError};
use crate::migrate;
use crate::turns::{Entrance, Exit, Full, turns};
use crate::waits::{DoorWaits, Waits};

/// How many callers may wait before a door before the next is told that the database is busy.
const QUEUE_LENGTH: usize = 4096;
/// How long an asynchronous write waits for its turn.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// How often a contended write is repeated before the caller hears of it.
const WRITE_ATTEMPTS: u32 = 20;
/// After so many attempts a contended write is repeated only one at a time, so that those who contend cannot keep each
/// other from ever getting through.
const ATTEMPTS_AT_ONCE: u32 = 2;

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbSettings {
    pub url: DatabaseUrl,
    /// Connections in all, at least 2. SQLite has one writer, the rest read; PostgreSQL shares them evenly.
    pub connections: usize,
}

/// The database. Cheap to clone; the connections close when the last clone is dropped.
#[derive(Clone)]
pub struct Db {
    read: Door,
    write: Door,
    /// Held while a write is repeated that has lost [`ATTEMPTS_AT_ONCE`] times.
    repeating: Arc<Mutex<()>>,
    backend: Backend,
}

/// The queue before the connections of one kind.
#[derive(Clone)]
struct Door {
    jobs: Entrance<Job>,
    waits: Waits,
}

type Job = Box<dyn FnOnce(&mut Slot) + Send>;

impl Db {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was created then.
    pub fn open(settings: &DbSettings) -> Result<Self, OpenError> {
        let mut first = connection::open(&settings.url, Access::Write)?;
        migrate::up_to_date(&mut first, &settings.url)?;
        let backend = settings.url.backend();
        let connections = settings.connections.max(2);
        let writers = if backend == Backend::Sqlite { 1 } else { connections.div_ceil(2) };
        let readers = connections.saturating_sub(writers).max(1);
        let write = door(settings, Access::Write, writers, Some(first))?;
        let read = door(settings, Access::Read, readers, None)?;
        Ok(Self { read, write, repeating: Arc::default(), backend })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The waits before the doors, by the door's name.
    pub fn waits(&self) -> [(&'static str, DoorWaits); 2] {
        [("read", self.read.waits.counts()), ("write", self.write.waits.counts())]
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Unreachable`], or what the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|reader| Ok(reader.conn.batch_execute("SELECT 1")?)).await
    }

    /// Runs `work` on a connection that can only read. Each statement sees the newest data; for one picture over several
    /// statements use [`Reader::snapshot`].
    ///
    /// # Errors
    /// What `work` answers, or [`StoreError::Busy`] and [`StoreError::Unreachable`].
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        answered(self.enqueue_read(work)?.await)
    }

    /// Runs `work` in one transaction: all of it or nothing. It may be run several times, when another transaction was
    /// faster, and must not do anything that a rollback does not undo.
    ///
    /// Work that has not begun after ten seconds, because a long write such as an import holds up all others, is not done.
    ///
    /// # Errors
    /// What `work` answers, or [`StoreError::Busy`] and [`StoreError::Unreachable`].
    pub async fn write<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    {
        // Whoever is first: the connection that begins the work, or the caller who does not wait any longer.
        let decided = Arc::new(AtomicBool::new(false));
        let begun = Arc::clone(&decided);
        let mut begins = true;
        let mut answer = self.enqueue_write(move |writer| {
            if begins && begun.swap(true, Ordering::AcqRel) {
                return Err(StoreError::Busy.into());
            }
            begins = false;
            work(writer)
        })?;
        if let Ok(answer) = tokio::time::timeout(WRITE_PATIENCE, &mut answer).await {
            return answered(answer);
        }
        if decided.swap(true, Ordering::AcqRel) { answered(answer.await) } else { Err(StoreError::Busy.into()) }
    }

    /// [`Db::read`] for callers outside an async runtime.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        answered(self.enqueue_read(work)?.blocking_recv())
    }

    /// [`Db::write`] for callers outside an async runtime.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    {
        answered(self.enqueue_write(work)?.blocking_recv())
    }

    fn enqueue_read<T, E, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnOnce(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        enqueue(&self.read, move |conn| work(&mut Reader { conn }))
    }

    fn enqueue_write<T, E, F>(&self, mut work: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        E: DoorError,
        F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    {
        let repeating = Arc::clone(&self.repeating);
        enqueue(&self.write, move |conn| {
            let mut attempt = 1;
            loop {
                let _alone =
                    (attempt > ATTEMPTS_AT_ONCE).then(|| repeating.lock().unwrap_or_else(PoisonError::into_inner));
                match transaction(conn, &mut work) {
                    Err(error)
                        if attempt < WRITE_ATTEMPTS && error.store_error().is_some_and(StoreError::is_contention) =>
                    {
                        attempt += 1;
                    }
                    answer => return answer,
                }
            }
        })
    }
}

fn answered<T, E: DoorError>(answer: Result<Result<T, E>, oneshot::error::RecvError>) -> Result<T, E> {
    answer.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
}

fn enqueue<T, E, F>(door: &Door, work: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
where
    T: Send + 'static,
    E: DoorError,
    F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let waiting = door.waits.begin();
    let job: Job = Box::new(move |slot| {
        drop(waiting);
        // Whoever asked may be gone: then nobody needs the answer, but a write was still done.
        let _ = reply.send(slot.run(work));
    });
    match door.jobs.push(job) {
        Ok(()) => Ok(answer),
        Err(Full) => Err(StoreError::Busy.into()),
    }
}

/// A thread's connection, reopened after it broke.
struct Slot {
    settings: DbSettings,
    access: Access,
    conn: Option<AnyConnection>,
}

impl Slot {
    fn run<T, E: DoorError>(&mut self, work: impl FnOnce(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => connection::open(&self.settings.url, self.access)
                .map_err(|error| E::from(StoreError::Unreachable(error.to_string())))?,
        };
        match catch_unwind(AssertUnwindSafe(|| work(&mut conn))) {
            Ok(answer) => {
                if !answer.as_ref().is_err_and(|error| error.store_error().is_some_and(StoreError::breaks_connection)) {
                    self.conn = Some(conn);
                }
                answer
            }
            // The connection is dropped with its transaction.
            Err(_) => Err(StoreError::Panicked.into()),
        }
    }
}

fn door(
    settings: &DbSettings,
    access: Access,
    threads: usize,
    mut first: Option<AnyConnection>,
) -> Result<Door, OpenError> {
    let (jobs, exit) = turns(QUEUE_LENGTH);
    for number in 1..=threads {
        let conn = match first.take() {
            Some(conn) => conn,
            None => connection::open(&settings.url, access)?,
        };
        let slot = Slot { settings: settings.clone(), access, conn: Some(conn) };
        let exit = exit.clone();
        let name = format!("db-{}-{number}", if access == Access::Read { "read" } else { "write" });
        thread::Builder::new().name(name).spawn(move || serve(slot, &exit)).map_err(|error| OpenError::Connect {
            database: settings.url.to_string(),
            reason: format!("no thread for a connection: {error}"),
        })?;
    }
    Ok(Door { jobs, waits: Waits::default() })
}

fn serve(mut slot: Slot, jobs: &Exit<Job>) {
    while let Some(job) = jobs.take() {
        job(&mut slot);
    }
}
