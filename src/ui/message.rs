//! A message: who, what, when, and how far it has got.
//!
//! Its parts are always there and only their place changes, so that a message keeps its height from "sending" to
//! "seen": under the last one of a group stands the line with time and mark; the others have theirs at the side.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_protocol::{ClientMessageId, NackCode};
use rejoin_thread::{Input, MessageRow, MessageState, Row, RowKind};

use super::{content, icon};
use crate::chat::Chat;

pub(super) fn message(chat: Chat, row: ArcRwSignal<Row>) -> impl IntoView {
    let kind = row.get_untracked().kind;
    let RowKind::Message(first) = kind else { return ().into_any() };
    let MessageRow { cid, ours, text, by, .. } = *first;
    let read = ArcMemo::new(move |_| look(&row.read()));
    let look = {
        let read = read.clone();
        move || read.get()
    };
    let comes = chat.comes_in_view();
    let class = {
        let look = look.clone();
        move || {
            let look = look();
            let mut class = String::from(if ours { "row message own" } else { "row message" });
            let is_refused = look.refused.is_some();
            for (on, name) in
                [(look.first, " first"), (look.last, " last"), (is_refused, " refused"), (comes, " comes")]
            {
                if on {
                    class.push_str(name);
                }
            }
            class
        }
    };
    let spoken = {
        let (look, by) = (look.clone(), by.clone());
        move || format!("{}, {}", chat.name(&by), chat.moment(look().ts))
    };
    let author = {
        let look = look.clone();
        move || {
            let by = by.clone();
            (!ours && look().first).then(|| author(move || chat.name(&by)))
        }
    };
    html::article()
        .class(class)
        .attr("aria-label", spoken)
        .child((author, content::bubble(chat, text), meta(chat, ours, look.clone()), move || {
            look().refused.map(|code| refused(chat, cid, code))
        }))
        .into_any()
}

/// What of a message can change while it is on the screen.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    first: bool,
    last: bool,
    ts: u64,
    state: Option<MessageState>,
    refused: Option<NackCode>,
}

fn look(row: &Row) -> Look {
    match &row.kind {
        RowKind::Message(row) => Look {
            first: row.first,
            last: row.last,
            ts: row.ts,
            state: row.state,
            refused: match row.state {
                Some(MessageState::Rejected(code)) => Some(code),
                Some(
                    MessageState::Sending
                    | MessageState::Waiting
                    | MessageState::Sent
                    | MessageState::Delivered
                    | MessageState::Seen,
                )
                | None => None,
            },
        },
        RowKind::Day(_) | RowKind::Gap { .. } | RowKind::New => {
            Look { first: true, last: true, ts: 0, state: None, refused: None }
        }
    }
}

/// Face and name, once per group.
fn author(name: impl Fn() -> String + Clone + Send + 'static) -> impl IntoView {
    let initials = {
        let name = name.clone();
        move || name().split_whitespace().take(2).filter_map(|word| word.chars().next()).collect::<String>()
    };
    html::div().class("author").attr("aria-hidden", "true").child((
        html::span().class("face").child(initials),
        html::span().class("name").dir("auto").child(name),
    ))
}

fn meta(chat: Chat, ours: bool, look: impl Fn() -> Look + Clone + Send + 'static) -> impl IntoView {
    let (at, time) = (look.clone(), look.clone());
    let mark = move || look().state.filter(|_| ours).map(|state| mark(chat, state));
    html::div().class("meta").child((
        html::time().attr("title", move || chat.moment(at().ts)).child(move || chat.time(time().ts)),
        mark,
    ))
}

/// The state as a picture, with its words for those who do not see it and for those who ask it with the pointer.
fn mark(chat: Chat, state: MessageState) -> impl IntoView {
    let words = chat.words();
    let (class, path, text) = match state {
        MessageState::Sending => ("mark sending", icon::RING, words.state_sending),
        MessageState::Waiting => ("mark waiting", icon::CLOCK, words.state_waiting),
        MessageState::Sent => ("mark", icon::TICK, words.state_sent),
        MessageState::Delivered => ("mark", icon::TICKS, words.state_delivered),
        MessageState::Seen => ("mark seen", icon::TICKS, words.state_seen),
        MessageState::Rejected(code) => ("mark", icon::REFUSED, (words.rejected)(code)),
    };
    html::span()
        .class(class)
        .attr("title", text)
        .child((icon::icon(path), html::span().class("spoken").child(text)))
}

fn refused(chat: Chat, cid: ClientMessageId, code: NackCode) -> impl IntoView {
    let button = move |name: &'static str, input: Input| {
        html::button()
            .r#type("button")
            .class("quiet")
            .on(ev::click, move |_| chat.dispatch(input.clone()))
            .child(name)
    };
    let words = chat.words();
    html::div().class("decision").child((
        html::p().child((words.rejected)(code)),
        html::div().class("actions").child((
            button(words.try_again, Input::Retry(cid)),
            button(words.edit, Input::Edit(cid)),
            button(words.discard, Input::Discard(cid)),
        )),
    ))
}
