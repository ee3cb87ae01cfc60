//! The server: threads in a store, live over WebSocket, with every asset inside one binary.
//!
//! # Where to start
//! - [`domain`]: the rules, without I/O: what is appended, what a connection is told.
//! - [`store`]: where the truth is. [`bus`]: hints between connections, never the truth.

pub mod bus;
pub mod domain;
pub mod guard;
pub mod store;
