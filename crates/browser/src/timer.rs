//! One pending timeout.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// What `setTimeout` can hold; a longer delay would fire at once.
const DELAY_MAX_MS: u64 = i32::MAX as u64;

/// The browser's number for it, and what it calls.
type Pending = (i32, Closure<dyn FnMut()>);

/// At most one timeout at a time; gone when dropped.
#[derive(Debug, Default)]
pub struct Timer(RefCell<Option<Pending>>);

impl Timer {
    /// Calls `act` once after `delay_ms`, instead of whatever was set before. A delay beyond what the browser can hold
    /// ends early; a caller that waits so long has to look at the time again.
    pub fn set(&self, delay_ms: u64, act: impl FnOnce() + 'static) {
        self.clear();
        let act = Closure::once(act);
        let delay = delay_ms.min(DELAY_MAX_MS) as i32;
        let id = web_sys::window().and_then(|window| {
            let function = act.as_ref().unchecked_ref();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(function, delay).ok()
        });
        *self.0.borrow_mut() = id.map(|id| (id, act));
    }

    /// Forgets what was set.
    pub fn clear(&self) {
        let pending = self.0.borrow_mut().take();
        if let (Some((id, _)), Some(window)) = (pending, web_sys::window()) {
            window.clear_timeout_with_handle(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}
