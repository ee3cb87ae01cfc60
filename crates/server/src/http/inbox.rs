//! Signing in to the inbox: a one-time link is exchanged for a cookie that no script can read.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use rejoin_protocol::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, SystemIds, now_ms};
use crate::domain::request::{Agent, Reply, Request};
use crate::error::HttpError;
use crate::extract::{COOKIE, Client, OwnPage, SignedIn, cookie};
use crate::tickets::hash;

/// An inbox session ends after this; the operator gives a new link with `rejoin agent link`.
const SESSION_S: u64 = 30 * 24 * 60 * 60;

#[derive(Deserialize)]
struct SignIn {
    secret: String,
}

/// `POST /v1/inbox/sign-in {"secret"}`: spends the link, answers who is signed in and sets the cookie. A POST
/// because mail scanners and previews follow links, and a link they spend would be lost to the agent.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    _: OwnPage,
    Client(client): Client,
    body: Bytes,
) -> Result<Response, HttpError> {
    app.limits.sign_in(client, now_ms()).map_err(HttpError::Rate)?;
    let SignIn { secret } = serde_json::from_slice(&body)
        .map_err(|_| HttpError::Bad("want {\"secret\": …} as JSON".to_owned()))?;
    let spent = HttpError::SignedOut("this sign-in link is spent or too old; ask for a new one");
    let Ok(secret) = secret.parse::<Secret>() else { return Err(spent) };
    let session = SystemIds.secret();
    let now = now_ms();
    let request = Request::SpendLink {
        link_hash: hash(&secret),
        session_hash: hash(&session),
        session_until: now + SESSION_S * 1_000,
        now,
    };
    let Reply::Agent(agent) = app.ask(request).await? else { return Err(spent) };
    let cookie = set_cookie(&app, &session.expose_text(), SESSION_S)?;
    tracing::info!(agent = %agent.id, "agent signed in");
    Ok(([(header::SET_COOKIE, cookie)], no_store(Json(who(&agent)))).into_response())
}

/// `POST /v1/inbox/sign-out`: ends the session here and takes the cookie back; fine also when there is none.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    _: OwnPage,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if let Some(secret) = cookie(&headers) {
        app.ask(Request::EndSession { session_hash: hash(&secret) }).await?;
    }
    let gone = set_cookie(&app, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// `GET /v1/inbox/me`: who is signed in, or 401.
pub async fn me(SignedIn(agent): SignedIn) -> Response {
    no_store(Json(who(&agent))).into_response()
}

fn who(agent: &Agent) -> Value {
    json!({ "agent": { "id": agent.id, "name": agent.name, "email": agent.email }, "site": agent.site })
}

fn no_store(body: impl IntoResponse) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], body)
}

/// No other page, script or connection gets to see it; `Secure` where the public URL can honour it.
fn set_cookie(app: &App, value: &str, max_age_s: u64) -> Result<HeaderValue, HttpError> {
    let secure = if app.public.is_https() { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| HttpError::Failed("the session cookie does not fit into a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
