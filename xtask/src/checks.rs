//! `cargo xtask ci`: what a change must pass before and beside the tests.

use crate::shell::{self, Outcome, cargo, fail, version_of};
use crate::steps::Steps;
use crate::{size, wasm_tree};

/// Everything that runs in a browser; compiled for it because half of the code exists only there.
const BROWSER_PACKAGES: [&str; 8] =
    ["-p", "rejoin-widget", "-p", "rejoin-inbox", "-p", "rejoin-browser", "-p", "rejoin-thread"];

/// All checks, then the README's own test command.
pub(crate) fn run() -> Outcome {
    let mut steps = Steps::default();
    steps.step("format", || shell::run(&mut cargo(["fmt", "--all", "--check"])));
    steps.step("clippy on the host", || {
        shell::run(&mut cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.step("clippy on wasm32", || {
        let mut clippy = cargo(["clippy", "--locked", "--target", "wasm32-unknown-unknown"]);
        shell::run(clippy.args(BROWSER_PACKAGES).args(["--", "-D", "warnings"]))
    });
    steps.step("rustdoc", || {
        shell::run(cargo(["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.step("wasm-tree", wasm_tree::check);
    if version_of("cargo-deny").is_some() {
        steps.step("cargo deny", || shell::run(&mut cargo(["deny", "check"])));
    } else {
        steps.note("cargo-deny is not installed, so licences and sources were not checked against deny.toml");
    }
    steps.step("size", size::run);
    let checked = steps.finish();
    println!();
    shell::run(&mut cargo(["xtask", "test"]))?;
    if checked.is_err() {
        fail("the tests passed, but a check before them did not; see the first summary")
    } else {
        Ok(())
    }
}
