//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace: the folder above xtask's own.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Below the workspace.
pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// Where cargo puts what it builds.
pub(crate) fn cargo_target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at("target"), |dir| root().join(dir))
}

/// What the server embeds; its build script looks here.
pub(crate) fn assets() -> PathBuf {
    at("target/assets")
}

/// Steps on the way from sources to assets.
pub(crate) fn staging(name: &str) -> PathBuf {
    at("target/xtask").join(name)
}

/// Where cargo keeps crates and installed programs.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    var("CARGO_HOME").or_else(|| var("HOME").map(|home| home.join(".cargo")))
}

/// Where tools are kept: outside the checkout, so that a second clone and a `cargo clean` cost nothing.
pub(crate) fn tools() -> Option<PathBuf> {
    var("REJOIN_TOOLS")
        .or_else(|| var("XDG_CACHE_HOME").map(|dir| dir.join("rejoin")))
        .or_else(|| var("HOME").map(|home| home.join(".cache/rejoin")))
}

fn var(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
