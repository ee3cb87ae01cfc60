//! What a handler may take for granted about who asks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use rejoin_protocol::Secret;

use crate::app::{App, now_ms};
use crate::client_address::AddressHash;
use crate::domain::request::{Agent, Reply, Request};
use crate::error::HttpError;
use crate::origin::Origin;
use crate::tickets;

/// The cookie of an agent's inbox session.
pub const COOKIE: &str = "rejoin_agent";

/// The address of the socket's other end; the accept loop puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The client for limits; none for this machine.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub Option<AddressHash>);

/// A page of our own asks: its `Origin` is one of [`App::own_origins`], exactly.
#[derive(Clone, Copy, Debug)]
pub struct OwnPage;

/// The signed-in agent.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Agent);

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        let Peer(peer) = peer(parts)?;
        Ok(Client(app.addresses.client(peer, &parts.headers)))
    }
}

impl FromRequestParts<Arc<App>> for Peer {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, HttpError> {
        peer(parts)
    }
}

impl FromRequestParts<Arc<App>> for OwnPage {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        match origin(&parts.headers) {
            Some(origin) if app.own_origins.iter().any(|own| own == origin.as_str()) => Ok(OwnPage),
            Some(_) | None => Err(HttpError::Origin(format!("open the inbox at {}/inbox/", app.public))),
        }
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        const DETAIL: &str = "open a sign-in link first";
        let Some(secret) = cookie(&parts.headers) else { return Err(HttpError::SignedOut(DETAIL)) };
        let request = Request::Session { session_hash: tickets::hash(&secret), now: now_ms() };
        let Reply::Agent(agent) = app.ask(request).await? else { return Err(HttpError::SignedOut(DETAIL)) };
        Ok(SignedIn(agent))
    }
}

/// The page's origin, if there is exactly one and it is one.
pub fn origin(headers: &HeaderMap) -> Option<Origin> {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    Origin::from_header(value.to_str().ok()?)
}

/// The inbox session's secret.
pub fn cookie(headers: &HeaderMap) -> Option<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| value.parse().ok())
}

fn peer(parts: &Parts) -> Result<Peer, HttpError> {
    parts
        .extensions
        .get()
        .copied()
        .ok_or_else(|| HttpError::Failed("a request came without its peer's address".to_owned()))
}
