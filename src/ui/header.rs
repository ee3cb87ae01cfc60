//! Who this is, one line that is true whoever is there, and the way out.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};

use super::{button, icon};
use crate::chat::Chat;
use crate::config::{Mode, Settings};
use crate::strings::Words;

/// What the panel is called: the heading, or the default where the page wants none to be seen.
pub(super) fn name(settings: &Settings, words: &Words) -> String {
    let own = settings.heading.clone().filter(|heading| !heading.trim().is_empty());
    own.unwrap_or_else(|| words.heading.to_owned())
}

pub(super) fn header(chat: Chat, settings: &Settings, words: &'static Words) -> Tag {
    let mut titles = tag("div").class("titles");
    if settings.heading.as_deref() != Some("") {
        titles = titles.child(tag("h2").class("heading").attr("dir", "auto").text(name(settings, words)));
    }
    let titles = titles.child(tag("p").class("promise").says(move || {
        // What is not kept is not promised.
        if chat.is_kept.get() { words.promise } else { words.promise_unkept }
    }));
    // No `header` element: a page has its own banner, and a dialog does not make ours a part.
    let header = tag("div").class("header").child(titles);
    match settings.mode {
        // A page of its own is left by the browser's means.
        Mode::FullPage => header,
        Mode::Floating => {
            let close = button("round close", move || chat.close());
            header.child(close.attr("aria-label", words.close).child(icon::icon(icon::CLOSE)))
        }
    }
}
