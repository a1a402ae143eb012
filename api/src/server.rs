//! The HTTP server: the application put together, bound and started, and stopped without cutting off a request.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Bytes};
use actix_web::{App, Error, HttpServer};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt as _;

use crate::extract;
use crate::frame::{Methods, Operations, fallback, frame};
use crate::openapi;
use crate::reference::{self, Reference};
use crate::routes::{self, DocumentJson};
use crate::state::AppState;

/// How long a connection may be idle: also how long an idle one can delay the shutdown.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long requests may go on after the server was told to stop.
const SHUTDOWN_SECONDS: u64 = 30;

/// What all workers share of the document.
#[derive(Clone)]
pub struct Documented {
    methods: web::Data<Methods>,
    operations: web::Data<Operations>,
    json: web::Data<DocumentJson>,
    reference: web::Data<Reference>,
}

impl Documented {
    /// From the document.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(document: &OpenApi) -> io::Result<Self> {
        let json = document.to_json()?;
        let reference = Reference::new(&serde_json::to_value(document)?);
        Ok(Self {
            methods: web::Data::new(Methods::of(document)),
            operations: web::Data::new(Operations::of(document)),
            json: web::Data::new(DocumentJson(Bytes::from(json))),
            reference: web::Data::new(reference),
        })
    }
}

/// The application, as every worker runs it and as tests call it in process.
pub fn app(
    state: AppState,
    documented: Documented,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let (app, _) = App::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .app_data(web::Data::new(state))
        .app_data(documented.methods)
        .app_data(documented.operations)
        .app_data(documented.json)
        .app_data(extract::path_config())
        .configure(routes::configure)
        .default_service(web::to(fallback))
        .split_for_parts();
    let app = app.app_data(documented.reference).configure(reference::configure);
    app.wrap(from_fn(frame))
}

/// A server that answers requests.
pub struct RunningServer {
    /// Where it listens, with the port it was given for port 0.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

/// Starts the server.
pub struct Server;

impl Server {
    /// Binds and starts to answer. Must be called inside an async runtime.
    ///
    /// # Errors
    /// When the address cannot be bound; the message names the setting.
    pub fn start(state: AppState) -> io::Result<RunningServer> {
        let listen = state.settings.listen;
        let documented = Documented::new(&openapi::openapi())?;
        let server = HttpServer::new(move || app(state.clone(), documented.clone()))
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals()
            .bind(listen)
            .map_err(|error| {
                io::Error::new(error.kind(), format!("POSTITUS_LISTEN: cannot listen on {listen}: {error}"))
            })?;
        let address = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        let handle = server.handle();
        Ok(RunningServer { address, handle, task: tokio::spawn(server) })
    }
}

impl RunningServer {
    /// Takes no new connections, lets the requests end, and waits for that.
    ///
    /// # Errors
    /// When the server ended by a fault.
    pub async fn stop(self) -> io::Result<()> {
        self.handle.stop(true).await;
        self.task.await.map_err(io::Error::other)?
    }
}

/// Being asked to stop: SIGTERM or SIGINT.
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// From now on the process does not end by itself when it is asked to. Must be called inside an async runtime.
    ///
    /// # Errors
    /// When the signals cannot be listened to.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits until the process is asked to stop, or has been since [`StopSignal::listen`].
    pub async fn received(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits until the process is asked to stop.
///
/// # Errors
/// When the signals cannot be listened to.
pub async fn stop_signal() -> io::Result<()> {
    StopSignal::listen()?.received().await;
    Ok(())
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod contract;

#[cfg(test)]
mod access;
