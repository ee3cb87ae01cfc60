//! A real server on a free port over SQLite in a temporary directory, and plain clients for it.
#![expect(dead_code, reason = "each test binary uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

pub(crate) mod http;
pub(crate) mod ws;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rejoin_server::app::App;
use rejoin_server::assets::Assets;
use rejoin_server::bus::LocalBus;
use rejoin_server::config::{Config, Given, public_url_of};
use rejoin_server::control::{Answer, Command};
use rejoin_server::office::Office;
use rejoin_server::store::sqlite::Sqlite;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use http::Reply;
use ws::Ws;

/// The shop's origin in every test.
pub(crate) const SHOP: &str = "https://shop.example";

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    pub(crate) office: Office,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    pub(crate) dir: Arc<TempDir>,
}

impl Server {
    /// With the site `demo`, whose shop is [`SHOP`].
    pub(crate) async fn start() -> Server {
        Server::with(Assets::default(), |_| {}).await
    }

    pub(crate) async fn with(assets: Assets, adjust: impl FnOnce(&mut Config)) -> Server {
        Server::on(Arc::new(tempfile::tempdir().unwrap()), assets, adjust).await
    }

    /// On data that may be there already.
    pub(crate) async fn on(dir: Arc<TempDir>, assets: Assets, adjust: impl FnOnce(&mut Config)) -> Server {
        let mut config =
            Config::load(Given { data: Some(dir.path().to_owned()), ..Given::default() }).unwrap();
        config.drain_ms = 0;
        adjust(&mut config);
        let listener = rejoin_server::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let public = config.public_url.clone().unwrap_or_else(|| public_url_of(address));
        let store = Arc::new(Sqlite::open(dir.path()).unwrap());
        let app =
            App::new(config, public.clone(), store.clone(), Arc::new(LocalBus::new()), assets).await.unwrap();
        let office = Office { store, public, app: Some(app.clone()) };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(rejoin_server::run(listener, app.clone(), async {
            let _ = stopped.await;
        }));
        let server = Server { address, app, office, stop, serving, dir };
        server.order(Command::SiteAdd { name: "demo".to_owned(), origins: vec![SHOP.to_owned()] }).await;
        server
    }

    /// Has a command done and returns what it prints.
    pub(crate) async fn order(&self, command: Command) -> String {
        match self.office.carry_out(command).await {
            Answer::Done(line) => line,
            Answer::Refused(line) => panic!("{line}"),
        }
    }

    /// Adds an agent and returns the secret of its sign-in link.
    pub(crate) async fn add_agent(&self, email: &str, site: &str) -> String {
        let command =
            Command::AgentAdd { email: email.to_owned(), site: site.to_owned(), name: "Ada".to_owned() };
        secret_of(&self.order(command).await)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], "").await
    }

    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        http::request(self.address, method, path, headers, body).await
    }

    /// Signs an agent in and returns its cookie as it is sent back.
    pub(crate) async fn sign_in(&self, secret: &str) -> String {
        let origin = self.origin();
        let body = format!("{{\"secret\":\"{secret}\"}}");
        let reply = self.request("POST", "/v1/inbox/sign-in", &[("origin", &origin)], &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }

    /// Fetches a ticket.
    pub(crate) async fn ticket(&self, cookie: &str) -> String {
        let origin = self.origin();
        let headers = [("origin", origin.as_str()), ("cookie", cookie), ("x-rejoin", "1")];
        let reply = self.request("POST", "/v1/ticket", &headers, "").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["ticket"].as_str().unwrap().to_owned()
    }

    /// The origin of the server's own pages.
    pub(crate) fn origin(&self) -> String {
        self.office.public.to_string()
    }

    /// A connection from the shop, before its hello.
    pub(crate) async fn connect(&self) -> Ws {
        Ws::connect(self.address, SHOP).await
    }

    /// A connection whose hello named this token, and all that came up to `synced`.
    pub(crate) async fn customer(&self, token: &str, pos: Option<Value>) -> (Ws, Vec<Value>) {
        let mut ws = self.connect().await;
        ws.hello(token, pos).await;
        let frames = ws.until("synced").await;
        (ws, frames)
    }

    /// An agent's connection, welcomed.
    pub(crate) async fn agent(&self, cookie: &str) -> Ws {
        let ticket = self.ticket(cookie).await;
        let mut ws = Ws::connect(self.address, &self.origin()).await;
        ws.send(serde_json::json!({ "hello": { "v": 1, "ticket": ticket } })).await;
        ws.expect("welcome").await;
        ws
    }

    /// Stops it in good order, and waits for it.
    pub(crate) async fn stop(self) -> Arc<TempDir> {
        let Server { stop, serving, office, app, dir, .. } = self;
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        let store = office.store.clone();
        drop((office, app));
        store.close().await;
        dir
    }
}

/// The secret in a sign-in link.
pub(crate) fn secret_of(link: &str) -> String {
    link.trim().rsplit_once("/inbox/#signin=").unwrap_or_else(|| panic!("no link: {link}")).1.to_owned()
}

/// A device token that is different for every `n`.
pub(crate) fn token(n: u8) -> String {
    let secret = rejoin_protocol::Secret::from_bytes([n; 32]);
    format!("rj1_{:016x}_{}", n, secret.expose_text())
}

/// A client message id that is different for every `n`.
pub(crate) fn cid(n: u64) -> String {
    format!("{n:032x}")
}

/// All bytes of the data directory's files, for looking for what must not be there.
pub(crate) fn bytes_in(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}
