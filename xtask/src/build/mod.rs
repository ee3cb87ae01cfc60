//! From sources to one binary.
//!
//! ```text
//! src, crates ──trunk──► target/trunk/NAME ──wasm-opt, esbuild──► target/xtask/NAME ─┐
//! loader, crates/server/{pages,demo} ────────────────────────────────────────────────┴─► target/assets ──► target/release/rejoin
//! ```
//! Each arrow is skipped when its inputs are those of last time; cargo decides that for the last one.

mod app;
mod collect;
mod exports;
mod glue;
mod script;

use std::fs::{self, File};
use std::path::PathBuf;

use crate::shell::{OrFail as _, Outcome, cargo, command, fail, on_path, run};
use crate::{node, paths, tools};
use app::App;

/// Assets, then the server that embeds them.
pub(crate) fn everything() -> Outcome {
    assets()?;
    server()
}

/// Everything a browser downloads, in `target/assets`.
pub(crate) fn assets() -> Outcome {
    let _alone = alone()?;
    node::provide()?;
    let tools = tools::provide()?;
    let widget = App::WIDGET.build(&tools)?;
    let inbox = App::INBOX.build(&tools)?;
    collect::assets(&widget, &inbox)
}

/// Waits until no other xtask builds assets here, and keeps others waiting until the file is closed.
fn alone() -> Outcome<File> {
    let target = paths::at("target");
    fs::create_dir_all(&target).or_fail("making target")?;
    let lock = File::create(target.join("xtask.lock")).or_fail("making target/xtask.lock")?;
    if lock.try_lock().is_err() {
        println!("waiting for another `cargo xtask` in this checkout");
        lock.lock().or_fail("waiting for target/xtask.lock")?;
    }
    Ok(lock)
}

/// The release binary with what is in `target/assets`.
fn server() -> Outcome {
    if std::env::var_os("CC").is_none() && ["cc", "gcc", "clang"].iter().all(|cc| on_path(cc).is_none()) {
        return fail(
            "no C compiler was found, and SQLite is built from C: install one (Debian: apt-get install build-essential)",
        );
    }
    run(&mut cargo(["build", "--locked", "--release", "--package", "rejoin-server"]))
}

/// Where [`everything`] leaves the binary.
pub(crate) fn binary() -> PathBuf {
    paths::cargo_target().join("release/rejoin")
}

/// Builds, then becomes `rejoin demo`, so that Ctrl-C and exit codes are the server's own.
pub(crate) fn demo(args: &[String]) -> Outcome {
    everything()?;
    let mut demo = command(binary());
    demo.arg("demo").args(args);
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(&mut demo);
        fail(format!("could not start {}: {error}", binary().display()))
    }
    #[cfg(not(unix))]
    run(&mut demo)
}
