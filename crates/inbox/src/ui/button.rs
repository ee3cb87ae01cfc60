//! Buttons of words, made in one place: every other way of chaining attributes would be code of its own in the browser.

use leptos::ev;
use leptos::html::button;
use leptos::prelude::*;

/// A button that looks like words.
pub fn plain(words: impl Into<String>, act: impl Fn() + 'static) -> impl IntoView {
    make("plain", words.into(), Box::new(act))
}

/// The one thing to do on a page.
pub fn primary(words: impl Into<String>, act: impl Fn() + 'static) -> impl IntoView {
    make("primary", words.into(), Box::new(act))
}

fn make(class: &'static str, words: String, act: Box<dyn Fn()>) -> impl IntoView {
    button().class(class).r#type("button").on(ev::click, move |_| act()).child(words)
}
