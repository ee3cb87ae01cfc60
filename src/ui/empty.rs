//! A conversation that has not begun.

use leptos::html;
use leptos::prelude::*;

use crate::chat::Chat;

pub(super) fn empty(chat: Chat) -> impl IntoView {
    let is_empty = move || chat.is_restored.get() && chat.rows.keys().is_empty();
    let greeting = move || {
        let own = chat.settings.with(|settings| settings.greeting.clone());
        own.unwrap_or_else(|| chat.words().greeting.to_owned())
    };
    move || {
        is_empty().then(|| {
            html::div().class("empty").child((
                move || {
                    let greeting = greeting();
                    let says = !greeting.trim().is_empty();
                    says.then(|| html::p().class("greeting").dir("auto").child(greeting))
                },
                html::p().class("hint").child(move || chat.words().greeting_hint),
            ))
        })
    }
}
