//! Origins, compared as whole texts in one normal form: `scheme://host`, with the port where it is not the scheme's
//! own. Exact equality is the rule everywhere; there is no suffix, wildcard or prefix match in this project.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// An origin in normal form, as a browser writes it in the `Origin` header.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    text: String,
    https: bool,
}

impl Origin {
    /// The origin of a server that listens here, without TLS.
    pub fn of_address(address: SocketAddr) -> Origin {
        let text = match address.port() {
            80 if address.is_ipv6() => format!("http://[{}]", address.ip()),
            80 => format!("http://{}", address.ip()),
            _ => format!("http://{address}"),
        };
        Origin { text, https: false }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether connections to it are encrypted; cookies are marked `Secure` by this.
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// The same place for WebSockets, for a content security policy's `connect-src`.
    pub fn to_ws(&self) -> String {
        self.text.replacen("http", "ws", 1)
    }

    /// Reads an `Origin` header. `None` for `null` and for everything a browser would not write: a header that has
    /// to be interpreted is no proof.
    pub fn from_header(value: &str) -> Option<Origin> {
        value.parse().ok().filter(|origin: &Origin| origin.text == value)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is no origin, as the end of a sentence that begins with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No `http://` or `https://` in front.
    #[error("does not begin with https:// or http://")]
    Scheme,
    /// Something follows the host and port.
    #[error("has more than scheme, host and port: leave out the path, e.g. https://shop.example")]
    More,
    /// The host is empty or has a character that no host has.
    #[error(
        "has no valid host (names in other scripts are written in their xn-- form; there are no wildcards)"
    )]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("has no valid port")]
    Port,
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Lower-cases scheme and host, drops the scheme's own port and one trailing slash.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::Scheme)?;
        let own_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(OriginError::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@']) {
            return Err(OriginError::More);
        }
        let (host, port) = split_port(rest)?;
        let host = normal_host(host)?;
        let text = match port {
            Some(port) if port != own_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Ok(Origin { text, https: scheme == "https" })
    }
}

/// Splits `host:port`, leaving the colons of `[::1]` alone.
fn split_port(text: &str) -> Result<(&str, Option<u16>), OriginError> {
    let after_host = text.rfind(']').map_or(0, |end| end + 1);
    match text[after_host..].rsplit_once(':') {
        None => Ok((text, None)),
        Some((before, port)) => {
            let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let port = port.parse().ok().filter(|port| digits && *port > 0).ok_or(OriginError::Port)?;
            Ok((&text[..after_host + before.len()], Some(port)))
        }
    }
}

fn normal_host(host: &str) -> Result<String, OriginError> {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
        return address.map(|address| format!("[{address}]")).ok_or(OriginError::Host);
    }
    // What ends in a number must be a whole IPv4 address: browsers read `127.1` as 127.0.0.1.
    let last = host.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err()
    {
        return Err(OriginError::Host);
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if host.len() <= 253 && host.split('.').all(label) { Ok(host.to_owned()) } else { Err(OriginError::Host) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_one_normal_form() {
        let cases = [
            ("https://Shop.Example", "https://shop.example"),
            ("https://shop.example/", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://shop.example:8080", "http://shop.example:8080"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("http://[0:0::1]:80", "http://[::1]"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            (" https://xn--bcher-kva.example ", "https://xn--bcher-kva.example"),
        ];
        for (text, want) in cases {
            assert_eq!(
                text.parse::<Origin>().map(|origin| origin.to_string()),
                Ok(want.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let cases = [
            ("shop.example", OriginError::Scheme),
            ("ftp://shop.example", OriginError::Scheme),
            ("null", OriginError::Scheme),
            ("https://shop.example/cart", OriginError::More),
            ("https://me@shop.example", OriginError::More),
            ("https://", OriginError::Host),
            ("https://*.shop.example", OriginError::Host),
            ("https://bücher.example", OriginError::Host),
            ("https://shop..example", OriginError::Host),
            ("http://127.1", OriginError::Host),
            ("http://[::1", OriginError::Host),
            ("http://[zz]", OriginError::Host),
            ("https://shop.example:", OriginError::Port),
            ("https://shop.example:+1", OriginError::Port),
            ("https://shop.example:0", OriginError::Port),
            ("https://shop.example:65536", OriginError::Port),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<Origin>(), Err(want), "{text}");
        }
    }

    #[test]
    fn a_header_must_already_be_normal() {
        assert!(Origin::from_header("https://shop.example").is_some());
        for value in ["null", "", "https://Shop.example", "https://shop.example/", "https://shop.example:443"]
        {
            assert_eq!(Origin::from_header(value), None, "{value}");
        }
    }

    #[test]
    fn names_the_websocket_place() {
        let origin: Origin = "https://chat.example".parse().unwrap();
        assert_eq!(origin.to_ws(), "wss://chat.example");
    }
}
