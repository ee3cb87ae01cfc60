//! One thread: who it is with, what was said, and the composer.

use leptos::ev;
use leptos::html::{a, button, div, h2, header, ol, p, section, span};
use leptos::prelude::*;
use rejoin_protocol::ThreadId;
use rejoin_thread::Input;

use crate::board::Board;
use crate::pane::{Older, Pane};
use crate::ui::button::plain;
use crate::ui::icon::Icon;
use crate::ui::{composer, row};
use crate::{roster, strings};

/// A thread of this number.
pub fn view(board: Board, thread: ThreadId, number: u64) -> impl IntoView {
    let pane = Pane::new(thread);
    board.attach(pane);
    let resized = window_event_listener(ev::resize, move |_| pane.judge_seen(board));
    on_cleanup(move || resized.remove());
    let rows = For(ForProps::builder()
        .each(move || pane.rows.keys())
        .key(|key| *key)
        .children(move |key| pane.rows.row(key).map(|signal| row::view(board, pane, number, signal)))
        .build());
    section().class("thread").aria_labelledby("who").child((
        head(number),
        div().class("log-frame").child((
            div()
                .class("log")
                .role("log")
                .aria_label("Messages")
                // What arrives is announced once, for all threads; the log itself stays quiet.
                .aria_live("off")
                .tabindex("0")
                .node_ref(pane.log)
                .on(ev::scroll, move |_| pane.scrolled(board))
                .child(div().class("log-inner").child((older(board, pane), ol().role("list").child(rows)))),
            newest(board, pane),
        )),
        typing(pane, number),
        composer::view(board, number),
    ))
}

fn head(number: u64) -> impl IntoView {
    header().class("thread-head").child((
        a().class("back").href("#").aria_label("Back to the list").child(Icon::BACK.view()),
        span().class("face").aria_hidden("true").child(number),
        h2().id("who").child(roster::name(number)),
    ))
}

/// The way to what is older. It also loads by itself when it comes near.
fn older(board: Board, pane: Pane) -> impl IntoView {
    move || match pane.older.get() {
        Older::None if !pane.ready.get() => ().into_any(),
        Older::None => p().class("beginning").child("The conversation begins here").into_any(),
        Older::More => {
            plain("Show earlier messages", move || board.inside(pane.thread, Input::LoadOlder)).into_any()
        }
        Older::Loading => p().class("beginning").child("Earlier messages are coming…").into_any(),
    }
}

fn newest(board: Board, pane: Pane) -> impl IntoView {
    move || {
        (!pane.at_end.get()).then(|| {
            button()
                .class("newest")
                .r#type("button")
                .aria_label("Jump to newest")
                .on(ev::click, move |_| pane.jump(board))
                .child((Icon::DOWN.view(), span().child(move || strings::newest(pane.unread.get()))))
        })
    }
}

/// Always takes its room, so that nothing moves when somebody begins to type.
fn typing(pane: Pane, number: u64) -> impl IntoView {
    p().class("typing")
        .child(move || strings::typing(&pane.typing.get(), &roster::name(number)).unwrap_or_default())
}
