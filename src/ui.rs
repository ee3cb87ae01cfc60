//! Views. Each draws what it reads from [`crate::chat::Chat`] and calls its methods; each has its rules in `style/`.
//!
//! Words and settings change when the page changes an attribute, which is rare: then everything is drawn anew, and
//! views may take them as they are. What changes in a conversation is in signals.
//!
//! Drawn with [`rejoin_browser::Tag`]: it makes elements by DOM calls, since pages with Trusted Types forbid HTML from
//! strings, and it weighs little. No inline `style` attribute anywhere, for the same kind of page.

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

use rejoin_browser::{Tag, tag};

pub(crate) use panel::app;

/// A button that submits nothing by itself.
fn button(class: &'static str, act: impl Fn() + Send + 'static) -> Tag {
    tag("button").attr("type", "button").class(class).on("click", move |_| act())
}
