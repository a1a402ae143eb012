//! Our own sender with its journal off: it claims, reads, renders and sends as ever, and writes nothing of it down. So the queue stays
//! as it is, and is sent once more each time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use delivery::dispatcher::{Dispatcher, DispatcherSettings};
use delivery::email::{EmailTransport, SmtpSettings};
use delivery::files::{FileStore, FilesLocation};
use domain::clock::SystemClock;
use domain::mailing::state::DeliveryState;
use integration_tests::{Database, TestApp};
use persistence::deliveries::depth::depth;
use persistence::{DatabaseUrl, Db, DbSettings};

use crate::sink::Sink;
use crate::{mail, register};

const LIMIT: Duration = Duration::from_secs(600);

/// A queue that is there for this alone, in a database of its own.
pub struct WithoutJournal {
    app: TestApp,
    db: Db,
}

impl WithoutJournal {
    /// Freezes a mailing to so many recipients.
    pub async fn prepare(database: Database, sink: &Sink, recipients: u32) -> Self {
        let app = TestApp::prepare(database).setting("POSTITUS_SMTP_URL", &sink.url());
        let app = app.setting("POSTITUS_SENDERS", "*@isannointi.example");
        // The server sends nothing: all of it is left in the queue.
        let mut app = app.setting("POSTITUS_WORKERS", "0").started().await;
        register::import_people(&app, recipients).await;
        mail::send(&app, &mail::prepare(&app).await).await;
        assert!(app.stop().await.success(), "the server did not stop");
        let url = DatabaseUrl::parse(app.database_url()).expect("a database URL");
        // As many connections as a server has.
        let db = Db::open(&DbSettings { url, connections: 8 }).expect("the database opens");
        Self { app, db }
    }

    /// Sends the whole queue, of `count`; answers messages a second, from the first that comes to the last.
    pub async fn rate(&self, sink: &Sink, connections: usize, count: u32) -> f64 {
        let relay = SmtpSettings::parse(&sink.url()).expect("a URL");
        let files = FilesLocation::Folder(self.app.folder().join("files"));
        let how = DispatcherSettings {
            workers: 32 * connections,
            connections,
            lease: Duration::from_secs(30),
            relay_patience: Duration::from_secs(60),
            files: FileStore::open(&files).expect("a folder"),
            keep_attachments: TimeDelta::hours(1),
            journal: false,
        };
        let before = sink.messages();
        let dispatcher = Dispatcher::start(self.db.clone(), Arc::new(SystemClock), EmailTransport::Smtp(relay), how);
        let dispatcher = dispatcher.expect("a dispatcher");
        sink.wait_for(before + 1, LIMIT).await;
        let (begun, started) = (sink.messages(), Instant::now());
        let end = before + u64::from(count);
        sink.wait_for(end, LIMIT).await;
        let taken = started.elapsed();
        tokio::task::spawn_blocking(move || dispatcher.stop()).await.expect("a dispatcher that stops");
        let depth = self.db.read(depth).await.expect("a database that answers");
        let queued = depth.iter().find(|depth| depth.state == DeliveryState::Queued).map(|depth| depth.deliveries);
        assert_eq!(queued, Some(i64::from(count)), "something was recorded");
        let sent = u32::try_from(end - begun).expect("a number of mails");
        f64::from(sent) / taken.as_secs_f64()
    }
}
