//! The files inside the binary: loader, widget, inbox, sample shop, each also as brotli and gzip.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use sha2::{Digest as _, Sha256};

/// Without these a server can take and keep messages but nobody can write any.
const NEEDED: [&str; 3] = ["rejoin.js", "inbox.html", "chat.html"];

/// One line of the table that the build script writes.
struct Embedded {
    path: &'static str,
    identity: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file and its other spellings.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is.
    pub mime: &'static str,
    /// Hash of the identity's bytes; the stem of every spelling's ETag.
    pub hash: String,
    /// As it is.
    pub identity: Bytes,
    /// As brotli.
    pub br: Option<Bytes>,
    /// As gzip.
    pub gz: Option<Bytes>,
}

/// Files by path, without a leading slash.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    files: BTreeMap<String, File>,
}

impl Assets {
    /// What the build put in.
    pub fn embedded() -> Self {
        let file = |embedded: &Embedded| {
            let mut file = File::new(embedded.path, Bytes::from_static(embedded.identity));
            file.br = embedded.br.map(Bytes::from_static);
            file.gz = embedded.gz.map(Bytes::from_static);
            (embedded.path.to_owned(), file)
        };
        Assets { files: EMBEDDED.iter().map(file).collect() }
    }

    /// These files and no others.
    pub fn of(files: impl IntoIterator<Item = (String, File)>) -> Self {
        Assets { files: files.into_iter().collect() }
    }

    /// The file at this path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Whether the build had what people need to write and answer.
    pub fn is_complete(&self) -> bool {
        NEEDED.iter().all(|path| self.files.contains_key(*path))
    }
}

impl File {
    /// A file known only as it is; the path's ending says what it is.
    pub fn new(path: &str, identity: Bytes) -> Self {
        let digest = Sha256::digest(&identity);
        let hash = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        File { mime: mime(path), hash, identity, br: None, gz: None }
    }
}

/// Every kind of file the build makes; what is not here is bytes that no browser interprets.
fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
