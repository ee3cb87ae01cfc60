//! The history and its scrolling.

use leptos::prelude::*;
use rejoin_browser::{Scroll, Slot, Tag, dom, tag};
use rejoin_thread::{Input, RowKey};

use super::{button, empty, jump, row, typing};
use crate::chat::{Chat, react};
use crate::config::Settings;
use crate::strings::Words;

type Held = StoredValue<Option<Scroll>, LocalStorage>;

pub(super) fn timeline(chat: Chat, settings: &Settings, words: &'static Words) -> Tag {
    let (scroller, list) = (Slot::default(), Slot::default());
    let scroll: Held = StoredValue::new_local(None);
    keep_scrolled(chat, scroll, scroller, list);
    let log = tag("div")
        .into_slot(scroller)
        .class("log")
        .attr("role", "log")
        .attr("tabindex", "0")
        .attr("aria-label", words.messages)
        // The announcer reads what is new; the log itself would read all that is ever drawn.
        .attr("aria-live", "off")
        .when(move || chat.has_older.get().then(|| older(chat, words)))
        .child(empty::empty(chat, settings, words))
        .child(
            tag("div").into_slot(list).class("rows").rows(chat.rows, move |key| row::row(chat, words, key)),
        );
    tag("div").class("history").child(log).child(typing::typing(chat, words)).child(jump::jump(
        chat,
        words,
        move || to_end(scroll),
    ))
}

fn keep_scrolled(chat: Chat, scroll: Held, scroller: Slot, list: Slot) {
    // Effects run when everything is drawn.
    react(move || {
        if let (Some(scroller), Some(list)) = (scroller.get(), list.get()) {
            scroll.set_value(Some(Scroll::attach(&scroller, &list, move |in_view| chat.moved(in_view))));
        }
    });
    let mut sent_before = chat.sent.get_untracked();
    react(move || {
        let sent = chat.sent.get();
        if std::mem::replace(&mut sent_before, sent) != sent {
            to_end(scroll);
        }
    });
    react(move || {
        if chat.is_open.get() {
            dom::next_frame(move || show_what_is_new(chat, scroll));
        }
    });
}

/// For those who do not scroll: scrolling near the beginning does the same.
fn older(chat: Chat, words: &'static Words) -> Tag {
    let name = move || if chat.is_loading.get() { words.loading } else { words.older };
    tag("div").class("older").child(button("quiet", move || chat.dispatch(Input::LoadOlder)).says(name))
}

fn to_end(scroll: Held) {
    if let Some(scroll) = scroll.try_get_value().flatten() {
        scroll.to_end();
    }
}

/// On opening, what is new is read from its beginning.
fn show_what_is_new(chat: Chat, scroll: Held) {
    let new = untrack(|| chat.rows.keys()).iter().position(|key| *key == RowKey::New);
    if let (Some(new), Some(scroll)) = (new, scroll.try_get_value().flatten()) {
        scroll.show(new);
    }
}
