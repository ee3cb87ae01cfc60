//! Where one writes.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_browser::dom;
use rejoin_protocol::limits::BODY_CHARS_MAX;

use super::icon;
use crate::chat::Chat;

/// The room that is left is told from here on.
const TELL_LEFT_CHARS: usize = 500;

/// An input method is at work: some browsers say so only by this code.
const KEY_OF_INPUT_METHOD: u32 = 229;

pub(super) fn composer(chat: Chat, field: NodeRef<html::Textarea>) -> impl IntoView {
    let length = Memo::new(move |_| chat.draft.with(|text| text.trim().chars().count()));
    let is_over = move || length.get() > BODY_CHARS_MAX;
    let refocus = move || {
        if let Some(field) = field.get_untracked() {
            dom::focus(&field);
        }
    };
    // What the core put back is to be gone on with: the cursor goes to its end.
    Effect::new(move |before: Option<u32>| {
        let refilled = chat.refilled.get();
        if before.is_some_and(|before| before != refilled) && chat.is_open.get_untracked() {
            refocus();
        }
        refilled
    });
    let send = move || {
        // A text that may not be sent stays; the note below says why.
        let _ = chat.send();
    };
    let note = move || {
        let length = length.get();
        if length > BODY_CHARS_MAX {
            (chat.words().over)(length - BODY_CHARS_MAX)
        } else if length + TELL_LEFT_CHARS >= BODY_CHARS_MAX {
            (chat.words().left)(BODY_CHARS_MAX - length)
        } else {
            String::new()
        }
    };
    html::form()
        .class("composer")
        .on(ev::submit, move |event| {
            event.prevent_default();
            send();
            refocus();
        })
        .child((
            html::div().class("field").child((
                // The same text, invisible, behind the text area gives it its height.
                html::div().class("grow").attr("data-text", move || chat.draft.get()).child(
                    html::textarea()
                        .node_ref(field)
                        .rows("1")
                        // While it is empty the hint decides, and that is in the reader's language.
                        .dir(move || chat.draft.with(|text| if text.is_empty() { "" } else { "auto" }))
                        .attr("enterkeyhint", "send")
                        .attr("autocomplete", "off")
                        .attr("aria-label", move || chat.words().message)
                        .attr("aria-describedby", "rj-note")
                        .attr("aria-invalid", move || is_over().then_some("true"))
                        .placeholder(move || chat.words().placeholder)
                        .prop("value", move || chat.draft.get())
                        .on(ev::input, move |event| chat.write(event_target_value(&event)))
                        .on(ev::keydown, move |event| {
                            let composing = event.is_composing() || event.key_code() == KEY_OF_INPUT_METHOD;
                            let breaks =
                                event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key();
                            if event.key() == "Enter" && !composing && !breaks {
                                event.prevent_default();
                                send();
                            }
                        }),
                ),
                html::button()
                    .r#type("submit")
                    .class("round send")
                    .disabled(move || length.get() == 0)
                    .attr("aria-label", move || chat.words().send)
                    .child(icon::icon(icon::SEND)),
            )),
            html::p()
                .id("rj-note")
                .class("note")
                .attr("data-over", move || is_over().then_some("true"))
                .attr("aria-live", "polite")
                .child(note),
        ))
}
