//! One row of a thread. Each part of a message changes by itself: confirming it touches its mark and nothing else.

use leptos::either::Either;
use leptos::ev;
use leptos::html::{button, div, li, p, span};
use leptos::prelude::*;
use rejoin_protocol::{Author, ClientMessageId};
use rejoin_thread::{Input, MessageRow, MessageState, Row, RowKind};

use crate::board::Board;
use crate::pane::Pane;
use crate::roster::{self, Said};
use crate::ui::composer::REPLY;
use crate::ui::content;
use crate::ui::icon::Icon;
use crate::{mount, strings};

/// A row of the thread in `pane`, whose customer has this number.
pub fn view(board: Board, pane: Pane, number: u64, row: ArcRwSignal<Row>) -> impl IntoView {
    // A key never changes its kind, so neither does a row.
    match row.get_untracked().kind {
        RowKind::Message(message) => message_row(board, pane, number, row, *message).into_any(),
        RowKind::Day(_) => day(board, row).into_any(),
        RowKind::New => li().class("mark new-mark").child(span().child("New")).into_any(),
        RowKind::Gap { .. } => gap(board, pane, row).into_any(),
    }
}

fn day(board: Board, row: ArcRwSignal<Row>) -> impl IntoView {
    let words = Memo::new(move |_| match row.read().kind {
        RowKind::Day(ts) => board.dates.with_value(|dates| dates.day(ts, board.now.get())),
        RowKind::Message(_) | RowKind::New | RowKind::Gap { .. } => String::new(),
    });
    li().class("mark day").child(span().child(move || words.get()))
}

fn gap(board: Board, pane: Pane, row: ArcRwSignal<Row>) -> impl IntoView {
    let hole = Memo::new(move |_| match row.read().kind {
        RowKind::Gap { first, events } => (first, events),
        RowKind::Message(_) | RowKind::New | RowKind::Day(_) => (0, 0),
    });
    li().class("mark gap").child(
        button()
            .class("plain")
            .r#type("button")
            .on(ev::click, move |_| board.inside(pane.thread, Input::Fill(hole.get_untracked().0)))
            .child(move || strings::gap(hole.get().1)),
    )
}

/// Reads a part of a message, and changes only when that part does.
fn part<T>(row: &ArcRwSignal<Row>, or: T, of: fn(&MessageRow) -> T) -> Memo<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let row = row.clone();
    Memo::new(move |_| match &row.read().kind {
        RowKind::Message(message) => of(message),
        RowKind::Day(_) | RowKind::New | RowKind::Gap { .. } => or.clone(),
    })
}

fn message_row(
    board: Board,
    pane: Pane,
    number: u64,
    row: ArcRwSignal<Row>,
    message: MessageRow,
) -> impl IntoView {
    let seq = part(&row, None, |message| message.seq);
    let first = part(&row, true, |message| message.first);
    let last = part(&row, true, |message| message.last);
    let text = part(&row, String::new(), |message| message.text.clone());
    let by = part(&row, Author::Customer, |message| message.by.clone());
    let who = Memo::new(move |_| name(board, &by.get(), number));
    let (cid, ours) = (message.cid, message.ours);
    li().class("message")
        .class(("is-ours", ours))
        .class(("is-first", move || first.get()))
        .class(("is-last", move || last.get()))
        .attr("data-seq", move || seq.get().map(|seq| seq.to_string()))
        .child((
            p().class("who").class(("heard-only", move || !first.get())).dir("auto").child(move || who.get()),
            words(board, pane, text),
            foot(board, &row, last),
            choices(board, pane, &row, cid),
        ))
}

/// More than this is folded: the conversation around it stays in view.
const FOLD_CHARS: usize = 1_500;

fn words(board: Board, pane: Pane, text: Memo<String>) -> impl IntoView {
    let long = Memo::new(move |_| text.with(|text| text.chars().count() > FOLD_CHARS));
    let open = RwSignal::new(false);
    let unfold = move |_| {
        pane.keep_in_place(board);
        open.update(|open| *open = !*open);
    };
    div().class("bubble").child((
        div()
            .class("words")
            .class(("is-folded", move || long.get() && !open.get()))
            .dir("auto")
            .child(move || content::view(&text.get())),
        move || {
            long.get().then(|| {
                button()
                    .class("plain unfold")
                    .r#type("button")
                    .aria_expanded(move || if open.get() { "true" } else { "false" })
                    .on(ev::click, unfold)
                    .child(move || if open.get() { "Show less" } else { "Show all" })
            })
        },
    ))
}

fn name(board: Board, by: &Author, number: u64) -> String {
    match board.agent.with_value(|agent| Said::of(by, agent.id)) {
        Said::Customer => roster::name(number),
        Said::You => "You".to_owned(),
        Said::Agent(name) => name,
    }
}

/// When it was said and how far it has got: at the end of a group, and wherever something is still open.
fn foot(board: Board, row: &ArcRwSignal<Row>, last: Memo<bool>) -> impl IntoView + use<> {
    let ts = part(row, 0, |message| message.ts);
    let state = part(row, None, |message| message.state);
    let settled = Memo::new(move |_| match state.get() {
        None | Some(MessageState::Sent | MessageState::Delivered | MessageState::Seen) => true,
        Some(MessageState::Sending | MessageState::Waiting | MessageState::Rejected(_)) => false,
    });
    let time = Memo::new(move |_| board.dates.with_value(|dates| dates.time(ts.get())));
    p().class("foot")
        .class(("heard-only", move || settled.get() && !last.get()))
        .child((span().class("time").child(move || time.get()), move || state.get().map(mark)))
}

fn mark(state: MessageState) -> impl IntoView {
    let words = strings::message_state(state);
    let (class, icon) = match state {
        MessageState::Sending => ("state-mark", Icon::CLOCK),
        MessageState::Waiting => ("state-mark", Icon::CLOCK),
        MessageState::Sent => ("state-mark", Icon::TICK),
        MessageState::Delivered => ("state-mark", Icon::TICKS),
        MessageState::Seen => ("state-mark is-seen", Icon::TICKS),
        MessageState::Rejected(_) => ("state-mark is-rejected", Icon::ALERT),
    };
    span().class(class).title(words).child((icon.view(), span().class("state-words").child(words)))
}

/// What can be done about a message that was refused.
fn choices(board: Board, pane: Pane, row: &ArcRwSignal<Row>, cid: ClientMessageId) -> impl IntoView + use<> {
    let rejected = part(row, false, |message| matches!(message.state, Some(MessageState::Rejected(_))));
    let choice = move |word: &'static str, input: fn(ClientMessageId) -> Input| {
        let act = move |_| {
            board.inside(pane.thread, input(cid));
            // The button goes away; what follows is written there.
            mount::focus(REPLY);
        };
        button().class("plain").r#type("button").on(ev::click, act).child(word)
    };
    move || {
        if rejected.get() {
            Either::Left(div().class("choices").child((
                choice("Try again", Input::Retry),
                choice("Edit", Input::Edit),
                choice("Discard", Input::Discard),
            )))
        } else {
            Either::Right(())
        }
    }
}
