//! One row of the timeline. Its key says what it is for as long as it exists; its signal, how it is now.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_thread::{Input, Row, RowKey, RowKind};

use super::message;
use crate::chat::Chat;

pub(super) fn row(chat: Chat, key: RowKey) -> AnyView {
    let Some(row) = chat.rows.row(key) else { return ().into_any() };
    match key {
        RowKey::Message(..) => message::message(chat, row).into_any(),
        RowKey::Day(..) => day(chat, row).into_any(),
        RowKey::Gap(_) => gap(chat, row).into_any(),
        RowKey::New => html::div()
            .class("row new")
            .child(html::span().child(move || chat.words().new_messages))
            .into_any(),
    }
}

fn day(chat: Chat, row: ArcRwSignal<Row>) -> impl IntoView {
    let name = move || match row.get().kind {
        RowKind::Day(ts) => chat.day(ts),
        RowKind::Gap { .. } | RowKind::New | RowKind::Message(_) => String::new(),
    };
    html::div().class("row day").child(html::span().child(name))
}

fn gap(chat: Chat, row: ArcRwSignal<Row>) -> impl IntoView {
    let fill = move || {
        if let RowKind::Gap { first, .. } = row.get_untracked().kind {
            chat.dispatch(Input::Fill(first));
        }
    };
    html::div().class("row gap").child((
        html::span().child(move || chat.words().gap),
        html::button()
            .r#type("button")
            .class("quiet")
            .on(ev::click, move |_| fill())
            .child(move || if chat.is_loading.get() { chat.words().loading } else { chat.words().fill }),
    ))
}
