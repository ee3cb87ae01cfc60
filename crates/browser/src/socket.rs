//! A WebSocket that speaks frames.

use rejoin_protocol::{ClientFrame, Envelope, ServerFrame};
use wasm_bindgen::JsCast;
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use crate::{Listener, json};

/// Every frame goes over this path of the server.
const PATH: &str = "/v1/ws";

/// What a socket says.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It is open.
    Opened,
    /// A frame came.
    Frame(Envelope<ServerFrame>),
    /// Something came that is no frame.
    Garbled,
    /// It is closed, with its code and the delay in ms that the server asked for.
    Closed(u16, Option<u64>),
}

/// An open or opening connection; closed, and silent, once dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    /// Connects to `server`, an origin such as `https://chat.example`. `None` where the browser refuses even to try
    /// (a page's policy, or an address that is none).
    pub(crate) fn open(server: &str, heard: impl Fn(Heard) + Clone + 'static) -> Option<Socket> {
        // "http…" becomes "ws…", with the s where there was one.
        let address = format!("ws{}{PATH}", server.strip_prefix("http")?);
        let socket = WebSocket::new(&address).ok()?;
        let listen = |name, of: fn(&Event) -> Heard| {
            let heard = heard.clone();
            Listener::new(&socket, name, move |event| heard(of(&event)))
        };
        let listeners =
            [listen("open", |_| Heard::Opened), listen("message", message), listen("close", closed)];
        Some(Socket { socket, _listeners: listeners })
    }

    /// Sends a frame. A socket that cannot send says so by closing.
    pub(crate) fn send(&self, frame: &Envelope<ClientFrame>) {
        if let Ok(text) = json::to_string(frame) {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

fn message(event: &Event) -> Heard {
    let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
    text.and_then(|text| json::from_str(&text).ok()).map_or(Heard::Garbled, Heard::Frame)
}

fn closed(event: &Event) -> Heard {
    let Some(event) = event.dyn_ref::<CloseEvent>() else { return Heard::Garbled };
    let retry_ms = event.reason().split_once("retry=").and_then(|(_, ms)| ms.trim().parse().ok());
    Heard::Closed(event.code(), retry_ms)
}
