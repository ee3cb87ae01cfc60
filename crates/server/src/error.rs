//! What a handler answers when it cannot do what was asked: a status, and the protocol's word for it as JSON.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rejoin_protocol::ErrorCode;
use serde_json::json;

use crate::store::StoreError;

/// A refusal over HTTP.
#[derive(Debug)]
pub enum HttpError {
    /// No such thing, or not yours.
    NotFound,
    /// Nobody is signed in here, or the sign-in link is spent.
    SignedOut(&'static str),
    /// The page that asks is not one of ours, or did not say where it is from.
    Origin(String),
    /// The request is not what is wanted; the text names the field.
    Bad(String),
    /// The body is too long.
    TooLarge,
    /// Too many; try again after this many ms.
    Rate(u64),
    /// Overloaded or going away; nothing was done.
    Unavailable,
    /// A failure of ours; the text is logged, never sent.
    Failed(String),
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => HttpError::Unavailable,
            StoreError::Full | StoreError::Failed(_) => HttpError::Failed(error.to_string()),
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let (status, code, detail) = match &self {
            HttpError::NotFound => (StatusCode::NOT_FOUND, ErrorCode::NotFound, None),
            HttpError::SignedOut(detail) => {
                (StatusCode::UNAUTHORIZED, ErrorCode::Auth, Some((*detail).to_owned()))
            }
            HttpError::Origin(detail) => (StatusCode::FORBIDDEN, ErrorCode::Origin, Some(detail.clone())),
            HttpError::Bad(detail) => (StatusCode::BAD_REQUEST, ErrorCode::BadFrame, Some(detail.clone())),
            HttpError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge, None),
            HttpError::Rate(_) => (StatusCode::TOO_MANY_REQUESTS, ErrorCode::Rate, None),
            HttpError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, None),
            HttpError::Failed(detail) => {
                tracing::error!(detail, "request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Unavailable, None)
            }
        };
        let body = match detail {
            Some(detail) => json!({ "code": code, "detail": detail }),
            None => json!({ "code": code }),
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let HttpError::Rate(retry_ms) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_ms.div_ceil(1_000)));
        }
        response
    }
}
