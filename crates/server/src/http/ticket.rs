//! `POST /v1/ticket`: a signed-in agent's page fetches the pass for its next connection.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::response::IntoResponse;
use serde_json::json;

use crate::app::{App, SystemIds, now_ms};
use crate::error::HttpError;
use crate::extract::{OwnPage, SignedIn};

/// Needs the cookie, our own origin, and a header that no form and no foreign page can send without being asked.
pub async fn ticket(
    State(app): State<Arc<App>>,
    _: OwnPage,
    headers: HeaderMap,
    SignedIn(agent): SignedIn,
) -> Result<impl IntoResponse, HttpError> {
    if headers.get("x-rejoin").is_none_or(|value| value != "1") {
        return Err(HttpError::Bad("want the header x-rejoin: 1".to_owned()));
    }
    let secret = SystemIds.secret();
    app.tickets.issue(now_ms(), &secret, agent);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "ticket": secret.expose_text() }))))
}
