//! What can be asked of a store, and what it answers. One closed pair of enums instead of a method per question, so
//! that the session can ask without I/O and every store runs the same rules ([`super::execute()`]).

use rejoin_protocol::{
    Ack, AgentId, Author, Body, ClientMessageId, DeviceId, Event, Fetch, Marks, MessageId, NackCode, Opened,
    Page, ReadState, Resume, Row, Side, SiteName, Snap, ThreadId,
};

/// A question. Reads see one consistent snapshot; writes are one transaction, durable when the reply is out.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Who is this device? → [`Reply::Device`] or [`Reply::NotFound`] (no such site).
    Device {
        /// The site it says hello to; a device of another site is unknown here.
        site: SiteName,
        /// The public half of its token.
        did: DeviceId,
        /// SHA-256 of the secret half.
        secret_hash: [u8; 32],
    },
    /// What does a subscriber at this position need? → [`Reply::Opening`] or [`Reply::NotFound`].
    Open {
        /// The site the asker belongs to: a thread of another site is not found.
        site: SiteName,
        /// Which thread.
        thread: ThreadId,
        /// Where the subscriber left off.
        pos: Option<Resume>,
    },
    /// Remove a device → [`Reply::Revoked`] or [`Reply::NotFound`]. Its row stays, so that it is never made again.
    Revoke {
        /// Its site.
        site: SiteName,
        /// The public half of its token.
        did: DeviceId,
        /// Now, ms since 1970.
        now: u64,
    },
    /// Append a message → [`Reply::Appended`], [`Reply::Refused`], or [`Reply::Device`] if the target is a device
    /// that is not admitted.
    Append(Append),
    /// The events `from..=to`, at most `limit` and one batch's bytes → [`Reply::Events`] or [`Reply::NotFound`].
    Events {
        /// Which thread.
        thread: ThreadId,
        /// First wanted.
        from: u64,
        /// Last wanted; capped at the head.
        to: u64,
        /// At most this many.
        limit: usize,
    },
    /// A stretch of history → [`Reply::Page`] or [`Reply::NotFound`].
    Page {
        /// Which thread.
        thread: ThreadId,
        /// As asked by the client.
        fetch: Fetch,
    },
    /// Move a side's cursors → [`Reply::Marked`] or [`Reply::NotFound`].
    Mark {
        /// Which thread.
        thread: ThreadId,
        /// Whose.
        side: Side,
        /// How far; beyond the head is capped to it.
        marks: Marks,
    },
    /// How far these threads are, unknown ones left out → [`Reply::Heads`].
    Heads(Vec<ThreadId>),
    /// Changed rows of a site's thread list → [`Reply::Rows`] or [`Reply::NotFound`]. A version newer than the site's own is
    /// of a replaced history and counts as 0.
    Rows {
        /// Which site.
        site: SiteName,
        /// Rows newer than this version.
        since: u64,
        /// At most this many, oldest version first.
        limit: usize,
    },
    /// All sites with their origins → [`Reply::Sites`].
    Sites,
    /// Add a site, or add origins to one that exists → [`Reply::Done`].
    AddSite {
        /// Its public name.
        name: SiteName,
        /// Exact origins, `scheme://host[:port]`.
        origins: Vec<String>,
        /// Now, ms since 1970.
        now: u64,
    },
    /// Add an agent with a first sign-in link → [`Reply::Done`], [`Reply::NotFound`] (site) or [`Reply::Exists`].
    AddAgent {
        /// Fresh.
        id: AgentId,
        /// Names the agent to the operator; unique in the whole installation, compared without case.
        email: String,
        /// The site it answers for.
        site: SiteName,
        /// The name customers see.
        name: String,
        /// SHA-256 of the link's secret.
        link_hash: [u8; 32],
        /// When the link stops working, ms since 1970.
        link_until: u64,
        /// Now, ms since 1970.
        now: u64,
    },
    /// A new sign-in link; older unspent ones die → [`Reply::Done`] or [`Reply::NotFound`].
    AddLink {
        /// Whose.
        email: String,
        /// SHA-256 of the link's secret.
        link_hash: [u8; 32],
        /// When it stops working, ms since 1970.
        link_until: u64,
    },
    /// Spend a sign-in link and begin an inbox session, in one transaction → [`Reply::Agent`] or [`Reply::NotFound`].
    SpendLink {
        /// SHA-256 of the link's secret.
        link_hash: [u8; 32],
        /// SHA-256 of the fresh session's secret.
        session_hash: [u8; 32],
        /// When the session ends, ms since 1970.
        session_until: u64,
        /// Now, ms since 1970.
        now: u64,
    },
    /// Whose inbox session is this? → [`Reply::Agent`] or [`Reply::NotFound`].
    Session {
        /// SHA-256 of the session's secret.
        session_hash: [u8; 32],
        /// Now, ms since 1970.
        now: u64,
    },
    /// End an inbox session → [`Reply::Done`], also when there is none.
    EndSession {
        /// SHA-256 of the session's secret.
        session_hash: [u8; 32],
    },
    /// Proves that the store can commit → [`Reply::Done`].
    Ready,
}

