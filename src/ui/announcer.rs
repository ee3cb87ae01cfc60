//! Reads out what arrives, and only that. Outside the panel, so that it is heard while the panel is closed as well.

use leptos::html;
use leptos::prelude::*;

use crate::chat::Chat;

pub(super) fn announcer(chat: Chat) -> impl IntoView {
    // Two places that take turns: the same words twice in one place would be no change, and silent.
    let place = move |odd: u32| {
        html::p().child(move || {
            let (count, text) = chat.arrival.get();
            if count % 2 == odd { text } else { String::new() }
        })
    };
    html::div().class("spoken").attr("aria-live", "polite").child((place(0), place(1)))
}
