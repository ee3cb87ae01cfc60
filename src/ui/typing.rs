//! Who is typing. It has its own place below the last message, so that it moves nothing when it comes and goes.

use leptos::html;
use leptos::prelude::*;

use crate::chat::Chat;

pub(super) fn typing(chat: Chat) -> impl IntoView {
    let line = move |names: Vec<String>| {
        html::div().class("typing").child((
            html::span().class("dots").attr("aria-hidden", "true").child((html::i(), html::i(), html::i())),
            html::span().dir("auto").child((chat.words().typing)(&names)),
        ))
    };
    move || Some(chat.typing.get()).filter(|names| !names.is_empty()).map(line)
}
