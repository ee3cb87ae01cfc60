//! Where one writes.

use leptos::prelude::*;
use rejoin_browser::{Slot, Tag, dom, tag};
use rejoin_protocol::limits::BODY_CHARS_MAX;

use super::icon;
use crate::chat::{Chat, react};
use crate::strings::Words;

/// The room that is left is told from here on.
const TELL_LEFT_CHARS: usize = 500;

pub(super) fn composer(chat: Chat, words: &'static Words, field: Slot) -> Tag {
    let length = Memo::new(move |_| chat.draft.with(|text| text.trim().chars().count()));
    let refocus = move || {
        if let Some(field) = field.get() {
            dom::focus(&field);
        }
    };
    // What the core put back is to be gone on with.
    let mut refilled_before = chat.refilled.get_untracked();
    react(move || {
        let refilled = chat.refilled.get();
        if std::mem::replace(&mut refilled_before, refilled) != refilled && chat.is_open.get_untracked() {
            refocus();
        }
    });
    let note = move || match length.get() {
        length if length > BODY_CHARS_MAX => (words.over)(length - BODY_CHARS_MAX),
        length if length + TELL_LEFT_CHARS >= BODY_CHARS_MAX => (words.left)(BODY_CHARS_MAX - length),
        _ => String::new(),
    };
    let is_over = Memo::new(move |_| length.get() > BODY_CHARS_MAX);
    // Read out once, not with every letter.
    let spoken = move || {
        if is_over.get() {
            (words.over)(length.get_untracked().saturating_sub(BODY_CHARS_MAX))
        } else {
            String::new()
        }
    };
    let send = tag("button")
        .attr("type", "submit")
        .class("round send")
        .flag("disabled", move || length.get() == 0)
        .attr("aria-label", words.send)
        .child(icon::icon(icon::SEND));
    // The same text, invisible, behind the text area gives it its height.
    let grow = tag("div").class("grow").follows("data-text", move || Some(chat.draft.get()));
    let text = text_area(chat, words).into_slot(field).flag("aria-invalid", move || is_over.get());
    tag("form")
        .class("composer")
        .on("submit", move |event| {
            event.prevent_default();
            send_draft(chat);
            refocus();
        })
        .child(tag("div").class("field").child(grow.child(text)).child(send))
        .child(
            tag("p").attr("id", "rj-note").class("note").flag("data-over", move || is_over.get()).says(note),
        )
        .child(tag("span").class("spoken").attr("aria-live", "polite").says(spoken))
}

fn text_area(chat: Chat, words: &'static Words) -> Tag {
    tag("textarea")
        .attr("rows", "1")
        // While it is empty the hint decides, and that is in the reader's language.
        .follows("dir", move || chat.draft.with(|text| (!text.is_empty()).then_some("auto")))
        .attr("enterkeyhint", "send")
        .attr("autocomplete", "off")
        .attr("aria-label", words.message)
        .attr("aria-describedby", "rj-note")
        .attr("placeholder", words.placeholder)
        .value(move || chat.draft.get())
        .on("input", move |event| chat.write(dom::text_of(event)))
        .on("keydown", move |event| {
            let sends = |key: dom::Key| key.name == "Enter" && !key.is_composing && !key.has_shift;
            if dom::Key::of(event).is_some_and(sends) {
                event.prevent_default();
                send_draft(chat);
            }
        })
}

/// A text that may not be sent stays; the note below it says why.
fn send_draft(chat: Chat) {
    let _ = chat.send();
}
