//! `cargo xtask test`: everything that a change must pass, on a machine that has Rust, Node and a C compiler.

use crate::shell::{self, Outcome, cargo, version_of};
use crate::steps::Steps;
use crate::{build, chromium, e2e, node, paths, sim, stamp};

/// Histories that the simulation runs here; enough that each kind of fault occurs thousands of times.
const SIM_SEEDS: u64 = 10_000;

/// Histories among the native tests; the fewest of which the simulation asks that every fault occurred.
const SIM_SEEDS_NATIVE: u64 = 1_000;

/// What is left out because it takes long, and how to run it.
const LONG_RUNS: &str = "long runs are not part of this: `cargo xtask sim --seeds 1000000` takes hours";

/// All steps and the summary. The build comes first, because the server's tests then see the assets that it embeds.
pub(crate) fn run() -> Outcome {
    let mut steps = Steps::default();
    let built = steps.step("build", build::everything);
    native(&mut steps);
    steps.step("loader in node", loader);
    steps.step("simulation", || sim::seeds(0, SIM_SEEDS));
    let browser = steps.step("chromium", || chromium::provide().map(|_| ()));
    steps.step_after(browser, "loader in chromium", e2e::loader);
    steps.step_after(built && browser, "end to end in chromium", || e2e::product(&[]));
    steps.note(LONG_RUNS);
    steps.finish()
}

/// nextest where it is installed, because it runs tests of all crates side by side; it leaves out documentation tests.
/// The simulation runs briefly here, for the assertions that only this profile has, and at length in a step of its own.
fn native(steps: &mut Steps) {
    let mut tests = if version_of("cargo-nextest").is_some() {
        cargo(["nextest", "run", "--locked", "--workspace"])
    } else {
        cargo(["test", "--locked", "--workspace", "--lib", "--bins", "--tests"])
    };
    tests.env("REJOIN_SIM_SEEDS", SIM_SEEDS_NATIVE.to_string());
    steps.step("native tests", || shell::run(&mut tests));
    let mut examples = cargo(["test", "--locked", "--workspace", "--doc"]);
    steps.step("documentation tests", || shell::run(&mut examples));
}

/// The loader's own tests, which need nothing but node.
fn loader() -> Outcome {
    let files = stamp::files_below(&paths::at("loader"))?;
    let tests: Vec<_> =
        files.into_iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs")).collect();
    node::provide()?;
    shell::run(shell::command("node").arg("--test").args(tests))
}
