//! Tells the other tabs of this browser that storage has changed. A hint: nothing depends on it arriving.

use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

use crate::Listener;

/// The one thing said; what changed is read from storage, which is the truth.
const CHANGED: &str = "changed";

/// A channel to the tabs that hold the same conversation.
#[derive(Debug)]
pub(crate) struct Tabs {
    channel: BroadcastChannel,
    _listener: Listener,
}

impl Tabs {
    /// Joins the channel of this name; `None` where browsers have none.
    pub(crate) fn join(name: &str, on_change: impl Fn() + 'static) -> Option<Tabs> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = Listener::new(&channel, "message", move |_| on_change());
        Some(Tabs { channel, _listener: listener })
    }

    /// Says that storage has changed.
    pub(crate) fn changed(&self) {
        let _ = self.channel.post_message(&JsValue::from_str(CHANGED));
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.channel.close();
    }
}
