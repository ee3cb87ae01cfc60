//! A WebSocket client that speaks JSON and waits for what it is told to expect.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than anything here takes, except when it fails.
const WAIT: Duration = Duration::from_secs(10);

/// A client.
pub(crate) struct Ws(WebSocketStream<TcpStream>);

impl Ws {
    /// Upgraded, with this `Origin`.
    pub(crate) async fn connect(address: SocketAddr, origin: &str) -> Ws {
        Ws::try_connect(address, Some(origin)).await.unwrap()
    }

    /// Upgraded from the shop, through a proxy that names this client.
    pub(crate) async fn connect_for(address: SocketAddr, client: &str) -> Result<Ws, u16> {
        Ws::with(address, &[("origin", crate::common::SHOP), ("x-forwarded-for", client)]).await
    }

    /// The HTTP status instead, if the server refuses the upgrade.
    pub(crate) async fn try_connect(address: SocketAddr, origin: Option<&str>) -> Result<Ws, u16> {
        match origin {
            Some(origin) => Ws::with(address, &[("origin", origin)]).await,
            None => Ws::with(address, &[]).await,
        }
    }

    async fn with(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Ws, u16> {
        let mut request = format!("ws://{address}/v1/ws").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that a client that stops reading is felt by the server at once.
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        let stream = socket.connect(address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Ws(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_message(Message::text(frame.to_string())).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// A text frame with these bytes, whatever they are. A server that hangs up meanwhile is fine.
    pub(crate) async fn send_raw_text(&mut self, bytes: Vec<u8>) {
        let _ = self.0.send(Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true))).await;
    }

    /// A customer's hello to the site `demo`.
    pub(crate) async fn hello(&mut self, token: &str, pos: Option<Value>) {
        let mut hello = json!({ "v": 1, "site": "demo", "tok": token });
        if let Some(pos) = pos {
            hello["pos"] = pos;
        }
        self.send(json!({ "hello": hello })).await;
    }

    /// Sends a text message of the connection's only thread.
    pub(crate) async fn say(&mut self, cid: &str, text: &str) {
        self.send(json!({ "send": { "cid": cid, "cts": 1, "body": { "text": text } } })).await;
    }

    /// The next frame.
    pub(crate) async fn recv(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("want a frame, got {other:?}"),
        }
    }

    /// The next frame, which must have this name; its content. Heartbeats are passed over.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        loop {
            let mut frame = self.recv().await;
            if let Some(content) = frame.get_mut(name) {
                return content.take();
            }
            assert!(frame.get("hb").is_some(), "want {name}, got {frame}");
        }
    }

    /// The content of the next frame of this name, whatever comes before it.
    pub(crate) async fn skip_to(&mut self, name: &str) -> Value {
        self.skip_to_any(&[name]).await[name].take()
    }

    /// The next frame of one of these names.
    pub(crate) async fn skip_to_any(&mut self, names: &[&str]) -> Value {
        loop {
            let frame = self.recv().await;
            if names.iter().any(|name| frame.get(name).is_some()) {
                return frame;
            }
        }
    }

    /// Waits until everything that is on its way has come.
    pub(crate) async fn expect_and_settle(&mut self) {
        self.send(json!({ "ping": { "n": 8 } })).await;
        while self.skip_to("pong").await["n"] != 8 {}
    }

    /// All frames up to and with the first of this name.
    pub(crate) async fn until(&mut self, name: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame = self.recv().await;
            let last = frame.get(name).is_some();
            frames.push(frame);
            if last {
                return frames;
            }
        }
    }

    /// Proves that nothing was on its way: a ping is answered after whatever was sent before.
    pub(crate) async fn expect_silence(&mut self) {
        self.send(json!({ "ping": { "n": 7 } })).await;
        let pong = self.expect("pong").await;
        assert_eq!(pong["n"], 7);
    }

    /// The server's close code and reason, and the frames before it.
    pub(crate) async fn closed(&mut self) -> (u16, String, Vec<Value>) {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Some(Message::Text(text)) => frames.push(serde_json::from_str(&text).unwrap()),
                Some(Message::Close(Some(close))) => {
                    return (close.code.into(), close.reason.to_string(), frames);
                }
                other => panic!("want a close, got {other:?} after {frames:?}"),
            }
        }
    }

    async fn next(&mut self) -> Option<Message> {
        loop {
            let message = timeout(WAIT, self.0.next()).await.expect("nothing came in 10 s");
            match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(error)) => panic!("{error}"),
                None => return None,
            }
        }
    }
}
