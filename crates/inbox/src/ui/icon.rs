//! Small pictures in the text's colour. Words for screen readers stand beside them, never in them.

use leptos::prelude::*;
use leptos::svg::{path, svg};

/// A picture, as the path that a pen draws in a square of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(&'static str);

impl Icon {
    /// One tick: sent.
    pub const TICK: Icon = Icon("M3.5 8.5l3 3 6-7");
    /// Two ticks: delivered, or seen.
    pub const TICKS: Icon = Icon("M1.5 8.5l3 3 6-7M7.5 10.5l1 1 6-7");
    /// A clock: on its way.
    pub const CLOCK: Icon = Icon("M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2 1.3");
    /// An exclamation mark: needs a decision.
    pub const ALERT: Icon = Icon("M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5.2v3.4M8 10.6v.2");
    /// Back to the list.
    pub const BACK: Icon = Icon("M9.5 3l-5 5 5 5");
    /// Down to the newest.
    pub const DOWN: Icon = Icon("M8 3v9.5M4 8.7l4 4 4-4");
    /// Look for.
    pub const SEARCH: Icon = Icon("M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.3 10.3l3.2 3.2");
    /// Up and away.
    pub const SEND: Icon = Icon("M8 13V3.5M4 7.3l4-4 4 4");
    /// A conversation.
    pub const TALK: Icon =
        Icon("M3 3.5h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H7.5L4.5 14v-2.500H3a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z");

    /// The picture.
    pub fn view(self) -> impl IntoView {
        svg()
            .attr("class", "icon")
            .attr("viewBox", "0 0 16 16")
            .attr("aria-hidden", "true")
            .attr("focusable", "false")
            .child(path().attr("d", self.0))
    }
}
