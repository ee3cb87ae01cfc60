//! Reads out what arrives, and only that. Outside the panel, so that it is heard while the panel is closed as well.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};

use crate::chat::Chat;

pub(super) fn announcer(chat: Chat) -> Tag {
    // Two places that take turns: the same words twice in one place would be no change, and silent.
    let place = move |odd: u32| {
        tag("p").says(move || {
            let (count, text) = chat.arrival.get();
            if count % 2 == odd { text } else { String::new() }
        })
    };
    tag("div").class("spoken").attr("aria-live", "polite").children([place(0), place(1)])
}
