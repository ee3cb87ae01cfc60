//! For service managers and load balancers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::{Reply, Request};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store can commit and the server is not on its way out; otherwise 503 with the reason.
pub async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match app.ask(Request::Ready).await {
        Ok(Reply::Done) => (StatusCode::OK, "ready\n"),
        Ok(_) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store cannot commit\n"),
    }
}
