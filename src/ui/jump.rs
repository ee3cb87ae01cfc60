//! The way back to the newest message, with how many wait there.

use leptos::prelude::*;
use leptos::{ev, html};

use super::icon;
use crate::chat::Chat;

/// More are shown as "99+".
const COUNT_MAX: usize = 99;

pub(super) fn jump(chat: Chat, to_end: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let count = move || {
        let unread = chat.unread.get();
        let shown = if unread > COUNT_MAX { format!("{COUNT_MAX}+") } else { unread.to_string() };
        (unread > 0).then(|| html::span().class("count").attr("aria-hidden", "true").child(shown))
    };
    let is_away = move || !chat.at_end() && !chat.rows.keys().is_empty();
    move || {
        is_away().then(|| {
            html::button()
                .r#type("button")
                .class("round jump")
                .attr("aria-label", move || (chat.words().jump)(chat.unread.get()))
                .on(ev::click, move |_| to_end())
                .child((icon::icon(icon::DOWN), count))
        })
    }
}