impl Request {
    /// Whether this must go through the one writer.
    pub const fn writes(&self) -> bool {
        match self {
            Request::Append(_)
            | Request::Revoke { .. }
            | Request::Mark { .. }
            | Request::AddSite { .. }
            | Request::AddAgent { .. }
            | Request::AddLink { .. }
            | Request::SpendLink { .. }
            | Request::EndSession { .. }
            | Request::Ready => true,
            Request::Device { .. }
            | Request::Open { .. }
            | Request::Events { .. }
            | Request::Page { .. }
            | Request::Heads(_)
            | Request::Rows { .. }
            | Request::Sites
            | Request::Session { .. } => false,
        }
    }
}

/// A message to append (protocol.md S1).
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The sender's site; a thread of another site is [`NackCode::Gone`].
    pub site: SiteName,
    /// Where to.
    pub target: Target,
    /// Who says it; an agent's name is ignored here and read from the agent's row.
    pub by: Author,
    /// The sender's id for it; unique per thread and side, for ever.
    pub cid: ClientMessageId,
    /// What it says, already checked.
    pub body: Body,
    /// Commit time, ms since 1970; never earlier than the thread's previous event (the store takes the later).
    pub now: u64,
    /// Fresh: the id of the message, if it is new.
    pub message: MessageId,
}

/// The thread an append goes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One that exists.
    Thread(ThreadId),
    /// The thread of this device, made with the device if the device is unknown.
    Device {
        /// The public half of the device's token.
        did: DeviceId,
        /// SHA-256 of the secret half.
        secret_hash: [u8; 32],
        /// Fresh: the id of the thread, if it is new.
        thread: ThreadId,
        /// Fresh: the salt of the thread's epoch, if it is new.
        salt: [u8; 16],
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// See [`Request::Device`]; to an append, why the device may not.
    Device(DeviceAnswer),
    /// The device is removed; this is its thread, whose subscribers must hear of it ([`super::session::Note::Revoked`]).
    Revoked(ThreadId),
    /// See [`Request::Open`].
    Opening(Box<Opening>),
    /// See [`Request::Append`].
    Appended(Box<Appended>),
    /// The append is not in the log and why.
    Refused(NackCode),
    /// See [`Request::Events`]; contiguous from `from`.
    Events(Vec<Event>),
    /// See [`Request::Page`].
    Page(Page),
    /// See [`Request::Mark`].
    Marked {
        /// The side's cursors now.
        marks: Marks,
        /// Whether anything moved.
        moved: bool,
        /// The site's inbox version if the thread's row changed.
        inbox_ver: Option<u64>,
    },
    /// See [`Request::Heads`].
    Heads(Vec<Head>),
    /// See [`Request::Rows`].
    Rows {
        /// The rows, oldest version first.
        rows: Vec<Row>,
        /// Whether more follow.
        more: bool,
    },
    /// See [`Request::Sites`].
    Sites(Vec<Site>),
    /// Who the session belongs to.
    Agent(Agent),
    /// It is so now.
    Done,
    /// No such thing, or not yours.
    NotFound,
    /// There is one already.
    Exists,
}

/// What the store knows of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// Never seen: a visitor until its first message.
    Unknown,
    /// Admitted, and its thread.
    Known(ThreadId),
    /// The id is known, the secret is another.
    WrongSecret,
    /// Removed.
    Revoked,
}

/// A thread as a new subscriber needs it, read in one snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// What to say first.
    pub opened: Opened,
    /// What to send then.
    pub replay: Replay,
}

/// How a subscriber catches up.
#[derive(Clone, Debug, PartialEq)]
pub enum Replay {
    /// Event by event, all of them up to the head.
    Events(Vec<Event>),
    /// In one piece.
    Snap(Snap),
}

/// A committed message.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// For the sender.
    pub ack: Ack,
    /// For everybody else; absent when this was a resend.
    pub new: Option<NewEvent>,
}

/// What an append changed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// The event.
    pub event: Event,
    /// The site's inbox version with it.
    pub inbox_ver: u64,
    /// The cursors with it: saying something means having read what came before.
    pub read: ReadState,
}

/// How far a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which thread.
    pub thread: ThreadId,
    /// Its last sequence number.
    pub head: u64,
    /// How far each side has got.
    pub read: ReadState,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its public name.
    pub name: SiteName,
    /// The origins it may be embedded on.
    pub origins: Vec<String>,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Which.
    pub id: AgentId,
    /// The site it answers for.
    pub site: SiteName,
    /// The name customers see.
    pub name: String,
    /// The address the operator knows it by.
    pub email: String,
}
