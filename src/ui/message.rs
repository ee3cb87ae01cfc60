//! A message: who, what, when, and how far it has got.
//!
//! Its parts are always there and only their place changes, so that a message keeps its height from "sending" to
//! "seen": under the last one of a group stands the line with time and mark; the others have theirs at the side.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};
use rejoin_protocol::{Author, ClientMessageId, NackCode};
use rejoin_thread::{Input, MessageRow, MessageState, Row, RowKind};

use super::{button, content, icon};
use crate::chat::Chat;
use crate::strings::Words;

pub(super) fn message(chat: Chat, words: &'static Words, row: ArcRwSignal<Row>) -> Option<Tag> {
    let RowKind::Message(first) = row.get_untracked().kind else { return None };
    let MessageRow { cid, seq, ours, text, by, .. } = *first;
    let look = Memo::new(move |_| look(&row.read()));
    let comes = chat.comes_in_view(seq.is_some());
    let name = chat.name(&by, words);
    let spoken = {
        let name = name.clone();
        move || Some(format!("{name}, {}", chat.moment(look.get().ts)))
    };
    let is_first = Memo::new(move |_| look.get().first);
    let refusal = Memo::new(move |_| look.get().refusal());
    let article = tag("article")
        .follows("class", move || Some(class(look.get(), ours, comes)))
        .follows("aria-label", spoken)
        .when(move || (!ours && is_first.get()).then(|| author(&name, &by)))
        .child(content::bubble(words, text))
        .child(meta(chat, words, look))
        .when(move || refusal.get().map(|code| decision(chat, words, cid, code)));
    Some(article)
}

/// What of a message can change while it is on the screen.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    first: bool,
    last: bool,
    ts: u64,
    state: Option<MessageState>,
}

impl Look {
    fn refusal(self) -> Option<NackCode> {
        match self.state? {
            MessageState::Rejected(code) => Some(code),
            MessageState::Sending
            | MessageState::Waiting
            | MessageState::Sent
            | MessageState::Delivered
            | MessageState::Seen => None,
        }
    }
}

fn look(row: &Row) -> Look {
    match &row.kind {
        RowKind::Message(row) => Look { first: row.first, last: row.last, ts: row.ts, state: row.state },
        RowKind::Day(_) | RowKind::Gap { .. } | RowKind::New => {
            Look { first: true, last: true, ts: 0, state: None }
        }
    }
}

fn class(look: Look, ours: bool, comes: bool) -> String {
    let mut class = "row message".to_owned();
    let names = [
        (ours, " own"),
        (look.first, " first"),
        (look.last, " last"),
        (look.refusal().is_some(), " refused"),
        (comes, " comes"),
    ];
    names.iter().filter(|(on, _)| *on).for_each(|(_, name)| class.push_str(name));
    class
}

/// Face and name, once per group.
fn author(name: &str, by: &Author) -> Tag {
    let initials: String = name.split_whitespace().take(2).filter_map(|word| word.chars().next()).collect();
    let author = tag("div").class("author").attr("aria-hidden", "true");
    match by {
        Author::Customer => author,
        Author::Agent { .. } => author
            .child(tag("span").class("face").text(initials))
            .child(tag("span").class("name").attr("dir", "auto").text(name.to_owned())),
    }
}

fn meta(chat: Chat, words: &'static Words, look: Memo<Look>) -> Tag {
    let state = Memo::new(move |_| look.get().state);
    tag("div")
        .class("meta")
        .child(
            tag("time")
                .follows("title", move || Some(chat.moment(look.get().ts)))
                .says(move || chat.time(look.get().ts)),
        )
        .when(move || state.get().map(|state| mark(words, state)))
}

/// The state as a picture, with its words for those who do not see it and for those who ask it with the pointer.
fn mark(words: &'static Words, state: MessageState) -> Tag {
    let (class, path, text) = match state {
        MessageState::Sending => ("mark sending", icon::RING, words.state_sending),
        MessageState::Waiting => ("mark waiting", icon::CLOCK, words.state_waiting),
        MessageState::Sent => ("mark", icon::TICK, words.state_sent),
        MessageState::Delivered => ("mark", icon::TICKS, words.state_delivered),
        MessageState::Seen => ("mark seen", icon::TICKS, words.state_seen),
        MessageState::Rejected(code) => ("mark", icon::REFUSED, (words.rejected)(code)),
    };
    tag("span")
        .class(class)
        .attr("title", text)
        .child(icon::icon(path))
        .child(tag("span").class("spoken").text(text))
}

fn decision(chat: Chat, words: &'static Words, cid: ClientMessageId, code: NackCode) -> Tag {
    let choice = move |name: &'static str, input: Input| {
        button("quiet", move || chat.dispatch(input.clone())).text(name)
    };
    let actions = [
        choice(words.try_again, Input::Retry(cid)),
        choice(words.edit, Input::Edit(cid)),
        choice(words.discard, Input::Discard(cid)),
    ];
    tag("div")
        .class("decision")
        .child(tag("p").text((words.rejected)(code)))
        .child(tag("div").class("actions").children(actions))
}
