//! What every request and every connection shares.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rejoin_protocol::SiteName;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::assets::Assets;
use crate::bus::Bus;
use crate::client_address::Addresses;
use crate::config::Config;
use crate::domain::{Ids, Reply, Request};
use crate::limits::AddressLimits;
use crate::origin::Origin;
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;
use crate::tickets::Tickets;

/// Hellos carried out at once: after a restart everybody is back within seconds, and each reads a page of history.
const HELLOS_AT_ONCE: usize = 512;

/// The sites and the origins each may be embedded on.
pub type Sites = Arc<BTreeMap<SiteName, Vec<String>>>;

/// The running server's parts.
pub struct App {
    /// Where the truth is.
    pub store: Arc<dyn Store>,
    /// Hints between connections.
    pub bus: Arc<dyn Bus>,
    /// Every setting.
    pub config: Config,
    /// How browsers reach this server.
    pub public: Origin,
    /// The origins our own pages may have: the public URL and, where nobody set one and only this machine is
    /// served, `localhost` as another name of it.
    pub own_origins: Arc<Vec<String>>,
    /// The embedded files.
    pub assets: Assets,
    /// What is counted.
    pub metrics: Metrics,
    /// Agents' passes that are out.
    pub tickets: Tickets,
    /// Whom to believe about addresses.
    pub addresses: Addresses,
    /// How much each address may do.
    pub limits: Arc<AddressLimits>,
    /// Admission to saying hello.
    pub hellos: Semaphore,
    /// Becomes true when the server stops.
    pub draining: watch::Sender<bool>,
    /// Room for connections.
    pub room: Arc<Semaphore>,
    sites: RwLock<Sites>,
    alive: Mutex<Option<mpsc::Sender<()>>>,
}

impl App {
    /// Puts the parts together and reads the sites.
    pub async fn new(
        config: Config,
        public: Origin,
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        assets: Assets,
    ) -> Result<Arc<App>, StoreError> {
        let app = App {
            store,
            bus,
            own_origins: Arc::new(own_origins(&config, &public)),
            public,
            assets,
            metrics: Metrics::default(),
            tickets: Tickets::default(),
            addresses: Addresses::new(config.trusted_proxies.clone(), SystemIds.bytes16()),
            limits: Arc::new(AddressLimits::new(config.address_limits)),
            hellos: Semaphore::new(HELLOS_AT_ONCE),
            draining: watch::Sender::new(false),
            room: Arc::new(Semaphore::new(config.connections_max.min(Semaphore::MAX_PERMITS))),
            sites: RwLock::default(),
            alive: Mutex::new(None),
            config,
        };
        app.reload_sites().await?;
        Ok(Arc::new(app))
    }

    /// The sites as of the last reading.
    pub fn sites(&self) -> Sites {
        self.sites.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the sites again; connections that are open keep what they were opened with.
    pub async fn reload_sites(&self) -> Result<(), StoreError> {
        let Reply::Sites(sites) = self.store.ask(Request::Sites).await? else {
            return Err(StoreError::Failed("the store answered another question".to_owned()));
        };
        let sites = sites.into_iter().map(|site| (site.name, site.origins)).collect();
        *self.sites.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sites);
        Ok(())
    }

    /// Asks the store and counts it.
    pub async fn ask(&self, request: Request) -> Result<Reply, StoreError> {
        let append = matches!(request, Request::Append(_));
        let since = Instant::now();
        self.metrics.store_pending.inc();
        let answer = self.store.ask(request).await;
        self.metrics.store_pending.dec();
        if append {
            self.metrics.ack.observe(since.elapsed().as_secs_f64());
        }
        if let Ok(Reply::Appended(appended)) = &answer
            && appended.new.is_some()
        {
            self.metrics.messages.inc();
        }
        answer
    }

    /// A token that a connection holds while it lives; none when the server no longer takes any.
    pub fn join(&self) -> Option<mpsc::Sender<()>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Admits connections until [`App::shut`]; the receiver ends when the last one has ended after that.
    pub(crate) fn admit(&self) -> mpsc::Receiver<()> {
        let (sender, receiver) = mpsc::channel(1);
        *self.alive.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    /// Admits nobody from here on and tells the connections to end.
    pub(crate) fn shut(&self) {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.draining.send_replace(true);
    }

    /// Whether the server is on its way out.
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }
}

fn own_origins(config: &Config, public: &Origin) -> Vec<String> {
    let mut origins = vec![public.to_string()];
    if config.public_url.is_none()
        && let Some(port) = public.as_str().strip_prefix("http://127.0.0.1")
    {
        origins.push(format!("http://localhost{port}"));
    }
    origins
}

/// Milliseconds since 1970, by this machine's clock.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Randomness from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl SystemIds {
    /// A fresh secret.
    pub fn secret(&mut self) -> rejoin_protocol::Secret {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.bytes16());
        bytes[16..].copy_from_slice(&self.bytes16());
        rejoin_protocol::Secret::from_bytes(bytes)
    }
}

impl Ids for SystemIds {
    /// # Panics
    /// If the operating system has no randomness: nothing safe can be made then, and going on would be worse.
    fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        if let Err(error) = getrandom::fill(&mut bytes) {
            panic!("the operating system gives no random bytes: {error}");
        }
        bytes
    }
}
