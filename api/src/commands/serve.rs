//! `postitus serve`.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use domain::clock::SystemClock;
use futures_util::FutureExt as _;
use persistence::Db;

use super::{Done, keys};
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
    let state = state(settings)?;
    let server = Server::start(state.clone())?;
    announce(&state, &server.address.to_string())?;
    stop_signal().await?;
    log::info!("stopping");
    server.stop().await?;
    Ok(())
}

/// Opens the database first: when that fails, nothing has been made.
fn state(settings: Settings) -> Result<AppState, Box<dyn Error>> {
    let db = Db::open(&settings.database)?;
    let folder = &settings.data_dir;
    fs::create_dir_all(folder)
        .map_err(|error| format!("POSTITUS_DATA_DIR: cannot make {}: {error}", folder.display()))?;
    let auth = Authenticator::new(keys(&settings)?, &settings.jwt);
    Ok(AppState {
        clock: Arc::new(SystemClock),
        auth: Arc::new(auth),
        settings: Arc::new(settings),
        in_flight: InFlight::default(),
        readiness: Arc::new(move || {
            let db = db.clone();
            async move { db.read(|_| Ok::<_, persistence::StoreError>(())).await.map_err(|error| error.to_string()) }
                .boxed()
        }),
    })
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
