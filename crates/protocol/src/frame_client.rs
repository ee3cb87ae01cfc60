//! Frames from a client to the server.

use serde::{Deserialize, Serialize};

use crate::frame::named;
use crate::{Body, ClientMessageId, DeviceToken, Epoch, MessageId, SiteName, ThreadId, Ticket};

/// The version named in `hello`; another one is answered by close code 4013.
pub const PROTOCOL_VERSION: u32 = 1;

named! {
    /// What a client may say.
    pub enum ClientFrame {
        /// First on every connection, and again in place when the token changes.
        Hello(Hello) = "hello",
        /// Agent only: subscribe to the envelope's thread.
        Open(Open) = "open",
        /// Agent only: unsubscribe from the envelope's thread.
        Close(Empty) = "close",
        /// Append a message.
        Send(Send) = "send",
        /// Move this side's cursors forward.
        Read(Read) = "read",
        /// The person is typing, or stopped.
        Typing(TypingOn) = "typing",
        /// Ask for a stretch of history.
        Fetch(Fetch) = "fetch",
        /// Agent only: ask for the thread list's changes, now and from now on.
        Inbox(InboxSince) = "inbox",
        /// Answered at once by `pong`.
        Ping(Ping) = "ping",
        /// A clean goodbye.
        Bye(Empty) = "bye",
    }
}

/// A frame without fields; written `{}` so that fields can be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// Who is there and where they left off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`].
    pub v: u32,
    /// The site in the embed tag; absent on an agent's connection, whose ticket decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteName>,
    /// The device's token. None, or one the server does not know, means a visitor: nothing is created until the
    /// first accepted `send`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tok: Option<DeviceToken>,
    /// An agent's pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// How far this client has got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Resume>,
}

/// A position with enough said for the server to tell whether it is still on the same log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Which thread.
    pub thread: ThreadId,
    /// Which numbering of it.
    pub epoch: Epoch,
    /// Highest contiguously applied event.
    pub seq: u64,
    /// The id of the event at `seq`: catches a data directory that was copied back whole. None at 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
}

/// Subscribe to a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// How far this client has got in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Resume>,
}

/// Append a message. Idempotent by `cid` for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// Made once when composed; the same across every retry.
    pub cid: ClientMessageId,
    /// When it was composed, by the sender's clock, in milliseconds since 1970. Shown to nobody; for support.
    pub cts: u64,
    /// What it says.
    pub body: Body,
}

/// Cursors of this side; the server keeps the further of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Seen up to here.
    pub upto: u64,
    /// Received up to here.
    pub deliv: u64,
}

/// Typing state; `on` is repeated while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingOn {
    /// Typing now.
    pub on: bool,
}

/// A stretch of history: `from..=to`, or the newest ones below `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Echoed in the `page`.
    pub q: u32,
    /// Exclusive upper end of a page of older history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// First wanted event of a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Last wanted event of a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// At most this many; the server caps it at [`crate::limits::PAGE_EVENTS_MAX`].
    pub limit: u32,
}

/// The thread list since a version; 0 asks for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxSince {
    /// The newest version this client holds.
    pub ver: u64,
}

/// A question that proves the connection alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Echoed in the `pong`.
    pub n: u32,
}
