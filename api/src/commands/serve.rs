//! `postitus serve`.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use chrono::TimeDelta;
use delivery::dispatcher::{Dispatcher, DispatcherSettings};
use delivery::email::{EmailTransport, SmtpSettings};
use delivery::files::FileStore;
use domain::clock::{Clock, SystemClock};

use super::{Done, given_keys, open_database};
use crate::auth::{Authenticator, Keys};
use crate::idempotency::InFlight;
use crate::imports::jobs::ImportJobs;
use crate::links::Links;
use crate::metrics::Metrics;
use crate::paging::Cursors;
use crate::rate_limit::RateLimits;
use crate::server::{Server, StopSignal};
use crate::settings::Settings;
use crate::state::AppState;

/// Answers requests until the process is asked to stop.
pub(crate) fn run() -> Done {
    let settings = Settings::load()?;
    actix_web::rt::System::new().block_on(serve(settings))
}

async fn serve(settings: Settings) -> Done {
    let (state, background) = start(settings).await?;
    let server = Server::start(state.clone())?;
    // Whoever reads that the server listens may ask it to stop in the same moment.
    let stop = StopSignal::listen()?;
    announce(&state, &server.address.to_string())?;
    stop.received().await;
    log::info!("stopping");
    server.stop().await?;
    background.stop().await
}

/// What works beside the server.
pub(crate) struct Background {
    /// None where another process sends.
    dispatcher: Option<Dispatcher>,
    imports: ImportJobs,
}

impl Background {
    /// Ends it, and waits until it has.
    pub(crate) async fn stop(self) -> Done {
        let Self { dispatcher, imports } = self;
        let stop = move || {
            imports.stop();
            if let Some(dispatcher) = dispatcher {
                dispatcher.stop();
            }
        };
        web::block(stop).await.map_err(Into::into)
    }
}

/// Opens the database and starts the dispatcher and the imports. What can be refused without a database is refused before one is made.
pub(crate) async fn start(settings: Settings) -> Result<(AppState, Background), Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let transport = transport(&settings)?;
    let given = given_keys(&settings, Arc::clone(&clock))?;
    let db = open_database(&settings)?;
    let keys = given.map_or_else(|| Keys::local(&settings.data_dir), Ok)?;
    let auth = Authenticator::new(keys, &settings.jwt);
    auth.watch_keys();
    let files = FileStore::open(&settings.files).map_err(|error| format!("POSTITUS_FILES_URL: {error}"))?;
    let (cursors, links) = (Cursors::load(&db).await?, Links::load(&db).await?);
    let dispatcher = match settings.workers {
        0 => None,
        _ => Some(Dispatcher::start(db.clone(), Arc::clone(&clock), transport, dispatching(&settings, files.clone()))?),
    };
    let imports = ImportJobs::start(db.clone(), Arc::clone(&clock), &settings)?;
    let state = AppState {
        clock,
        auth: Arc::new(auth),
        limits: RateLimits::new(settings.rate_limit),
        metrics: Metrics::default(),
        outcomes: dispatcher.as_ref().map(Dispatcher::outcomes).unwrap_or_default(),
        settings: Arc::new(settings),
        in_flight: InFlight::default(),
        cursors,
        links,
        imports: imports.handle(),
        db,
        files,
        waker: dispatcher.as_ref().map(Dispatcher::waker).unwrap_or_default(),
    };
    Ok((state, Background { dispatcher, imports }))
}

fn dispatching(settings: &Settings, files: FileStore) -> DispatcherSettings {
    DispatcherSettings {
        workers: settings.workers,
        connections: settings.smtp_connections,
        lease: Duration::from_secs(settings.lease_seconds.into()),
        relay_patience: Duration::from_secs(settings.relay_patience_seconds.into()),
        files,
        keep_attachments: TimeDelta::hours(settings.attachment_keep_hours.into()),
        journal: true,
    }
}

fn transport(settings: &Settings) -> Result<EmailTransport, Box<dyn Error>> {
    let Some(url) = &settings.smtp_url else {
        return Ok(EmailTransport::Outbox(settings.data_dir.join("outbox")));
    };
    let relay = SmtpSettings::parse(url.expose()).map_err(|error| format!("POSTITUS_SMTP_URL: {error}"))?;
    Ok(EmailTransport::Smtp(match &settings.smtp_ca_file {
        Some(file) => fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|pem| relay.with_ca_pem(pem).map_err(|error| error.to_string()))
            .map_err(|error| format!("POSTITUS_SMTP_CA_FILE: cannot use {}: {error}", file.display()))?,
        None => relay,
    }))
}

/// Tells on standard output where the server listens and what it uses; the first line is for programs, too.
fn announce(state: &AppState, address: &str) -> std::io::Result<()> {
    let settings = &state.settings;
    let mail = match &settings.smtp_url {
        _ if settings.workers == 0 => "sent by another process (POSTITUS_WORKERS is 0)".to_owned(),
        Some(_) => "sent through POSTITUS_SMTP_URL".to_owned(),
        None => format!("written to {}", settings.data_dir.join("outbox").display()),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "  version  {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  database {}", settings.database.url)?;
    writeln!(out, "  data     {}", settings.data_dir.display())?;
    writeln!(out, "  files    {}", state.files)?;
    writeln!(out, "  mail     {mail}")?;
    writeln!(out, "  tokens   {}", state.auth.describe())?;
    out.flush()
}
