//! The server: threads in a store, live over WebSocket, with every asset inside one binary.
//!
//! # Where to start
//! - [`run`]: the server's life, from a listener to the last goodbye.
//! - [`router`]: every path. [`live::connection`]: the loop of one connection.
//! - [`domain`]: the rules, without I/O: what is appended, what a connection is told.
//! - [`store`]: where the truth is. [`bus`]: hints between connections, never the truth.
//! - [`cli`]: the commands; [`control`]: how they reach a running server.

pub mod app;
pub mod assets;
pub mod bus;
pub mod cli;
pub mod client_address;
pub mod config;
pub mod control;
pub mod data_dir;
pub mod demo;
pub mod domain;
pub mod error;
pub mod extract;
pub mod guard;
pub mod http;
pub mod limits;
pub mod live;
pub mod office;
pub mod origin;
pub mod router;
mod serve;
pub mod store;
pub mod telemetry;
pub mod tickets;

pub use serve::{listen, run, serve_http};
