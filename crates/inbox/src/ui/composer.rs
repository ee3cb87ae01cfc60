//! Where a reply is written.

use leptos::ev;
use leptos::html::{button, div, form, p, span, textarea};
use leptos::prelude::*;
use rejoin_protocol::Body;
use rejoin_protocol::limits::BODY_CHARS_MAX;

use crate::board::Board;
use crate::ui::icon::Icon;
use crate::{mount, roster, strings};

/// The text field's id.
pub const REPLY: &str = "reply";

/// What a key event of an input method has for a code where browsers do not say that it is composing.
const COMPOSING: u32 = 229;

/// The composer of the open thread.
pub fn view(board: Board, number: u64) -> impl IntoView {
    // After the frame in which it appears: before that it cannot take the focus.
    request_animation_frame(|| {
        mount::focus(REPLY);
    });
    let sendable = Memo::new(move |_| Body::Text(board.draft.get()).check().is_ok());
    let over = Memo::new(move |_| {
        let chars = board.draft.with(|text| text.chars().count());
        if chars > BODY_CHARS_MAX { strings::too_long(chars) } else { String::new() }
    });
    let send = move || {
        board.send();
        mount::focus(REPLY);
    };
    form()
        .class("composer")
        .on(ev::submit, move |event| {
            event.prevent_default();
            send();
        })
        .child((
            div().class("field").child((
                // The same text, unseen, makes the field as high as it needs to be.
                div()
                    .class("mirror")
                    .aria_hidden("true")
                    .child(move || format!("{}\u{200b}", board.draft.get())),
                textarea()
                    .id(REPLY)
                    .rows("1")
                    .aria_label("Reply")
                    .aria_describedby("over")
                    .placeholder(format!("Reply to {}", roster::name(number)))
                    .attr("enterkeyhint", "send")
                    .attr("dir", "auto")
                    .prop("value", board.draft)
                    .on(ev::input, move |event| board.set_draft(event_target_value(&event)))
                    .on(ev::keydown, move |event| {
                        let composing = event.is_composing() || event.key_code() == COMPOSING;
                        if event.key() == "Enter" && !event.shift_key() && !composing {
                            event.prevent_default();
                            send();
                        }
                    }),
            )),
            button()
                .class("send")
                .r#type("submit")
                .disabled(move || !sendable.get())
                .child((Icon::SEND.view(), span().class("send-word").child("Send"))),
            p().id("over").class("over").aria_live("polite").child(over),
        ))
}
