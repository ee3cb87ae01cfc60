//! The panel: header, state line, timeline, composer.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_browser::{dom, viewport};

use super::{announcer, composer, header, state_line, timeline};
use crate::chat::Chat;
use crate::config::{Mode, Position};

/// Where the panel fills the screen. The same condition stands in `style/media.css`.
const FILLS_SCREEN: &str = "(max-width: 480px), (max-height: 480px) and (pointer: coarse)";

/// Where the focus in a text field raises a keyboard that covers half of what one came to read.
const TOUCH: &str = "(pointer: coarse)";

/// Everything the app shows.
pub(crate) fn panel(chat: Chat) -> impl IntoView {
    chat.watch_what_is_seen();
    let fills_screen = RwSignal::new(viewport::matches(FILLS_SCREEN));
    let media = viewport::watch_media(FILLS_SCREEN, move |fills| fills_screen.set(fills));
    // Kept by the reactive owner, and gone with it.
    StoredValue::new_local(media);

    let dialog = NodeRef::<html::Section>::new();
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move || {
        if chat.is_open.get() && chat.takes_focus.get_untracked() {
            // In the next frame, because what is not visible yet takes no focus.
            request_animation_frame(move || focus_on_opening(dialog, field));
        }
    });

    let is_full_page = move || chat.settings.with(|settings| settings.mode == Mode::FullPage);
    let corner = move || {
        chat.settings.with(|settings| match settings.position {
            Position::BottomRight => "right",
            Position::BottomLeft => "left",
        })
    };
    html::div()
        .class("rj-app")
        .lang(move || chat.words().lang)
        .dir(move || if chat.words().rtl { "rtl" } else { "ltr" })
        .attr("data-open", move || chat.is_open.get().then_some("true"))
        .attr("data-corner", corner)
        .attr("data-mode", move || is_full_page().then_some("fullpage"))
        .on(ev::keydown, move |event| {
            // Shortcuts of the page are not meant by somebody who writes in here.
            event.stop_propagation();
            if event.key() == "Escape" && !event.is_composing() && !is_full_page() {
                chat.close();
            }
        })
        .on(ev::keyup, |event| event.stop_propagation())
        .on(ev::keypress, |event| event.stop_propagation())
        .child((
            html::section()
                .node_ref(dialog)
                .id("rj-panel")
                .class("panel")
                .role("dialog")
                .tabindex(-1)
                .attr("aria-label", move || header::name(chat))
                .attr("aria-modal", move || (fills_screen.get() && !is_full_page()).then_some("true"))
                .child((
                    header::header(chat, is_full_page),
                    state_line::state_line(chat),
                    timeline::timeline(chat),
                    composer::composer(chat, field),
                )),
            announcer::announcer(chat),
        ))
}

/// Into the composer, or, where that would raise a keyboard, only onto the panel.
fn focus_on_opening(dialog: NodeRef<html::Section>, field: NodeRef<html::Textarea>) {
    if viewport::matches(TOUCH) {
        if let Some(dialog) = dialog.get_untracked() {
            dom::focus(&dialog);
        }
    } else if let Some(field) = field.get_untracked() {
        dom::focus(&field);
    }
}
