//! Who is typing. It has its own place below the last message, so that it moves nothing when it comes and goes.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};

use crate::chat::Chat;
use crate::strings::Words;

pub(super) fn typing(chat: Chat, words: &'static Words) -> Tag {
    tag("div").when(move || {
        let names = chat.typing.get();
        let dots =
            || tag("span").class("dots").attr("aria-hidden", "true").children((0..3).map(|_| tag("i")));
        let text = || tag("span").attr("dir", "auto").text((words.typing)(&names));
        (!names.is_empty()).then(|| tag("div").class("typing").child(dots()).child(text()))
    })
}
