//! `/rejoin.js` and `/assets/…`: files that any site's page may load.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use hyper::body::Bytes;

use crate::app::App;
use crate::assets::File;
use crate::error::HttpError;

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For ever: its name changes with its content.
    Forever,
    /// Not without asking whether it is still the one.
    Ask,
}

/// `GET /rejoin.js`: the loader, which names the current app and so must never be old.
pub async fn loader(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, HttpError> {
    let file = app.assets.get("rejoin.js").ok_or(HttpError::NotFound)?;
    Ok(for_any_site(serve(file, &headers, Keep::Ask)))
}

/// `GET /assets/NAME-HASH.ext`.
pub async fn hashed(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let file = app.assets.get(&format!("assets/{path}")).ok_or(HttpError::NotFound)?;
    Ok(for_any_site(serve(file, &headers, Keep::Forever)))
}

/// A file in the spelling the browser likes best, or 304 if it has that one.
pub fn serve(file: &File, request: &HeaderMap, keep: Keep) -> Response {
    let (encoding, bytes) = choose(file, request);
    let etag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", file.hash),
        None => format!("\"{}\"", file.hash),
    };
    let mut headers = HeaderMap::new();
    let known = is_known(request, &etag);
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match keep {
            Keep::Forever => "public, max-age=31536000, immutable",
            Keep::Ask => "no-cache",
        }),
    );
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.mime));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, bytes).into_response()
}

/// A page of any origin may load it, also one that demands cross-origin isolation.
fn for_any_site(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// Brotli before gzip before neither, among what the request accepts.
fn choose(file: &File, request: &HeaderMap) -> (Option<&'static str>, Bytes) {
    let accepted = |coding: &str| accepts(request, coding);
    match (&file.br, &file.gz) {
        (Some(br), _) if accepted("br") => (Some("br"), br.clone()),
        (_, Some(gz)) if accepted("gzip") => (Some("gzip"), gz.clone()),
        _ => (None, file.identity.clone()),
    }
}

/// Whether `Accept-Encoding` names the coding with a weight above zero. `*` is not counted: nobody who can read
/// brotli says it that way.
fn accepts(request: &HeaderMap, coding: &str) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
            named && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
        })
}

fn is_known(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == etag || known == "*")
}
