//! `postitus serve`.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use delivery::dispatcher::{Dispatcher, DispatcherSettings};
use delivery::email::{EmailTransport, SmtpSettings};
use domain::clock::{Clock, SystemClock};

use super::{Done, keys, open_database};
use crate::auth::Authenticator;
use crate::idempotency::InFlight;
use crate::server::{Server, stop_signal};
use crate::settings::Settings;
use crate::state::AppState;

/// Answers requests until the process is asked to stop.
pub(crate) fn run() -> Done {
    let settings = Settings::load()?;
    actix_web::rt::System::new().block_on(serve(settings))
}

async fn serve(settings: Settings) -> Done {
    let (state, dispatcher) = start(settings)?;
    let server = Server::start(state.clone())?;
    announce(&state, &server.address.to_string())?;
    stop_signal().await?;
    log::info!("stopping");
    server.stop().await?;
    web::block(move || dispatcher.stop()).await?;
    Ok(())
}

/// Opens the database and starts the dispatcher. The database comes first: when that fails, nothing has been made.
pub(crate) fn start(settings: Settings) -> Result<(AppState, Dispatcher), Box<dyn Error>> {
    let db = open_database(&settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let auth = Authenticator::new(keys(&settings)?, &settings.jwt);
    let how =
        DispatcherSettings { workers: settings.workers, lease: Duration::from_secs(settings.lease_seconds.into()) };
    let dispatcher = Dispatcher::start(db.clone(), Arc::clone(&clock), transport(&settings)?, how)?;
    let state = AppState {
        clock,
        auth: Arc::new(auth),
        settings: Arc::new(settings),
        in_flight: InFlight::default(),
        db,
        waker: dispatcher.waker(),
    };
    Ok((state, dispatcher))
}

fn transport(settings: &Settings) -> Result<EmailTransport, Box<dyn Error>> {
    let Some(url) = &settings.smtp_url else {
        return Ok(EmailTransport::Outbox(settings.data_dir.join("outbox")));
    };
    let relay = SmtpSettings::parse(url.expose())?;
    Ok(EmailTransport::Smtp(match &settings.smtp_ca_file {
        Some(file) => relay.with_ca_pem(
            fs::read(file)
                .map_err(|error| format!("POSTITUS_SMTP_CA_FILE: cannot read {}: {error}", file.display()))?,
        )?,
        None => relay,
    }))
}

/// Tells on standard output where the server listens and what it uses; the first line is for programs, too.
fn announce(state: &AppState, address: &str) -> std::io::Result<()> {
    let settings = &state.settings;
    let mail = match &settings.smtp_url {
        Some(_) => "sent through POSTITUS_SMTP_URL".to_owned(),
        None => format!("written to {}", settings.data_dir.join("outbox").display()),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out, "  version  {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  database {}", settings.database.url)?;
    writeln!(out, "  data     {}", settings.data_dir.display())?;
    writeln!(out, "  mail     {mail}")?;
    writeln!(out, "  tokens   {}", state.auth.describe())?;
    out.flush()
}
