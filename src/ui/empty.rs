//! A conversation that has not begun.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};

use crate::chat::Chat;
use crate::config::Settings;
use crate::strings::Words;

pub(super) fn empty(chat: Chat, settings: &Settings, words: &'static Words) -> Tag {
    let greeting = settings.greeting.clone().unwrap_or_else(|| words.greeting.to_owned());
    let is_empty = Memo::new(move |_| chat.is_restored.get() && chat.rows.keys().is_empty());
    tag("div").class("empty").when(move || {
        let says = !greeting.trim().is_empty();
        let greeting = says.then(|| tag("p").class("greeting").attr("dir", "auto").text(greeting.clone()));
        let lines = greeting.into_iter().chain([tag("p").class("hint").text(words.greeting_hint)]);
        is_empty.get().then_some(lines).into_iter().flatten()
    })
}
