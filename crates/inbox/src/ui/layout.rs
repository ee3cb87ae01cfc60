//! The signed-in screen: header, list, thread. On a narrow page the list and the thread take turns.

use leptos::either::Either;
use leptos::ev;
use leptos::html::{div, main};
use leptos::prelude::*;

use crate::board::Board;
use crate::ui::{empty, header, roster, status, thread};
use crate::{mount, strings};

/// Everything that a signed-in agent sees.
pub fn view(board: Board) -> impl IntoView {
    Effect::new(move |_| mount::set_title(&strings::title(board.counts.get().1)));
    on_cleanup(|| {
        mount::set_title(&strings::title(0));
        mount::forget_address();
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing());
        if plain && !event.default_prevented() && act(board, &event.key()) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
    let is_open = move || board.selected.get().is_some();
    let shown = Memo::new(move |_| board.selected.get());
    div().class("shell").class(("thread-open", is_open)).child((
        header::view(board),
        roster::view(board),
        main().class("stage").child(move || match shown.get() {
            Some((thread, number)) => Either::Left(thread::view(board, thread, number)),
            None => Either::Right(empty::nothing_open(board)),
        }),
        status::view(board),
        div().class("heard-only").aria_live("polite").aria_atomic("true").child(move || board.news.get()),
    ))
}

/// What a key does when no text is being written; whether it did anything.
fn act(board: Board, key: &str) -> bool {
    if mount::is_writing() {
        return key == "Escape" && leave(board);
    }
    match key {
        "j" | "ArrowDown" => roster::step(board, 1),
        "k" | "ArrowUp" => roster::step(board, -1),
        "/" => mount::focus(roster::FILTER),
        "Escape" => leave(board),
        _ => false,
    }
}

/// One step out: from the composer to the list, from a thread to nothing.
fn leave(board: Board) -> bool {
    let Some((_, number)) = board.selected.get_untracked() else { return false };
    let in_list = mount::focused().is_some_and(|id| roster::is_line(&id));
    // On a narrow page the list cannot take the focus until the thread has made room for it.
    if in_list || !mount::focus(&roster::line_id(number)) || mount::focused() != Some(roster::line_id(number))
    {
        mount::leave_thread();
    }
    true
}
