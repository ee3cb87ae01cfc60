//! The commands. Everything that goes wrong ends in one line on stderr that says what to do.

mod args;
mod data;
mod serve;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

use rustix::fs::Mode;

pub use args::Cli;
use args::{Action, AgentAction, SiteAction};

use crate::config::{DATA_DIR, Given};
use crate::control::Command;
use crate::demo;

/// Where the demo's data is when nobody says otherwise: apart from a real server's.
const DEMO_DATA_DIR: &str = "./rejoin-demo";

/// A command's failure, as the one line to print.
#[derive(Debug)]
pub struct Failure(String);

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.to_string().replace('\n', " "))
    }
}

/// Carries a command out and prints what it leads to.
pub fn run(cli: Cli) -> ExitCode {
    // Conversations are nobody else's business: whatever file is made, also by the database, is this user's alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(line)) => {
            // Without stderr there is nobody to tell; the exit code remains.
            let _ = writeln!(io::stderr(), "rejoin: {line}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let data = cli.data.clone().unwrap_or_else(|| DATA_DIR.into());
    match cli.action {
        Action::Serve { listen, public_url, config } => {
            serve::serve(Given { data: cli.data, listen, public_url, config })
        }
        Action::Demo { listen } => demo::demo(Given {
            data: Some(cli.data.unwrap_or_else(|| DEMO_DATA_DIR.into())),
            listen,
            ..Given::default()
        }),
        Action::Site(SiteAction::Add { name, origin }) => {
            data::ask(&data, Command::SiteAdd { name, origins: origin })
        }
        Action::Agent(AgentAction::Add { email, site, name }) => {
            data::ask(&data, Command::AgentAdd { email, site, name })
        }
        Action::Agent(AgentAction::Link { email }) => data::ask(&data, Command::AgentLink { email }),
        Action::Backup { file } => data::ask(&data, Command::Backup { file: std::path::absolute(file)? }),
        Action::Restore { file } => data::restore(&data, &file),
        Action::Check => data::ask(&data, Command::Check),
    }
}

/// Prints a line on stdout; a reader that went away is no failure of the command.
pub(crate) fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Warns on stderr without failing.
pub(crate) fn warn(line: &str) {
    let _ = writeln!(io::stderr(), "rejoin: {line}");
}

pub(crate) use serve::{Prepared, prepare, runtime, stop_signal};
