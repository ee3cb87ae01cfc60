//! What the page is doing, as far as it matters to a conversation.

use rejoin_thread::Page;
use wasm_bindgen::JsCast;
use web_sys::{Document, EventTarget, PageTransitionEvent, VisibilityState};

use crate::Listener;

/// Tells `on` of every change of the page for as long as the listeners live.
pub fn watch(on: impl Fn(Page) + Clone + 'static) -> Vec<Listener> {
    let Some((window, document)) = targets() else { return Vec::new() };
    let always = |target: &EventTarget, name, page| {
        let on = on.clone();
        Listener::new(target, name, move |_| on(page))
    };
    let visibility = {
        let on = on.clone();
        Listener::new(&document, "visibilitychange", move |_| {
            on(if is_visible() { Page::Visible } else { Page::Hidden })
        })
    };
    let shown = {
        let on = on.clone();
        Listener::new(&window, "pageshow", move |event| {
            // The first `pageshow` of a page is no return.
            if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
                on(Page::Back);
            }
        })
    };
    vec![
        visibility,
        shown,
        always(&window, "pagehide", Page::Leaving),
        always(&window, "online", Page::Online),
        always(&window, "offline", Page::Offline),
        always(&document, "freeze", Page::Leaving),
        always(&document, "resume", Page::Back),
    ]
}

/// Calls `on` whenever [`has_attention`] may have changed.
pub fn watch_attention(on: impl Fn(bool) + Clone + 'static) -> Vec<Listener> {
    let Some((window, document)) = targets() else { return Vec::new() };
    let listen = |target: &EventTarget, name| {
        let on = on.clone();
        Listener::new(target, name, move |_| on(has_attention()))
    };
    vec![listen(&window, "focus"), listen(&window, "blur"), listen(&document, "visibilitychange")]
}

/// Whether a person can be taken to be looking: the page is visible and has the focus. Only then is anything seen.
pub fn has_attention() -> bool {
    is_visible() && document().is_some_and(|document| document.has_focus().unwrap_or(false))
}

fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}

fn targets() -> Option<(EventTarget, EventTarget)> {
    Some((web_sys::window()?.into(), document()?.into()))
}
