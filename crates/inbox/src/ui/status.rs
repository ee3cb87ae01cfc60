//! The one line that says how things stand.

use leptos::html::{div, p};
use leptos::prelude::*;
use rejoin_thread::{StateLine, StopReason};

use crate::board::Board;
use crate::ui::button::plain;
use crate::{mount, strings};

/// The line, with a way out where there is one.
pub fn view(board: Board) -> impl IntoView {
    let line = board.status;
    let class = move || match line.get() {
        StateLine::Quiet | StateLine::UpToDate => "state is-calm",
        StateLine::Connecting | StateLine::CatchingUp | StateLine::Sending(_) => "state",
        StateLine::Offline(_) | StateLine::NotSent(_) | StateLine::Stopped(_) => "state is-trouble",
    };
    div().class(class).child((
        p().role("status").class("state-words").child(move || strings::state_line(line.get())),
        move || way_out(board, line.get()),
    ))
}

fn way_out(board: Board, line: StateLine) -> Option<impl IntoView> {
    let word = match line {
        StateLine::Offline(_) | StateLine::Stopped(StopReason::Origin) => "Try now",
        StateLine::Stopped(_) => "Reload",
        StateLine::Quiet
        | StateLine::UpToDate
        | StateLine::Connecting
        | StateLine::CatchingUp
        | StateLine::Sending(_)
        | StateLine::NotSent(_) => return None,
    };
    Some(plain(word, move || if word == "Reload" { mount::reload() } else { board.wake() }))
}
