//! What the rim knows of a connection before its first frame.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rejoin_protocol::SiteName;

use crate::domain::rate::Gate;

/// A connection as the rim accepted it.
#[derive(Clone)]
pub struct Conn {
    /// The page's `Origin` header, in normal form; none if it was missing, `null` or malformed.
    pub origin: Option<String>,
    /// The server's own origins: every site's chat may be there, and only there an agent's inbox.
    pub own_origins: Arc<Vec<String>>,
    /// All sites with the origins they may be embedded on, compared as whole texts.
    pub sites: Arc<BTreeMap<SiteName, Vec<String>>>,
    /// Any number, different from one connection to the next: spreads the heartbeats.
    pub spread: u64,
    /// Whether a visitor at this address may make another thread.
    pub gate: Arc<dyn Gate>,
}

/// Whether a page may speak for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Yes,
    NoSuchSite,
    WrongOrigin,
}

impl Conn {
    pub(super) fn admits(&self, site: &SiteName) -> Admission {
        match (self.sites.get(site), &self.origin) {
            (None, _) => Admission::NoSuchSite,
            (Some(_), None) => Admission::WrongOrigin,
            (Some(origins), Some(origin)) if origins.contains(origin) || self.is_own() => Admission::Yes,
            (Some(_), Some(_)) => Admission::WrongOrigin,
        }
    }

    /// Whether the page is the server's own.
    pub(super) fn is_own(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| self.own_origins.contains(origin))
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").field("origin", &self.origin).finish_non_exhaustive()
    }
}
