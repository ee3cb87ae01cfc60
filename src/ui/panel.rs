//! The panel: header, state line, timeline, composer.

use leptos::prelude::*;
use rejoin_browser::{Slot, Tag, dom, tag, viewport};

use super::{announcer, composer, header, state_line, timeline};
use crate::chat::{Chat, react};
use crate::config::Position;

/// Where the panel fills the screen. The same condition stands in `style/media.css`.
const FILLS_SCREEN: &str = "(max-width: 480px), (max-height: 480px) and (pointer: coarse)";

/// Where the focus in a text field raises a keyboard that covers half of what one came to read.
const TOUCH: &str = "(pointer: coarse)";

/// Everything the app shows.
pub(crate) fn app(chat: Chat) -> Tag {
    chat.watch_what_is_seen();
    let fills_screen = RwSignal::new(viewport::matches(FILLS_SCREEN));
    let media = viewport::watch_media(FILLS_SCREEN, move |fills| fills_screen.set(fills));
    // Kept by the reactive owner, and gone with it.
    StoredValue::new_local(media);
    tag("div").when(move || [panel(chat, fills_screen), announcer::announcer(chat)])
}

fn panel(chat: Chat, fills_screen: RwSignal<bool>) -> Tag {
    let settings = chat.settings.get();
    let words = chat.words();
    let is_full_page = chat.is_full_page();
    let (dialog, field) = (Slot::default(), Slot::default());
    react(move || {
        if chat.is_open.get() && chat.focuses.get_untracked() {
            chat.focuses.set(false);
            // In the next frame, because what is not visible yet takes no focus.
            dom::next_frame(move || focus_on_opening(dialog, field));
        }
    });
    let section = tag("section")
        .into_slot(dialog)
        .attr("id", "rj-panel")
        .class("panel")
        .attr("role", "dialog")
        .attr("tabindex", "-1")
        .attr("aria-label", header::name(&settings, words))
        .flag("aria-modal", move || fills_screen.get() && !is_full_page)
        .child(header::header(chat, &settings, words))
        .child(state_line::state_line(chat, words))
        .child(timeline::timeline(chat, &settings, words))
        .child(composer::composer(chat, words, field));
    tag("div")
        .class("rj-app")
        .attr("lang", words.lang)
        .attr("dir", if words.rtl { "rtl" } else { "ltr" })
        .attr("data-corner", if settings.position == Position::BottomLeft { "left" } else { "right" })
        .attr("data-mode", if is_full_page { "fullpage" } else { "floating" })
        .flag("data-open", move || chat.is_open.get())
        .on("keydown", move |event| {
            // Shortcuts of the page are not meant by somebody who writes in here.
            event.stop_propagation();
            let Some(key) = dom::Key::of(event).filter(|key| !key.is_composing && !is_full_page) else {
                return;
            };
            let wraps = || fills_screen.get_untracked().then(|| dialog.get()).flatten();
            match key.name.as_str() {
                "Escape" => chat.close(),
                "Tab" if wraps().is_some_and(|dialog| dom::wrap_focus(&dialog, key.has_shift)) => {
                    event.prevent_default();
                }
                _ => {}
            }
        })
        .on("keyup", |event| event.stop_propagation())
        .on("keypress", |event| event.stop_propagation())
        .child(section)
}

/// Into the composer, or, where that would raise a keyboard, only onto the panel.
fn focus_on_opening(dialog: Slot, field: Slot) {
    let target = if viewport::matches(TOUCH) { dialog } else { field };
    if let Some(target) = target.get() {
        dom::focus(&target);
    }
}
