//! One row of a thread. Each part of a message changes by itself: confirming it touches its mark and nothing else.

use leptos::ev;
use leptos::html::{button, div, li, p, span};
use leptos::prelude::*;
use rejoin_protocol::{Author, ClientMessageId};
use rejoin_thread::{Input, MessageRow, MessageState, Row, RowKind};

use crate::board::Board;
use crate::pane::Pane;
use crate::roster::{self, Said};
use crate::ui::button::plain;
use crate::ui::composer::REPLY;
use crate::ui::content;
use crate::ui::icon::Icon;
use crate::{mount, strings};

/// More than this is folded: the conversation around it stays in view.
const FOLD_CHARS: usize = 1_500;

/// A row of the thread in `pane`, whose customer has this number.
pub fn view(board: Board, pane: Pane, number: u64, row: ArcRwSignal<Row>) -> impl IntoView {
    // A key never changes its kind, so neither does a row.
    match row.get_untracked().kind {
        RowKind::Message(message) => message_row(board, pane, number, row, message.cid).into_any(),
        RowKind::Day(_) => mark("mark day", day(board, row)).into_any(),
        RowKind::New => li().class("mark new-mark").child(span().child("New")).into_any(),
        RowKind::Gap { .. } => gap(board, pane, row).into_any(),
    }
}

fn mark(class: &'static str, words: Memo<String>) -> impl IntoView {
    li().class(class).child(span().child(words))
}

fn day(board: Board, row: ArcRwSignal<Row>) -> Memo<String> {
    Memo::new(move |_| match row.read().kind {
        RowKind::Day(ts) => board.dates.with_value(|dates| dates.day(ts, board.now.get())),
        RowKind::Message(_) | RowKind::New | RowKind::Gap { .. } => String::new(),
    })
}

fn gap(board: Board, pane: Pane, row: ArcRwSignal<Row>) -> impl IntoView {
    let hole = move || match row.get().kind {
        RowKind::Gap { first, events } => Some((first, events)),
        RowKind::Message(_) | RowKind::New | RowKind::Day(_) => None,
    };
    li().class("mark gap").child(move || {
        hole().map(|(first, events)| {
            plain(strings::gap(events), move || board.inside(pane.thread, Input::Fill(first)))
        })
    })
}

/// A part of a message, which changes only when that part does.
fn part<T>(row: &ArcRwSignal<Row>, of: impl Fn(&MessageRow) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: Default + PartialEq + Send + Sync + 'static,
{
    part_of(row.clone(), Box::new(of))
}

type Of<T> = Box<dyn Fn(&MessageRow) -> T + Send + Sync>;

fn part_of<T: Default + PartialEq + Send + Sync + 'static>(row: ArcRwSignal<Row>, of: Of<T>) -> Memo<T> {
    Memo::new(move |_| match &row.read().kind {
        RowKind::Message(message) => of(message),
        RowKind::Day(_) | RowKind::New | RowKind::Gap { .. } => T::default(),
    })
}

fn message_row(
    board: Board,
    pane: Pane,
    number: u64,
    row: ArcRwSignal<Row>,
    cid: ClientMessageId,
) -> impl IntoView {
    let seq = part(&row, |message| message.seq.map(|seq| seq.to_string()));
    let shape = part(&row, |message| {
        let on = |on: bool, class: &'static str| if on { class } else { "" };
        [
            "message",
            on(message.ours, " is-ours"),
            on(message.first, " is-first"),
            on(message.last, " is-last"),
        ]
        .concat()
    });
    let who = part(&row, move |message| name(board, &message.by, number));
    let text = part(&row, |message| message.text.clone());
    let state = part(&row, |message| message.state);
    li().class(shape).attr("data-seq", seq).child((
        p().class("who").dir("auto").child(who),
        words(board, pane, text),
        foot(board, &row, state),
        choices(board, pane, state, cid),
    ))
}

fn name(board: Board, by: &Author, number: u64) -> String {
    match board.agent.with_value(|agent| Said::of(by, agent.id)) {
        Said::Customer => roster::name(number),
        Said::You => "You".to_owned(),
        Said::Agent(name) => name,
    }
}

fn words(board: Board, pane: Pane, text: Memo<String>) -> impl IntoView {
    let long = move || text.with(|text| text.chars().nth(FOLD_CHARS).is_some());
    let open = RwSignal::new(false);
    let class = move || if long() && !open.get() { "words is-folded" } else { "words" };
    div()
        .class("bubble")
        .child((div().class(class).dir("auto").child(move || content::view(&text.get())), move || {
            long().then(|| unfold(board, pane, open))
        }))
}

fn unfold(board: Board, pane: Pane, open: RwSignal<bool>) -> impl IntoView {
    let act = move |_| {
        pane.keep_in_place(board);
        open.update(|open| *open = !*open);
    };
    button()
        .class("plain unfold")
        .r#type("button")
        .aria_expanded(move || if open.get() { "true" } else { "false" })
        .on(ev::click, act)
        .child(move || if open.get() { "Show less" } else { "Show all" })
}

/// When it was said and how far it has got; shown at the end of a group, and wherever something is still open.
fn foot(board: Board, row: &ArcRwSignal<Row>, state: Memo<Option<MessageState>>) -> impl IntoView + use<> {
    let time = part(row, move |message| board.dates.with_value(|dates| dates.time(message.ts)));
    let class = part(row, |message| {
        let open = match message.state {
            None | Some(MessageState::Sent | MessageState::Delivered | MessageState::Seen) => "foot",
            Some(MessageState::Sending | MessageState::Waiting | MessageState::Rejected(_)) => "foot is-open",
        };
        open.to_owned()
    });
    p().class(class).child((span().class("time").child(time), move || state.get().map(progress)))
}

fn progress(state: MessageState) -> impl IntoView {
    let words = strings::message_state(state);
    let (class, icon) = match state {
        MessageState::Sending | MessageState::Waiting => ("state-mark", Icon::CLOCK),
        MessageState::Sent => ("state-mark", Icon::TICK),
        MessageState::Delivered => ("state-mark", Icon::TICKS),
        MessageState::Seen => ("state-mark is-seen", Icon::TICKS),
        MessageState::Rejected(_) => ("state-mark is-rejected", Icon::ALERT),
    };
    span().class(class).child((icon.view(), span().class("state-words").child(words)))
}

/// What can be done about a message that was refused.
fn choices(
    board: Board,
    pane: Pane,
    state: Memo<Option<MessageState>>,
    cid: ClientMessageId,
) -> impl IntoView {
    let choice = move |word: &'static str, input: fn(ClientMessageId) -> Input| {
        plain(word, move || {
            board.inside(pane.thread, input(cid));
            // The button goes away; what follows is written there.
            mount::focus(REPLY);
        })
    };
    move || {
        matches!(state.get(), Some(MessageState::Rejected(_))).then(|| {
            div().class("choices").child((
                choice("Try again", Input::Retry),
                choice("Edit", Input::Edit),
                choice("Discard", Input::Discard),
            ))
        })
    }
}
