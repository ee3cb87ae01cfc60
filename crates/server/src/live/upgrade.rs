//! `GET /v1/ws`: from an HTTP request to a WebSocket.
//!
//! Done here and not by axum because axum hides the reason why a message could not be read, and the client is owed
//! it (too large, not UTF-8, not masked).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::connection::{self, Arrival};
use super::socket::Socket;
use crate::app::{App, now_ms};
use crate::error::HttpError;
use crate::extract::{Client, origin};

/// A client that finds the server full comes back after this.
const FULL_RETRY_MS: u64 = 10_000;

/// Accepts every page whose origin is one: whether the site lists it is known only at `hello`, and a browser can show
/// its user the close code of a WebSocket but not the status of a refused upgrade. A missing, `null` or malformed
/// origin comes from no embedding page and gets 403.
pub async fn upgrade(State(app): State<Arc<App>>, request: Request) -> Result<Response, HttpError> {
    let (mut parts, _) = request.into_parts();
    let accept = accept_key(&parts.headers)?;
    let page = origin(&parts.headers)
        .ok_or_else(|| HttpError::Origin("want the Origin header of an http or https page".to_owned()))?;
    let Client(client) = Client::from_request_parts(&mut parts, &app).await?;
    app.limits.connection(client, now_ms()).map_err(HttpError::Rate)?;
    let Ok(room) = app.room.clone().try_acquire_owned() else { return Err(HttpError::Rate(FULL_RETRY_MS)) };
    let Some(alive) = app.join() else { return Err(HttpError::Unavailable) };
    let Some(on_upgrade) = parts.extensions.remove::<OnUpgrade>() else {
        return Err(HttpError::Failed("the connection cannot be upgraded".to_owned()));
    };
    tokio::spawn(async move {
        // Without an upgraded connection the client is gone, and nobody is left to tell.
        if let Ok(upgraded) = on_upgrade.await {
            let socket = Socket::new(TokioIo::new(upgraded)).await;
            connection::run(app, socket, Arrival { page, client }).await;
        }
        drop((room, alive));
    });
    switching(&accept)
}

/// The answer to the client's key, if the request is a WebSocket handshake (RFC 6455 section 4.2.1).
fn accept_key(headers: &HeaderMap) -> Result<String, HttpError> {
    let has = |name: HeaderName, want: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(want))
    };
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err(HttpError::Bad("this address speaks WebSocket only".to_owned()));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(HttpError::Bad("sec-websocket-version: want 13".to_owned()));
    }
    headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()))
        .ok_or_else(|| HttpError::Bad("sec-websocket-key: missing".to_owned()))
}

fn switching(accept: &str) -> Result<Response, HttpError> {
    let accept = HeaderValue::try_from(accept)
        .map_err(|_| HttpError::Failed("the handshake's answer does not fit into a header".to_owned()))?;
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response())
}
