//! Views. Each draws what it reads from [`crate::chat::Chat`] and calls its methods; each has its rules in `style/`.
//!
//! Written with builders instead of the `view!` macro: the macro makes static parts by `innerHTML`, which pages with
//! Trusted Types forbid. No inline `style` attribute anywhere, for the same kind of page.

mod announcer;
mod composer;
mod content;
mod empty;
mod header;
mod icon;
mod jump;
mod message;
mod panel;
mod row;
mod state_line;
mod timeline;
mod typing;

pub(crate) use panel::panel;
