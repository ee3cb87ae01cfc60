//! `GET /metrics`, for this machine or for who knows the token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::response::IntoResponse;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::error::HttpError;
use crate::extract::Peer;

/// The text format of OpenMetrics, which Prometheus reads.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What proxies add to a request.
const PROXY_MARKS: [&str; 5] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/// Others than this machine, and everything that came through a proxy on it, need the configured bearer token; to
/// them there is no such page without it.
pub async fn metrics(
    State(app): State<Arc<App>>,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Result<impl IntoResponse, HttpError> {
    let direct =
        peer.to_canonical().is_loopback() && !PROXY_MARKS.iter().any(|mark| headers.contains_key(*mark));
    if direct || knows_token(&app, &headers) {
        Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], app.metrics.text()))
    } else {
        Err(HttpError::NotFound)
    }
}

/// Compares hashes, so that the time it takes says nothing about how much of a guess was right.
fn knows_token(app: &App, headers: &HeaderMap) -> bool {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let said = said.and_then(|value| value.strip_prefix("Bearer "));
    app.config
        .metrics_token
        .as_ref()
        .zip(said)
        .is_some_and(|(token, said)| Sha256::digest(token) == Sha256::digest(said))
}
