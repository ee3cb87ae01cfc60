//! The history and its scrolling.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_browser::Scroll;
use rejoin_thread::{Input, RowKey};

use super::{empty, jump, row, typing};
use crate::chat::Chat;

pub(super) fn timeline(chat: Chat) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Div>::new();
    let scroll = StoredValue::<Option<Scroll>, _>::new_local(None);
    Effect::new(move || {
        if let (Some(scroller), Some(list)) = (scroller.get(), list.get()) {
            scroll.set_value(Some(Scroll::attach(&scroller, &list, move |in_view| chat.moved(in_view))));
        }
    });
    on_cleanup(move || scroll.set_value(None));
    let to_end = move || {
        scroll.with_value(|scroll| scroll.as_ref().inspect(|scroll| scroll.to_end()).is_some());
    };
    Effect::new(move |sent_before: Option<u32>| {
        let sent = chat.sent.get();
        if sent_before.is_some_and(|before| before != sent) {
            to_end();
        }
        sent
    });
    Effect::new(move || {
        if chat.is_open.get() {
            request_animation_frame(move || show_what_is_new(chat, scroll));
        }
    });

    html::div().class("history").child((
        html::div()
            .node_ref(scroller)
            .class("log")
            .role("log")
            .tabindex(0)
            .attr("aria-label", move || chat.words().messages)
            // The announcer reads what is new; the log itself would read all that is ever drawn.
            .attr("aria-live", "off")
            .child((
                move || chat.has_older.get().then(|| older(chat)),
                empty::empty(chat),
                html::div().node_ref(list).class("rows").child(For(ForProps::builder()
                    .each(move || chat.rows.keys())
                    .key(|key: &RowKey| *key)
                    .children(move |key| row::row(chat, key))
                    .build())),
            )),
        typing::typing(chat),
        jump::jump(chat, to_end),
    ))
}

/// For those who do not scroll: scrolling near the beginning does the same.
fn older(chat: Chat) -> impl IntoView {
    let name = move || if chat.is_loading.get() { chat.words().loading } else { chat.words().older };
    html::div().class("older").child(
        html::button()
            .r#type("button")
            .class("quiet")
            .on(ev::click, move |_| chat.dispatch(Input::LoadOlder))
            .child(name),
    )
}

/// On opening, what is new is read from its beginning.
fn show_what_is_new(chat: Chat, scroll: StoredValue<Option<Scroll>, LocalStorage>) {
    let new = untrack(|| chat.rows.keys()).iter().position(|key| *key == RowKey::New);
    if let Some(new) = new {
        scroll.try_with_value(|scroll| scroll.as_ref().inspect(|scroll| scroll.show(new)).is_some());
    }
}
