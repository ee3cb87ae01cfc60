//! The agents' inbox: one signed-in agent, all threads of a site over one connection, one thread in view.
//!
//! ```text
//!  address, page ──► mount ──► App (who is signed in) ──► Board (signals) ◄── Driver<Desk> ──► server
//!                                                            │ read
//!                                                            ▼
//!                                                         ui (views)
//! ```
//!
//! Nothing in here decides anything about a conversation: that is [`rejoin_thread::Desk`], carried by
//! [`rejoin_browser::Driver`]. A view reads signals and calls methods of [`board::Board`] or [`pane::Pane`]; it sees
//! no storage, no clock and no network.
//!
//! # Where to start
//! - [`app`]: the door, and what is behind it.
//! - [`board`]: how the desk becomes signals, and everything an agent can do.
//! - [`pane`]: the same for the thread in view, with what keeps its scroll position still.
//! - [`roster`]: the order of the list, pure.
//!
//! **Invariant:** `mount.rs` is the only file that names `web_sys`, `js_sys` or `gloo`.

pub mod app;
pub mod board;
pub mod lines;
mod mount;
pub mod open_threads;
pub mod pane;
pub mod roster;
pub mod session;
pub mod strings;
pub mod ui;

pub use mount::start;
