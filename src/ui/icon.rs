//! Pictures, drawn with lines so that they follow the colour of the words beside them.

use rejoin_browser::{Tag, svg};

/// A cross: closes.
pub(super) const CLOSE: &str = "M6 6l12 12M18 6L6 18";
/// An arrow upwards: sends.
pub(super) const SEND: &str = "M12 19V5.5M5.5 12L12 5.5l6.5 6.5";
/// An angle downwards: goes to the end.
pub(super) const DOWN: &str = "M6 9.5l6 6 6-6";
/// A clock: waits.
pub(super) const CLOCK: &str = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2";
/// Three quarters of a ring: under way.
pub(super) const RING: &str = "M12 3.5a8.5 8.5 0 1 0 8.5 8.5";
/// One tick: there.
pub(super) const TICK: &str = "M6 12.5l4 4 8-9";
/// Two ticks: there, and received.
pub(super) const TICKS: &str = "M1.5 12.5l4 4 8-9M11 15.5l1 1 8-9";
/// An exclamation mark in a ring: needs a decision.
pub(super) const REFUSED: &str = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5v5M12 16v.2";

/// A picture of 24 units; says nothing to screen readers.
pub(super) fn icon(path: &'static str) -> Tag {
    svg("svg")
        .attr("viewBox", "0 0 24 24")
        .class("icon")
        .attr("aria-hidden", "true")
        .child(svg("path").attr("d", path))
}
