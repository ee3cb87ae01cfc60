//! The way back to the newest message, with how many wait there.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};

use super::{button, icon};
use crate::chat::Chat;
use crate::strings::Words;

/// More are shown as "99+".
const COUNT_MAX: usize = 99;

pub(super) fn jump(chat: Chat, words: &'static Words, to_end: impl Fn() + Copy + Send + 'static) -> Tag {
    let is_away = Memo::new(move |_| !chat.at_end() && !chat.rows.keys().is_empty());
    let count = move || {
        let unread = chat.unread.get();
        let shown = if unread > COUNT_MAX { format!("{COUNT_MAX}+") } else { unread.to_string() };
        (unread > 0).then(|| tag("span").class("count").attr("aria-hidden", "true").text(shown))
    };
    let jump = move || {
        button("round jump", to_end)
            .follows("aria-label", move || Some((words.jump)(chat.unread.get())))
            .child(icon::icon(icon::DOWN))
            .when(count)
    };
    tag("div").when(move || is_away.get().then(jump))
}
