//! One conversation as a value: the client's half of a thread, without I/O.
//!
//! Fed with [`Input`]s and a [`Time`], drained of [`Output`]s. There is no socket, no storage, no clock, no
//! randomness, no async and no JavaScript in here; whoever owns a [`Thread`] (the browser, a test, the simulation)
//! brings those. That is what makes every promise about losing nothing a thing that can be tested in microseconds.
//!
//! ```text
//!                    ┌──────────────── Thread (customer) ───────────────┐
//!  Input ──────────► │  Link: is there a connection?                    │ ──────► Output
//!  (person, page,    │  Conversation: History ◄─ reconcile ─► Outbox    │   (connect, transmit,
//!   socket, storage) └──────────────────────────────────────────────────┘    persist, announce)
//!                       Desk (agent): one Link, many Conversations
//! ```
//!
//! The contract (borrowed from str0m): call [`Thread::handle`], then drain [`Thread::poll_output`] to `None`, then
//! wait until [`Thread::poll_timeout`] or the next input. Derived things ([`Thread::rows`], [`Thread::state_line`])
//! may be read at any time.
//!
//! # Where to start
//! - [`Thread`]: the customer's side; `thread.rs` is the only place where the parts meet.
//! - [`Conversation`]: how a message enters, from whichever source (`conversation/`).
//! - [`Outbox`] and [`Link`]: the two state machines, drawn in their docs.
//! - [`timeline`]: what is shown, derived and never stored.
//! - [`invariants`]: what must hold after every step.

mod backoff;
mod content;
mod conversation;
mod desk;
pub mod guard;
mod history;
mod input;
pub mod invariants;
mod link;
mod machine;
mod outbox;
mod output;
mod record;
mod rng;
mod state_line;
mod thread;
mod time;
pub mod timeline;

pub use content::{Node, nodes};
pub use conversation::Conversation;
pub use desk::{Desk, DeskInput};
pub use history::{History, Run};
pub use input::{Input, Page, Stored};
pub use link::{Link, LinkState, StopReason};
pub use machine::Machine;
pub use outbox::{Entry, EntryState, Outbox};
pub use output::{Arrival, Output};
pub use record::{LogRecord, OutboxRecord, Record, Write};
pub use rng::Rng;
pub use state_line::StateLine;
pub use thread::{Config, Thread};
pub use time::Time;
pub use timeline::{MessageRow, MessageState, Row, RowKey, RowKind};
