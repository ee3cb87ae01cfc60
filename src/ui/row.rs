//! One row of the timeline. Its key says what it is for as long as it exists; its signal, how it is now.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};
use rejoin_thread::{Input, Row, RowKey, RowKind};

use super::{button, message};
use crate::chat::Chat;
use crate::strings::Words;

pub(super) fn row(chat: Chat, words: &'static Words, key: RowKey) -> Option<Tag> {
    let row = chat.rows.row(key)?;
    Some(match key {
        RowKey::Message(..) => message::message(chat, words, row)?,
        RowKey::Day(..) => day(chat, row),
        RowKey::Gap(_) => gap(chat, words, row),
        RowKey::New => tag("div").class("row new").child(tag("span").text(words.new_messages)),
    })
}

fn day(chat: Chat, row: ArcRwSignal<Row>) -> Tag {
    let name = move || match row.get().kind {
        RowKind::Day(ts) => chat.day(ts),
        RowKind::Gap { .. } | RowKind::New | RowKind::Message(_) => String::new(),
    };
    tag("div").class("row day").child(tag("span").says(name))
}

fn gap(chat: Chat, words: &'static Words, row: ArcRwSignal<Row>) -> Tag {
    let fill = move || {
        if let RowKind::Gap { first, .. } = row.get_untracked().kind {
            chat.dispatch(Input::Fill(first));
        }
    };
    let name = move || if chat.is_loading.get() { words.loading } else { words.fill };
    tag("div").class("row gap").child(tag("span").text(words.gap)).child(button("quiet", fill).says(name))
}
