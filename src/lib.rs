//! The chat that a customer sees. The loader (`loader/rejoin.js`) draws the launcher and calls [`mount`]; from there
//! on this crate has the panel.
//!
//! ```text
//!  loader ──mount(element, settings, emit)──► mount.rs ─► chat.rs ◄── rejoin_browser::Driver ◄─► rejoin_thread::Thread
//!     ▲                                                     │ signals   │ dispatch(Input)
//!     └───────────────── host.rs ◄──── open, unread … ──────┴──► ui/ ───┘
//! ```
//!
//! # Where to start
//! - `chat.rs`: everything a view may read, and everything it may do.
//! - `ui/panel.rs`: what is on the screen, from the top.
//! - `strings.rs`: every word; `style/tokens.css`: every colour, space and duration.
//! - `mount.rs`: how it comes onto the page and how it leaves without a trace.
//!
//! **Invariants:** views read signals and call methods of `Chat`; none looks at storage or the clock or starts a
//! request. No text is ever parsed as HTML. Only `mount.rs` and `host.rs` name `web_sys` or `js_sys`.

mod chat;
mod config;
mod host;
mod mount;
mod strings;
mod ui;

pub use config::{Mode, Position, Settings, SettingsError};
pub use mount::{App, mount, start};
