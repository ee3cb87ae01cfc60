//! How much of the window can be seen: less than all of it when an on-screen keyboard is up.

use web_sys::EventTarget;

use crate::Listener;

/// The part of the window that can be seen, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    /// How far it begins below the window's top.
    pub top: i32,
    /// How high it is.
    pub height: i32,
}

/// What can be seen now; `None` where browsers do not tell, and while the page is zoomed by two fingers, when it is
/// the magnifying glass that moves and not the page.
pub fn current() -> Option<Viewport> {
    let visual = web_sys::window()?.visual_viewport()?;
    let zoomed = (visual.scale() - 1.0).abs() > 0.01;
    (!zoomed).then(|| Viewport { top: visual.offset_top() as i32, height: visual.height() as i32 })
}

/// Calls `on` with every change.
pub fn watch(on: impl Fn(Viewport) + Clone + 'static) -> Vec<Listener> {
    let Some(visual) = web_sys::window().and_then(|window| window.visual_viewport()) else {
        return Vec::new();
    };
    let target: EventTarget = visual.into();
    let listen = |name| {
        let on = on.clone();
        Listener::new(&target, name, move |_| {
            if let Some(viewport) = current() {
                on(viewport);
            }
        })
    };
    vec![listen("resize"), listen("scroll")]
}

/// Whether a media query holds.
pub fn matches(query: &str) -> bool {
    media(query).is_some_and(|media| media.matches())
}

/// Calls `on` whenever a media query begins or ceases to hold.
pub fn watch_media(query: &'static str, on: impl Fn(bool) + 'static) -> Option<Listener> {
    let media: EventTarget = media(query)?.into();
    Some(Listener::new(&media, "change", move |_| on(matches(query))))
}

fn media(query: &str) -> Option<web_sys::MediaQueryList> {
    web_sys::window()?.match_media(query).ok()?
}
