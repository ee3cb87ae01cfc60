//! Which site, who is signed in, and which threads are listed.

use leptos::ev;
use leptos::html::{button, div, header, p, span};
use leptos::prelude::*;

use crate::board::Board;
use crate::roster::Show;
use crate::ui::button::plain;

/// The column at the side, or the bar at the top.
pub fn view(board: Board) -> impl IntoView {
    let (name, site) = board.agent.with_value(|agent| (agent.name.clone(), agent.site.clone()));
    header().class("rail").child((
        div().class("site").child((
            p().class("site-title").aria_hidden("true").child("Inbox"),
            p().class("site-name").dir("auto").child(site),
        )),
        div()
            .class("views")
            .role("group")
            .aria_label("Listed threads")
            .child((choice(board, Show::All, "All"), choice(board, Show::Unread, "Unread"))),
        div().class("agent").child((
            p().class("agent-name").dir("auto").title(name.clone()).child(name),
            plain("Sign out", move || board.session.sign_out()),
        )),
    ))
}

fn choice(board: Board, show: Show, word: &'static str) -> impl IntoView {
    let chosen = move || if board.show.get() == show { "true" } else { "false" };
    let count = move || {
        let (all, unread) = board.counts.get();
        if show == Show::All { all } else { unread }
    };
    button()
        .class("view")
        .r#type("button")
        .aria_pressed(chosen)
        .on(ev::click, move |_| board.set_show(show))
        .child((span().child(word), " ", span().class("count").child(count)))
}
