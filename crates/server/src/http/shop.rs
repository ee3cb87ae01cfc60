//! The sample shop of `rejoin demo`: static pages that embed the chat from another site.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use hyper::body::Bytes;

use super::assets::{Keep, serve};
use crate::assets::{Assets, File};
use crate::error::HttpError;

/// What stands for the chat server's base URL in the shop's pages.
const REJOIN_MARK: &str = "__REJOIN__";

/// What the shop is made of.
pub struct Shop {
    /// The embedded files; the shop's are under `shop/`.
    pub assets: Assets,
    /// The chat server's base URL.
    pub rejoin: String,
}

/// Serves `shop/…` at the root.
pub fn shop(shop: Arc<Shop>) -> Router {
    Router::new().fallback(file).with_state(shop)
}

async fn file(State(shop): State<Arc<Shop>>, uri: Uri, headers: HeaderMap) -> Result<Response, HttpError> {
    let path = uri.path().trim_start_matches('/');
    let index = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
    let path = format!("shop/{path}{index}");
    let file = shop.assets.get(&path).ok_or(HttpError::NotFound)?;
    if !file.mime.starts_with("text/html") {
        return Ok(serve(file, &headers, Keep::Ask));
    }
    let text = String::from_utf8_lossy(&file.identity).replace(REJOIN_MARK, &shop.rejoin);
    Ok(serve(&File::new(&path, Bytes::from(text)), &headers, Keep::Ask))
}
