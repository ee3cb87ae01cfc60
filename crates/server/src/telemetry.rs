//! What the operator sees: one line of log per thing that went wrong or began or ended, and the metrics.
//!
//! Never in either: bodies, tokens, links, e-mail addresses, network addresses. Threads and connections are not
//! named in labels, which would make a time series of each customer.

use std::io::IsTerminal as _;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tracing_subscriber::filter::LevelFilter;

/// From an append asked to its commit, in seconds: from a quick disk to one that makes people wait.
const ACK_BUCKETS_S: [f64; 12] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// One label.
type By = [(&'static str, String); 1];

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    /// WebSockets open now.
    pub connections: Gauge,
    /// Messages that entered a log; resends are not counted again.
    pub messages: Counter,
    /// From an append asked to its commit.
    pub ack: Histogram,
    nacks: Family<By, Counter>,
    closes: Family<By, Counter>,
    /// Questions the store has not answered yet.
    pub store_pending: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("rejoin");
        let info = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What is running", info);
        let connections = Gauge::default();
        registry.register("connections", "WebSockets open now", connections.clone());
        let messages = Counter::default();
        registry.register("messages", "Messages that entered a log", messages.clone());
        let ack = Histogram::new(ACK_BUCKETS_S);
        registry.register_with_unit("ack", "From an append asked to its commit", Unit::Seconds, ack.clone());
        let nacks = Family::default();
        registry.register("nacks", "Messages refused", nacks.clone());
        let closes = Family::default();
        registry.register("closes", "Connections closed by the server", closes.clone());
        let store_pending = Gauge::default();
        registry.register("store_pending", "Questions the store has not answered", store_pending.clone());
        Metrics { registry, connections, messages, ack, nacks, closes, store_pending }
    }
}

impl Metrics {
    /// A message was refused with this code.
    pub fn nack(&self, code: &str) {
        self.nacks.get_or_create(&[("code", code.to_owned())]).inc();
    }

    /// The server closed a connection with this code.
    pub fn close(&self, code: u16) {
        self.closes.get_or_create(&[("code", code.to_string())]).inc();
    }

    /// All of it, in the text format that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail; half a page would be worse than none.
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}

/// Begins to log on stderr: lines for a person on a terminal, JSON for everything else. `REJOIN_LOG` sets the level:
/// `error`, `warn`, `info` (the default) or `debug`.
pub fn start_log() {
    let level =
        std::env::var("REJOIN_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let builder =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_target(false);
    // A second start in one process, as tests make, keeps the first.
    let _ = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder.with_ansi(false).json().flatten_event(true).try_init()
    };
}
