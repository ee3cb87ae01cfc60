//! Development only: a whole Rejoin in one process and one thread, on virtual time, from one seed.
//!
//! Real [`rejoin_thread::Thread`]s and a real [`rejoin_thread::Desk`] talk to the server's own sessions
//! ([`rejoin_server::domain::session`]) over its own rules and its store in memory. Everything between them is
//! played: a network that drops, doubles, reorders and cuts, a server that crashes and is restored from backups,
//! tabs that crash, freeze and lose their storage, a bus that loses notes. The same seed gives the same history, to
//! the last frame.
//!
//! Deliberately absent: sockets, files, threads, clocks, and the product's async rim. Those are tested with real
//! processes and browsers.
//!
//! # Where to start
//! - [`run`]: one history.
//! - [`faults`]: what can go wrong, and how often it did.
//! - [`model`]: what must be true at the end.

pub mod faults;
pub mod model;
mod person;
mod sim;
mod sim_checks;
mod sim_client;
mod sim_fate;
mod sim_net;
mod sim_pages;
mod sim_server;
mod sim_sessions;
mod sim_sockets;

pub use faults::{Counts, Fault};
pub use sim::{Options, Report, run};
