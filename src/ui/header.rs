//! Who this is, one line that is true whoever is there, and the way out.

use leptos::prelude::*;
use leptos::{ev, html};

use super::icon;
use crate::chat::Chat;

/// What the panel is called: the heading, or the default where the page wants none to be seen.
pub(super) fn name(chat: Chat) -> String {
    let own = chat.settings.with(|settings| settings.heading.clone());
    own.filter(|heading| !heading.trim().is_empty()).unwrap_or_else(|| chat.words().heading.to_owned())
}

pub(super) fn header(chat: Chat, is_full_page: impl Fn() -> bool + Copy + Send + 'static) -> impl IntoView {
    let has_heading = move || chat.settings.with(|settings| settings.heading.as_deref() != Some(""));
    let close = move || {
        (!is_full_page()).then(|| {
            html::button()
                .r#type("button")
                .class("round close")
                .attr("aria-label", move || chat.words().close)
                .on(ev::click, move |_| chat.close())
                .child(icon::icon(icon::CLOSE))
        })
    };
    html::header().class("header").child((
        html::div().class("titles").child((
            move || has_heading().then(|| html::h2().class("heading").dir("auto").child(move || name(chat))),
            html::p().class("promise").child(move || chat.words().promise),
        )),
        close,
    ))
}
