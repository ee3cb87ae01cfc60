//! A WebSocket that reads and writes frames of the protocol, and knows how to say goodbye.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rejoin_protocol::limits::{CLIENT_FRAME_BYTES_MAX, SERVER_BATCH_BYTES_MAX};
use rejoin_protocol::{ClientFrame, Envelope, Err, ErrorCode, ServerFrame};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A frame rarely has more; the default of 128 KiB for every idle connection would be most of a server's memory.
const BUFFER_BYTES: usize = 4 * 1024;

/// A client that takes nothing for this long is cut off; coming back is its cure.
const WRITE_WAIT: Duration = Duration::from_secs(10);

/// After a goodbye the client gets this long to read it and to close.
const GOODBYE_WAIT: Duration = Duration::from_secs(2);

/// And this much of what it still sends is read: closing with data unread would reset the connection and take the
/// goodbye with it.
const GOODBYE_BYTES_MAX: usize = 1024 * 1024;

/// RFC 6455: a close frame's reason has at most this.
const REASON_BYTES_MAX: usize = 123;

/// One client's connection.
pub struct Socket {
    inner: WebSocketStream<TokioIo<Upgraded>>,
    /// After an oversized frame the reader stands in the middle of it and must not be asked again.
    broken: bool,
}

/// What can arrive.
#[derive(Debug)]
pub enum Arrived {
    /// A frame.
    Frame(Envelope<ClientFrame>),
    /// No frame; what is wrong with it.
    Malformed(Err),
    /// Something that concerns the transport only.
    Nothing,
    /// The client is gone.
    Gone,
}

/// Why nothing could be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// The client does not read.
    Slow,
    /// The client is gone.
    Gone,
}

impl Socket {
    /// Over an upgraded connection.
    pub async fn new(stream: TokioIo<Upgraded>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_write_buffer_size(SERVER_BATCH_BYTES_MAX * 2)
            .max_message_size(Some(CLIENT_FRAME_BYTES_MAX))
            .max_frame_size(Some(CLIENT_FRAME_BYTES_MAX));
        Socket {
            inner: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await,
            broken: false,
        }
    }

    /// The next thing from the client. May be dropped while waiting.
    pub async fn recv(&mut self) -> Arrived {
        match self.inner.next().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                Ok(frame) => Arrived::Frame(frame),
                Err(error) => malformed(ErrorCode::BadFrame, &describe(&error)),
            },
            Some(Ok(Message::Binary(_))) => malformed(ErrorCode::BadFrame, "want text, got a binary frame"),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Arrived::Nothing,
            Some(Ok(Message::Close(_))) | None => Arrived::Gone,
            Some(Err(Error::Capacity(_))) => {
                self.broken = true;
                malformed(ErrorCode::TooLarge, &format!("want at most {CLIENT_FRAME_BYTES_MAX} bytes"))
            }
            Some(Err(Error::Utf8(_))) => malformed(ErrorCode::BadFrame, "want UTF-8"),
            Some(Err(Error::Protocol(error))) if is_gone(&error) => Arrived::Gone,
            Some(Err(Error::Protocol(error))) => malformed(ErrorCode::BadFrame, &error.to_string()),
            Some(Err(_)) => Arrived::Gone,
        }
    }

    /// Puts a frame into the buffer, which goes out when it is full or by [`Socket::flush`].
    pub async fn send(&mut self, frame: &Envelope<ServerFrame>) -> Result<(), Unwritten> {
        // The frames are maps of plain values, which serde_json writes without fail.
        let text = serde_json::to_string(frame).map_err(|_| Unwritten::Gone)?;
        written(timeout(WRITE_WAIT, self.inner.feed(Message::text(text))).await)
    }

    /// Asks the other end for a sign of life, which browsers give by themselves.
    pub async fn ping(&mut self) -> Result<(), Unwritten> {
        written(timeout(WRITE_WAIT, self.inner.send(Message::Ping(Default::default()))).await)
    }

    /// Writes out what is buffered.
    pub async fn flush(&mut self) -> Result<(), Unwritten> {
        written(timeout(WRITE_WAIT, self.inner.flush()).await)
    }

    /// Says why the connection ends and ends it.
    pub async fn close(mut self, code: u16, reason: &str) {
        let mut end = reason.len().min(REASON_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let frame = CloseFrame { code: code.into(), reason: reason[..end].into() };
        let goodbye = async {
            if self.inner.send(Message::Close(Some(frame))).await.is_ok() {
                self.wait_for_end().await;
            }
        };
        // Whether the client took it in time or not: the connection is over.
        let _ = timeout(GOODBYE_WAIT, goodbye).await;
    }

    /// Reads and drops what comes until the client has answered the goodbye, below the WebSocket if that must be.
    async fn wait_for_end(&mut self) {
        while !self.broken {
            match self.inner.next().await {
                Some(Ok(Message::Close(_))) | None => return,
                Some(Ok(_)) => {}
                Some(Err(_)) => self.broken = true,
            }
        }
        let stream = self.inner.get_mut();
        let mut bytes = [0; 2048];
        let mut total = 0;
        while total < GOODBYE_BYTES_MAX {
            match stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(count) => total += count,
            }
        }
    }
}

fn written(outcome: Result<Result<(), Error>, tokio::time::error::Elapsed>) -> Result<(), Unwritten> {
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Error::WriteBufferFull(_))) | Err(_) => Err(Unwritten::Slow),
        Ok(Err(_)) => Err(Unwritten::Gone),
    }
}

/// A connection that broke instead of being closed is nobody's mistake.
fn is_gone(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    *error == tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
}

/// What is wrong and where, without repeating what was sent: serde quotes unknown values, so only the place is given
/// for those.
fn describe(error: &serde_json::Error) -> String {
    let kind = if error.is_data() { "a field is missing or of the wrong kind" } else { "not JSON" };
    format!("{kind}, at character {}", error.column())
}

fn malformed(code: ErrorCode, detail: &str) -> Arrived {
    Arrived::Malformed(Err { code, fatal: true, detail: Some(detail.to_owned()) })
}
