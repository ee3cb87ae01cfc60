//! Every path the server knows, in one place.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::app::App;
use crate::error::HttpError;
use crate::http::{assets, health, inbox, metrics, pages, ticket};
use crate::live::upgrade;

/// The longest body there is, a sign-in, has a hundred bytes.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// A request that takes longer has a client that does not send or a store that does not answer.
const REQUEST_WAIT: Duration = Duration::from_secs(10);

/// The whole table.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/rejoin.js", get(assets::loader))
        .route("/assets/{*path}", get(assets::hashed))
        .route("/chat/{site}", get(pages::chat))
        .route("/inbox", get(pages::to_inbox))
        .route("/inbox/", get(pages::inbox))
        .route("/v1/inbox/sign-in", post(inbox::sign_in))
        .route("/v1/inbox/sign-out", post(inbox::sign_out))
        .route("/v1/inbox/me", get(inbox::me))
        .route("/v1/ticket", post(ticket::ticket))
        .route("/v1/ws", get(upgrade::upgrade))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .fallback(async || HttpError::NotFound)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(in_time))
        .layer(from_fn(no_guessing))
        .with_state(app)
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_WAIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpError::Unavailable.into_response(),
    }
}

/// Whatever we send is what we say it is; a browser must not guess.
async fn no_guessing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
