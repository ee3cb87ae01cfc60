//! An event listener that ends when it is dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// Listens for as long as it lives.
#[derive(Debug)]
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    act: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `act` with every `name` event of `target`.
    pub fn new(target: &EventTarget, name: &'static str, act: impl FnMut(Event) + 'static) -> Listener {
        let act = Closure::new(act);
        let options = AddEventListenerOptions::new();
        // The browser need not wait for us before it scrolls.
        options.set_passive(matches!(name, "wheel" | "touchstart" | "scroll"));
        let function = act.as_ref().unchecked_ref();
        // Adding a listener fails for no target and no name.
        let _ =
            target.add_event_listener_with_callback_and_add_event_listener_options(name, function, &options);
        Listener { target: target.clone(), name, act }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let act = self.act.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.name, act);
    }
}
