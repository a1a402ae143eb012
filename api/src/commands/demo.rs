//! `postitus demo`: a sample register, a mailing in three languages, and what became of it. Everything after the import goes
//! through the API, as any client would.

mod answers;
mod client;
mod guard;
mod notice;
mod outcome;
mod portal;
mod recipients;
mod story;
mod table;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use domain::clock::SystemClock;

use super::import::import_folder;
use super::{Done, keys, open_database, serve};
use crate::cli::DemoArgs;
use crate::sample;
use crate::server::{Server, stop_signal};
use crate::settings::{Senders, Settings};

/// The folder of the sample register in the data folder.
const REGISTER: &str = "demo-register";

/// Writes the sample register and, unless that was all that was asked for, shows what the product does with it.
pub(crate) fn run(args: &DemoArgs) -> Done {
    if let Some(dir) = &args.write_csv {
        return Ok(say(write_sample(args, dir)?)?);
    }
    let mut settings = Settings::load()?;
    // The people of the sample have addresses that may be somebody's: no mail of the demo leaves this machine.
    settings.smtp_url = None;
    settings.senders = Senders::default();
    refuse_taken_address(settings.listen)?;
    say(format_args!("The sample register"))?;
    load(args, &settings)?;
    actix_web::rt::System::new().block_on(Box::pin(show(settings, args.exit)))
}

/// Prints to standard output at once.
fn say(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Answers what was written.
fn write_sample(args: &DemoArgs, dir: &Path) -> Result<String, Box<dyn Error>> {
    let written = sample::write_csv(u64::from(args.parties), args.seed, dir)
        .map_err(|error| format!("the sample register cannot be written into {}: {error}", dir.display()))?;
    let sample::SampleSummary { parties, properties, contracts, roles } = written;
    let dir = dir.display();
    Ok(format!("{dir}: {parties} parties, {properties} properties, {contracts} contracts, {roles} roles"))
}

/// Finds out before anything is written: the server itself is started last.
fn refuse_taken_address(listen: SocketAddr) -> Done {
    match TcpListener::bind(listen) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(format!(
            "POSTITUS_LISTEN: {listen} is taken, perhaps by an earlier demo that still runs: stop that one, or choose another \
             address, for instance POSTITUS_LISTEN={}:0 for any free port",
            listen.ip()
        )
        .into()),
        // Any other fault is for the server to tell.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Brings the sample register into the database, as `postitus import` would.
fn load(args: &DemoArgs, settings: &Settings) -> Done {
    let dir = settings.data_dir.join(REGISTER);
    let db = open_database(settings)?;
    // Before anything is imported: without a key there will be no server.
    keys(settings, Arc::new(SystemClock))?;
    say(format_args!("  {}", write_sample(args, &dir)?))?;
    guard::refuse_other_register(&db, &dir, settings)?;
    let imported = import_folder(settings, &db, &dir)?;
    say(format_args!("  imported into {}", settings.database.url))?;
    for line in imported.to_string().lines() {
        say(format_args!("    {line}"))?;
    }
    Ok(())
}

/// Starts server and dispatcher, plays the story, and goes on serving until asked to stop.
async fn show(mut settings: Settings, exit: bool) -> Done {
    // The story waits for what it sends.
    settings.workers = settings.workers.max(1);
    let (state, background) = serve::start(settings).await?;
    let server = Server::start(state.clone())?;
    let address = server.address;
    let shown = tokio::select! {
        shown = story::tell(&state, address, exit) => match shown {
            Ok(()) if !exit => stop_signal().await.map_err(Into::into),
            shown => shown,
        },
        stopped = stop_signal() => stopped.map_err(Into::into),
    };
    server.stop().await?;
    background.stop().await?;
    shown
}
