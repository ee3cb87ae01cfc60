//! What the page that embeds us is told.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsValue;

/// Something the page may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// What this browser holds has been read: the conversation is there.
    Ready,
    /// The panel is open.
    Open,
    /// It is closed.
    Close,
    /// So many messages have not been seen.
    Unread(usize),
    /// A message came, or went out.
    Message {
        /// From the other side.
        incoming: bool,
    },
}

/// The way to the page: the function that the loader handed in.
#[derive(Clone, Debug)]
pub(crate) struct Host(Function);

impl Host {
    pub(crate) fn new(emit: Function) -> Host {
        Host(emit)
    }

    /// Calls `emit(name, detail)`. What the page's listeners throw is theirs and stops nothing here.
    pub(crate) fn tell(&self, told: Told) {
        let detail = Object::new();
        let put = |name: &str, value: JsValue| {
            let _ = Reflect::set(&detail, &name.into(), &value);
        };
        let name = match told {
            Told::Ready => "ready",
            Told::Open => "open",
            Told::Close => "close",
            Told::Unread(count) => {
                put("count", (count as u32).into());
                "unread"
            }
            Told::Message { incoming } => {
                put("direction", if incoming { "in" } else { "out" }.into());
                "message"
            }
        };
        let _ = self.0.call2(&JsValue::NULL, &name.into(), &detail);
    }
}
