//! The `rejoin` command.

use clap::Parser as _;
use rejoin_server::cli::{self, Cli};

fn main() -> std::process::ExitCode {
    cli::run(Cli::parse())
}
