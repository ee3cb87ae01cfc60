//! The signed-in screen: header, list, thread. On a narrow page the list and the thread take turns.

use leptos::either::Either;
use leptos::ev;
use leptos::html::{div, h1, main};
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
    return_focus(board);
    let class = move || if board.selected.get().is_some() { "shell thread-open" } else { "shell" };
    let stage = div().class("stage").child(move || match board.selected.get() {
        Some((thread, number)) => Either::Left(thread::view(board, thread, number)),
        None => Either::Right(empty::nothing_open(board)),
    });
    div().class(class).child((
        header::view(board),
        // The words at the top are gone beside a thread on a narrow page; this heading never is.
        main().child((h1().class("heard-only").child("Inbox"), roster::view(board), stage)),
        status::view(board),
        div().class("heard-only").aria_live("polite").aria_atomic("true").child(board.news),
    ))
}

/// When a thread closes and takes the focus with it, its line in the list gets it.
fn return_focus(board: Board) {
    Effect::new(move |before: Option<Option<u64>>| {
        let number = board.selected.get().map(|(_, number)| number);
        if let (Some(Some(before)), None) = (before, number) {
            request_animation_frame(move || {
                if mount::focus_is_lost() {
                    mount::focus(&roster::line_id(before));
                }
            });
        }
        number
    });
}

/// What a key does when no text is being written; whether it did anything.
fn act(board: Board, key: &str) -> bool {
    if mount::is_writing() {
        return key == "Escape" && leave(board);
    }
    let letters = board.keys.get_untracked();
    // In the log the arrows scroll.
    let arrows = mount::focus_is_lost() || mount::focused().is_some_and(|id| roster::is_line(&id));
    match key {
        "ArrowDown" if arrows => roster::step(board, 1),
        "ArrowUp" if arrows => roster::step(board, -1),
        "j" if letters => roster::step(board, 1),
        "k" if letters => roster::step(board, -1),
        "/" if letters => mount::focus(roster::FILTER),
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
