//! The one line that says how things stand.

use leptos::ev;
use leptos::html::{button, div, p};
use leptos::prelude::*;
use rejoin_thread::{StateLine, StopReason};

use crate::board::Board;
use crate::{mount, strings};

/// The line, with a way out where there is one.
pub fn view(board: Board) -> impl IntoView {
    let line = Memo::new(move |_| board.status.get());
    let calm = move || matches!(line.get(), StateLine::Quiet | StateLine::UpToDate);
    let trouble =
        move || matches!(line.get(), StateLine::Offline(_) | StateLine::NotSent(_) | StateLine::Stopped(_));
    div().class("state").class(("is-calm", calm)).class(("is-trouble", trouble)).child((
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
    let act = move |_| if word == "Reload" { mount::reload() } else { board.wake() };
    Some(button().class("plain").r#type("button").on(ev::click, act).child(word))
}
