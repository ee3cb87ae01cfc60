//! The server's own pages, `/inbox/` and `/chat/SITE`, under a content security policy that leaves an injected
//! script nothing to run with and nowhere to send to.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use hyper::body::Bytes;
use rejoin_protocol::SiteName;

use super::assets::{Keep, serve};
use crate::app::App;
use crate::assets::File;
use crate::error::HttpError;

/// What stands for the site's name in the chat page.
const SITE_MARK: &str = "__SITE__";

/// What a build without assets shows in place of its pages.
const NO_ASSETS: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Rejoin</title>\n\
    <p>This server was built without its pages. Run <code>cargo xtask build</code>.\n";

/// `GET /inbox/`.
pub async fn inbox(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match app.assets.get("inbox.html") {
        Some(file) => page(&app, serve(file, &headers, Keep::Ask)),
        None => page(&app, serve(&no_assets(), &headers, Keep::Ask)),
    }
}

/// `GET /inbox`.
pub async fn to_inbox() -> Redirect {
    Redirect::permanent("/inbox/")
}

/// `GET /chat/SITE`: the chat as a full page. The site's name is put into the page, so that the page needs no
/// script of its own; a name is letters, digits and dashes and so means nothing in HTML.
pub async fn chat(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let site: SiteName = site.parse().map_err(|_| HttpError::NotFound)?;
    if !app.sites().contains_key(&site) {
        return Err(HttpError::NotFound);
    }
    let Some(file) = app.assets.get("chat.html") else {
        return Ok(page(&app, serve(&no_assets(), &headers, Keep::Ask)));
    };
    let text = String::from_utf8_lossy(&file.identity).replace(SITE_MARK, site.as_str());
    Ok(page(&app, serve(&File::new("chat.html", Bytes::from(text)), &headers, Keep::Ask)))
}

fn no_assets() -> File {
    File::new("no-assets.html", Bytes::from_static(NO_ASSETS.as_bytes()))
}

/// Adds what every page of ours is served under.
fn page(app: &App, mut response: Response) -> Response {
    // `'self'` does not cover WebSockets in every browser in use, so the address is named.
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' {}; \
         img-src 'self' data:; require-trusted-types-for 'script'; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'none'",
        app.public.to_ws()
    );
    let headers = response.headers_mut();
    let Ok(policy) = HeaderValue::try_from(policy) else {
        return HttpError::Failed("the public URL does not fit into a header".to_owned()).into_response();
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
