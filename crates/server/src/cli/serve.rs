//! `rejoin serve`, and the parts of it that the demo shares.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, say, warn};
use crate::app::App;
use crate::assets::Assets;
use crate::bus::LocalBus;
use crate::config::{Config, Given, public_url_of};
use crate::control::Control;
use crate::data_dir::DataDir;
use crate::listen;
use crate::office::Office;
use crate::origin::Origin;
use crate::store::sqlite::Sqlite;
use crate::telemetry::start_log;

/// The exit code of a server that was told twice to stop, as a shell reports an interrupt.
const INTERRUPTED: i32 = 130;

/// A server that only needs to be run.
pub(crate) struct Prepared {
    /// Where it listens.
    pub(crate) listener: TcpListener,
    /// Its parts.
    pub(crate) app: Arc<App>,
    /// Who carries commands out.
    pub(crate) office: Arc<Office>,
    control: Control,
    // Dropped last: nobody else may open the data before the store is closed.
    _data: DataDir,
}

/// Runs the server until it is told to stop.
pub(super) fn serve(given: Given) -> Result<(), Failure> {
    start_log();
    let config = Config::load(given)?;
    runtime()?.block_on(async {
        let stop = stop_signal()?;
        let prepared = prepare(config).await?;
        if !prepared.app.assets.is_complete() {
            warn("this build has no pages and no widget; run cargo xtask build for one that has");
        }
        if prepared.app.config.public_url.is_none() && !prepared.listener.local_addr()?.ip().is_loopback() {
            warn(&format!(
                "sign-in links and the inbox are for {}; say how browsers reach this server with --public-url",
                prepared.app.public
            ));
        }
        say(&format!("listening on http://{}", prepared.listener.local_addr()?));
        prepared.run(stop).await
    })
}

/// Takes the data directory, opens the store, binds the listener.
pub(crate) async fn prepare(config: Config) -> Result<Prepared, Failure> {
    raise_file_limit();
    let data = DataDir::take(&config.data)?;
    let listener = bind(config.listen)?;
    let store = Arc::new(Sqlite::open(data.path())?);
    let public = public_url(&config, &listener)?;
    data.remember_public_url(&public)?;
    let bus = Arc::new(LocalBus::new());
    let app = App::new(config, public.clone(), store.clone(), bus, Assets::embedded())
        .await
        .map_err(|error| format!("cannot read the sites: {error}"))?;
    let control = Control::open(data.path())
        .map_err(|error| format!("cannot open {}: {error}", data.path().join("control.sock").display()))?;
    let office = Arc::new(Office { store, public, app: Some(app.clone()) });
    Ok(Prepared { listener, app, office, control, _data: data })
}

impl Prepared {
    /// Serves requests and commands until `stop`.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let Prepared { listener, app, office, control, _data: data } = self;
        let serving = crate::run(listener, app.clone(), stop);
        let commands = control.serve(office.clone());
        tokio::select! {
            outcome = serving => outcome?,
            () = commands => {}
        }
        drop(control);
        let store = office.store.clone();
        drop((office, app));
        store.close().await;
        drop((store, data));
        tracing::info!("stopped");
        Ok(())
    }
}

/// Ends at the first SIGTERM or SIGINT; the process ends at the second.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(INTERRUPTED);
        });
    })
}

/// The runtime for everything asynchronous.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Each connection is an open file, and the usual limit of 1024 is for programs that do not know how many they need.
/// What the system does not give is not fatal: accepting then pauses until there is room.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    listen(address).map_err(|error| {
        Failure(if error.kind() == io::ErrorKind::AddrInUse {
            format!("{address} is in use; stop what listens there or choose another address with --listen")
        } else {
            format!("cannot listen on {address}: {error}; choose another address with --listen")
        })
    })
}

fn public_url(config: &Config, listener: &TcpListener) -> io::Result<Origin> {
    match &config.public_url {
        Some(url) => Ok(url.clone()),
        None => Ok(public_url_of(listener.local_addr()?)),
    }
}
