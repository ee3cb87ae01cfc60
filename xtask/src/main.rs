//! `cargo xtask COMMAND`: everything that cargo alone does not do.
//!
//! Where to start: [`run`] maps each command to the file that does it. `build` is the pipeline from Rust and JavaScript
//! sources to one server binary; `test` and `ci` are lists of steps, each a command whose output stays visible.
//!
//! Nothing here is part of the product, and nothing here downloads by itself: crates come through cargo, packages
//! through npm, Chromium through apt-get, each with its own settings of this machine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks through them")]

mod build;
mod checks;
mod chromium;
mod e2e;
mod node;
mod paths;
mod shell;
mod sim;
mod size;
mod stamp;
mod steps;
mod test;
mod tools;
mod wasm_tree;

use std::process::ExitCode;

use shell::{Outcome, fail};

const HELP: &str = "\
cargo xtask COMMAND

  build                     everything, into target/assets and target/release/rejoin
  demo [ARGS]               build, then run `rejoin demo ARGS`
  test                      every test except long runs, after setting up what they need
  size                      size of what a browser downloads, against size-budget.toml
  sim [--seeds N] [--from S]   the simulation, N seeds from S on
  e2e [ARGS]                build, then the tests in Chromium; ARGS go to Playwright
  wasm-tree [--bless]       what the browser code depends on, against xtask/wasm-tree
  ci                        format, clippy, rustdoc, wasm-tree, size, then test

Environment: REJOIN_TOOLS (folder for tools), CHROMIUM (browser for e2e).";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Outcome {
    let Some((command, rest)) = args.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    match (command.as_str(), rest) {
        ("build", []) => build::everything(),
        ("demo", args) => build::demo(args),
        ("test", []) => test::run(),
        ("size", []) => size::run(),
        ("sim", args) => sim::run(args),
        ("e2e", args) => e2e::run(args),
        ("wasm-tree", []) => wasm_tree::check(),
        ("wasm-tree", [bless]) if bless == "--bless" => wasm_tree::bless(),
        ("ci", []) => checks::run(),
        ("help" | "--help" | "-h", _) => {
            println!("{HELP}");
            Ok(())
        }
        _ => fail(format!("no such command: `{}`; try `cargo xtask help`", args.join(" "))),
    }
}
