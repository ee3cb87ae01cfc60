//! Frames from the server to a client.

use serde::{Deserialize, Serialize};

use crate::frame::named;
use crate::{
    AgentId, Author, ClientMessageId, Epoch, ErrorCode, Event, Marks, Message, MessageId, NackCode, Side,
    ThreadId,
};

named! {
    /// What the server may say.
    pub enum ServerFrame {
        /// First answer on every connection: who you are and how we keep time.
        Welcome(Welcome) = "welcome",
        /// First answer for a thread: what follows, said explicitly.
        Opened(Opened) = "opened",
        /// The newest messages, in one piece.
        Snap(Snap) = "snap",
        /// A contiguous run of events.
        Ev(Evs) = "ev",
        /// The replay is done; every later `ev` is new.
        Synced(Synced) = "synced",
        /// Committed and durable.
        Ack(Ack) = "ack",
        /// Not accepted.
        Nack(Nack) = "nack",
        /// The answer to a `fetch`.
        Page(Page) = "page",
        /// A side's cursors moved.
        Cur(Cursor) = "cur",
        /// Somebody is typing.
        Typing(TypingBy) = "typing",
        /// Still here, and this is how far the logs are.
        Hb(Hb) = "hb",
        /// The answer to a `ping`.
        Pong(Pong) = "pong",
        /// Agent only: the thread list's changes.
        Rows(Rows) = "rows",
        /// The server is going away for a moment.
        Drain(Drain) = "drain",
        /// Something is wrong with what was said.
        Err(Err) = "err",
    }
}

/// Who the server takes this client for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Me {
    /// A customer's device, known or not.
    Customer,
    /// An agent.
    Agent {
        /// Which.
        id: AgentId,
        /// The name customers see.
        name: String,
    },
}

/// The connection's parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Who you are.
    pub me: Me,
    /// The server's clock, in milliseconds since 1970.
    pub now: u64,
    /// A heartbeat comes at least this often, in milliseconds.
    pub hb_ms: u64,
}

/// How the server answers a position. Never implied, always said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Your position is good: the events after it follow.
    Resume,
    /// You are too far behind, or brought no position: the newest messages follow.
    Snapshot,
    /// Your position is of another log: drop what you hold (never the outbox); the newest messages follow.
    Reset,
    /// There is no thread yet; the first accepted `send` makes it.
    New,
}

/// The cursors of both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadState {
    /// The customer's devices.
    pub customer: Marks,
    /// The agents.
    pub agent: Marks,
}

/// The state of a thread at the moment of subscribing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What follows.
    pub mode: Mode,
    /// Which thread; absent with [`Mode::New`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// Which numbering; absent with [`Mode::New`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// The last sequence number committed.
    pub head: u64,
    /// How far each side has got.
    pub read: ReadState,
}

/// The newest messages: everything that `lo..=as_of` brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snap {
    /// The log's head when this was read.
    pub as_of: u64,
    /// The id of the event at `as_of`; absent when the log is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<MessageId>,
    /// The first sequence number covered; above 1 there is older history.
    pub lo: u64,
    /// The messages, in order. Fewer than `as_of - lo + 1` where other kinds of events lie between.
    pub msgs: Vec<Message>,
}

/// A contiguous run: `evs[i].seq == from + i`, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evs {
    /// The first event's sequence number.
    pub from: u64,
    /// At most [`crate::limits::EV_EVENTS_MAX`] events.
    pub evs: Vec<Event>,
}

/// End of the replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// The head that was reached.
    pub head: u64,
}

/// A message is in the log. A resend gets the same values as the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The sender's id for it.
    pub cid: ClientMessageId,
    /// Its place.
    pub seq: u64,
    /// When it was committed.
    pub ts: u64,
    /// Its identity.
    pub id: MessageId,
    /// The thread, made by this message if it was the first.
    pub thread: ThreadId,
    /// The thread's numbering.
    pub epoch: Epoch,
}

/// A message is not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    /// The sender's id for it.
    pub cid: ClientMessageId,
    /// Why.
    pub code: NackCode,
    /// Present exactly when trying again later, unchanged, can succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

/// A stretch of history: everything that `lo..=hi` brought; empty when `lo > hi`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The question it answers.
    pub q: u32,
    /// The numbering it was read under.
    pub epoch: Epoch,
    /// First sequence number covered.
    pub lo: u64,
    /// Last sequence number covered.
    pub hi: u64,
    /// The messages, in order.
    pub msgs: Vec<Message>,
}

/// One side's cursors, after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Whose.
    pub side: Side,
    /// How far.
    pub marks: Marks,
}

/// Somebody is typing, for at most `ttl_ms`; 0 means stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingBy {
    /// Who.
    pub by: Author,
    /// How long to believe it, in milliseconds.
    pub ttl_ms: u64,
}

/// The heartbeat carries the heads, so that a client notices a push that never came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hb {
    /// The head of every thread this connection subscribes to.
    pub heads: Vec<(ThreadId, u64)>,
    /// The server's clock, in milliseconds since 1970.
    pub now: u64,
}

/// The answer to a [`crate::Ping`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The question's number.
    pub n: u32,
}

/// Changed rows of the thread list. A row replaces the one of the same thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The newest version contained.
    pub ver: u64,
    /// More rows follow at once in another frame.
    #[serde(default)]
    pub more: bool,
    /// The rows, in order of their version.
    pub rows: Vec<Row>,
}

/// One thread in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which thread.
    pub thread: ThreadId,
    /// Its number within the site, 1, 2, 3, …: what people call it ("Visitor 12").
    pub number: u64,
    /// The version of this row.
    pub ver: u64,
    /// The thread's last sequence number.
    pub head: u64,
    /// Messages of the customer that no agent has seen; counted to [`crate::limits::UNREAD_SHOWN_MAX`].
    pub unread: u32,
    /// When the last message was committed, in milliseconds since 1970.
    pub ts: u64,
    /// Who said the last message.
    pub by: Author,
    /// Its beginning, at most [`crate::limits::PREVIEW_CHARS_MAX`] characters, on one line.
    pub preview: String,
}

/// The server closes soon; come back after exactly this delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// In milliseconds.
    pub in_ms: u64,
}

/// A typed refusal of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Err {
    /// What is wrong.
    pub code: ErrorCode,
    /// The connection closes after this.
    pub fatal: bool,
    /// For a developer: which field, and what was expected. Never repeats what was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
