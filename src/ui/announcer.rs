//! Reads out what arrives, and only that. Outside the panel, so that it is heard while the panel is closed as well.

use rejoin_browser::{Tag, tag};

use crate::chat::Chat;

pub(super) fn announcer(chat: Chat) -> Tag {
    let place = move |odd| tag("p").says(move || chat.spoken(odd));
    tag("div").class("spoken").attr("aria-live", "polite").children([place(false), place(true)])
}
