//! What stands where there is nothing.

use leptos::ev;
use leptos::html::{dd, div, dl, dt, input, kbd, label, p};
use leptos::prelude::*;

use crate::board::Board;
use crate::roster::Show;
use crate::strings;
use crate::ui::icon::Icon;

/// The keys that work outside of text, and what they do.
const KEYS: [(&[&str], &str); 5] = [
    (&["J", "K"], "down and up the list"),
    (&["Enter"], "open a thread, send a reply"),
    (&["Shift", "Enter"], "new line in a reply"),
    (&["/"], "filter"),
    (&["Esc"], "back to the list"),
];

/// In place of a thread.
pub fn nothing_open(board: Board) -> impl IntoView {
    let words = move || match (board.complete.get(), board.counts.get()) {
        (false, _) => String::new(),
        (true, (all, unread)) => strings::waiting(all, unread),
    };
    div().class("nothing").child((
        Icon::TALK.view(),
        p().class("nothing-title").child(words),
        dl().class("keys").child(KEYS.map(|(keys, does)| key(keys, does)).into_iter().collect_view()),
        label().class("keys-choice").child((
            input()
                .r#type("checkbox")
                .prop("checked", move || board.keys.get())
                .on(ev::change, move |event| board.set_keys(event_target_checked(&event))),
            "Keys of a single letter",
        )),
    ))
}

fn key(keys: &'static [&'static str], does: &'static str) -> impl IntoView {
    let names = keys.iter().map(|name| kbd().child(*name)).collect::<Vec<_>>();
    div().child((dt().child(names), dd().child(does)))
}

/// In place of the list's lines.
pub fn no_lines(board: Board) -> impl IntoView {
    let words = move || {
        let filtered = !board.filter.get().trim().is_empty();
        match (board.complete.get(), filtered, board.show.get()) {
            (false, ..) => "",
            (true, true, _) => "No thread has these words.",
            (true, false, Show::Unread) => "Nothing unread.",
            (true, false, Show::All) => "Threads appear here as soon as somebody writes.",
        }
    };
    p().class("no-lines").child(words)
}
