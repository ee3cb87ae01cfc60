//! The rim: everything the core may not touch. Each effect is one file; nothing in here decides anything about a
//! conversation, it only carries out what the core asks for and tells it what happened.
//!
//! # Where to start
//! - [`Driver`]: the one loop, and the order in which things happen in it.
//! - [`Rows`]: how the timeline becomes signals, so that one changed message redraws one message.
//!
//! **Invariant:** besides the mounts of the widget and the inbox, this is the only crate that names `web_sys`,
//! `js_sys` or `gloo`.

mod carry;
pub mod clock;
pub mod dom;
mod driver;
pub mod intl;
pub mod json;
mod listener;
pub mod page;
mod random;
mod scroll;
mod sheet;
mod signals;
mod socket;
mod storage;
mod tabs;
pub mod tag;
mod ticket;
mod timer;
pub mod viewport;

pub use driver::{Driver, DriverConfig, Notice};
pub use listener::Listener;
pub use random::{NoRandomness, Random};
pub use scroll::{InView, Scroll};
pub use sheet::Sheet;
pub use signals::Rows;
pub use storage::StorageKey;
pub use tag::{Slot, Tag, svg, tag};
pub use ticket::{TicketSource, fetch_ticket};
pub use timer::Timer;
