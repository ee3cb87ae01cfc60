//! The command line's grammar.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The chat thread a customer never loses.
#[derive(Debug, Parser)]
#[command(name = "rejoin", version, max_term_width = 100)]
pub struct Cli {
    /// The data directory [default: ./rejoin-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Run the server
    Serve {
        /// Where to listen; port 0 picks a free one [default: 127.0.0.1:8080]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// How browsers reach this server, e.g. https://chat.example [default: http://ADDR]
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
        /// A TOML file with these and more settings; the command line wins
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Try it: a server, two agents and a sample shop on another site [data default: ./rejoin-demo]
    Demo {
        /// Where the chat server listens; port 0 picks a free one [default: 127.0.0.1:8080]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// The sites that embed the chat
    #[command(subcommand)]
    Site(SiteAction),
    /// The people who answer
    #[command(subcommand)]
    Agent(AgentAction),
    /// Copy the data into one file, while the server runs or not
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Replace the data by a backup; the server must be stopped
    Restore {
        /// A file made by `rejoin backup`
        file: PathBuf,
    },
    /// Verify the data's invariants
    Check,
}

#[derive(Debug, Subcommand)]
pub(super) enum SiteAction {
    /// Add a site, or add origins to one that exists
    Add {
        /// Its name in the embed tag: a-z, 0-9 and -
        name: String,
        /// Where it may be embedded, exactly, e.g. https://shop.example; may be repeated
        #[arg(long, required = true, num_args = 1.., value_name = "URL")]
        origin: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AgentAction {
    /// Add an agent and print a sign-in link that works once
    Add {
        /// Names the agent; nothing is sent there
        email: String,
        /// The site to answer for
        #[arg(long)]
        site: String,
        /// The name customers see
        #[arg(long)]
        name: String,
    },
    /// Print a new sign-in link; older ones stop working
    Link {
        /// Whose
        email: String,
    },
}
