//! Every setting, from the command line and the file it may name. The command line wins; what is wrong is said at
//! start, in one line that names the setting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::client_address::Network;
use crate::origin::Origin;

/// Where the data is when nobody says otherwise.
pub const DATA_DIR: &str = "./rejoin-data";

/// Where the server listens when nobody says otherwise: this machine only, because a public server stands behind a
/// proxy that ends TLS.
pub const LISTEN: &str = "127.0.0.1:8080";

/// Proxies believed when nobody says otherwise: those on this machine, where the server is meant to stand.
const TRUSTED_PROXIES: [&str; 2] = ["127.0.0.0/8", "::1"];

/// Clients of a stopping server come back spread over this time, so that its successor is not met by all at once.
const DRAIN_MS: u64 = 2_000;

/// No operator wants a stop to take longer, and service managers lose patience at 90 s.
const DRAIN_MS_MAX: u64 = 60_000;

/// With 12 kB each this is 600 MB.
const CONNECTIONS_MAX: usize = 50_000;

/// A guessable token would open the metrics to the world.
const METRICS_TOKEN_CHARS_MIN: usize = 16;

/// All settings, valid.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// The address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// How browsers reach this server. None: `http://` and the listening address.
    pub public_url: Option<Origin>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The time over which clients of a stopping server are sent away, in ms.
    pub drain_ms: u64,
    /// Open connections beyond this are refused.
    pub connections_max: usize,
    /// Whether addresses are limited in how much they may do.
    pub address_limits: bool,
    /// Opens `/metrics` to others than this machine.
    pub metrics_token: Option<String>,
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--public-url`.
    pub public_url: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
}

/// The file: TOML, every field optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The data directory, as `--data`. Default `./rejoin-data`.
    data: Option<PathBuf>,
    /// `HOST:PORT`, as `--listen`. Default `127.0.0.1:8080`.
    listen: Option<String>,
    /// `https://chat.example`, as `--public-url`. Default `http://` and the listening address.
    public_url: Option<String>,
    /// Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed. Default this machine,
    /// `["127.0.0.0/8", "::1"]`.
    trusted_proxies: Option<Vec<String>>,
    /// Time over which clients are sent away at a stop, in ms, 0 to 60000. Default 2000.
    drain_ms: Option<u64>,
    /// Open connections at most. Default 50000.
    connections_max: Option<usize>,
    /// Limits per address on connections, new threads and sign-ins; false for load tests only. Default true.
    address_limits: Option<bool>,
    /// A bearer token of 16 characters or more that opens `/metrics` to other machines. Default none: this machine
    /// only.
    metrics_token: Option<String>,
}

/// A setting is wrong; the text says which and what is wanted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the file, if one is named, and puts the command line over it.
    pub fn load(given: Given) -> Result<Config, ConfigError> {
        let file = match &given.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let public_url = given.public_url.or(file.public_url);
        Ok(Config {
            data: given.data.or(file.data).unwrap_or_else(|| DATA_DIR.into()),
            listen: listen(given.listen.or(file.listen).as_deref().unwrap_or(LISTEN))?,
            public_url: public_url.as_deref().map(origin).transpose()?,
            trusted_proxies: file
                .trusted_proxies
                .unwrap_or_else(|| TRUSTED_PROXIES.map(str::to_owned).into())
                .iter()
                .map(|text| network(text))
                .collect::<Result<_, _>>()?,
            drain_ms: within("drain_ms", file.drain_ms.unwrap_or(DRAIN_MS), 0, DRAIN_MS_MAX)?,
            connections_max: within(
                "connections_max",
                file.connections_max.unwrap_or(CONNECTIONS_MAX),
                1,
                usize::MAX,
            )?,
            address_limits: file.address_limits.unwrap_or(true),
            metrics_token: file.metrics_token.map(metrics_token).transpose()?,
        })
    }
}

/// How browsers reach a server that listens here and was not told: an address that stands for all of them is no
/// place to go to, so this machine's own is named.
pub fn public_url_of(listen: SocketAddr) -> Origin {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    Origin::of_address(SocketAddr::new(ip, listen.port()))
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("cannot read the config file {}: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        ConfigError(format!("{} line {line}: {}", path.display(), error.message().replace('\n', " ")))
    })
}

fn listen(text: &str) -> Result<SocketAddr, ConfigError> {
    let wrong = || ConfigError(format!("listen: {text:?} is no address; write HOST:PORT, e.g. {LISTEN}"));
    text.to_socket_addrs().map_err(|_| wrong())?.next().ok_or_else(wrong)
}

fn origin(text: &str) -> Result<Origin, ConfigError> {
    text.parse().map_err(|error| ConfigError(format!("public_url: {text:?} {error}")))
}

fn network(text: &str) -> Result<Network, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError(format!(
            "trusted_proxies: {text:?} is no address or network; write 10.0.0.1 or 10.0.0.0/8"
        ))
    })
}

fn metrics_token(text: String) -> Result<String, ConfigError> {
    if text.len() >= METRICS_TOKEN_CHARS_MIN && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(ConfigError(format!(
            "metrics_token: want {METRICS_TOKEN_CHARS_MIN} or more printable characters without spaces"
        )))
    }
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, value: T, min: T, max: T) -> Result<T, ConfigError> {
    if value >= min && value <= max {
        Ok(value)
    } else {
        Err(ConfigError(format!("{name}: {value} is not between {min} and {max}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, given: Given) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejoin.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Given { config: Some(path.clone()), ..given })
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn everything_has_a_default() {
        let config = Config::load(Given::default()).unwrap();
        assert_eq!(config.data, Path::new("./rejoin-data"));
        assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(config.drain_ms, 2_000);
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn the_command_line_wins() {
        let given = Given { listen: Some("127.0.0.1:7".to_owned()), ..Given::default() };
        let config = load("listen = '127.0.0.1:9'\ndrain_ms = 5\n", given).unwrap();
        assert_eq!((config.listen.port(), config.drain_ms), (7, 5));
    }

    #[test]
    fn names_the_setting_that_is_wrong() {
        let cases = [
            ("listen = '8080'", "listen: \"8080\" is no address; write HOST:PORT, e.g. 127.0.0.1:8080"),
            (
                "public_url = 'chat.example'",
                "public_url: \"chat.example\" does not begin with https:// or http://",
            ),
            (
                "trusted_proxies = ['10.0.0.0/33']",
                "trusted_proxies: \"10.0.0.0/33\" is no address or network; write 10.0.0.1 or 10.0.0.0/8",
            ),
            ("drain_ms = 60001", "drain_ms: 60001 is not between 0 and 60000"),
            ("metrics_token = 'short'", "metrics_token: want 16 or more printable characters without spaces"),
        ];
        for (text, want) in cases {
            assert_eq!(load(text, Given::default()).map(|_| ()), Err(want.to_owned()));
        }
    }

    #[test]
    fn an_unknown_setting_is_a_mistake() {
        let error = load("drain_ms = 1\nlisten_on = 'x'\n", Given::default()).map(|_| ()).unwrap_err();
        assert!(error.starts_with("FILE line 2: unknown field `listen_on`"), "{error}");
    }

    #[test]
    fn an_address_for_all_is_shown_as_this_machine() {
        assert_eq!(public_url_of("0.0.0.0:8080".parse().unwrap()).as_str(), "http://127.0.0.1:8080");
        assert_eq!(public_url_of("[::]:80".parse().unwrap()).as_str(), "http://[::1]");
    }
}
