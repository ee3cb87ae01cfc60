//! What goes into a session, what comes out, and what sessions tell each other.

use std::sync::Arc;

use rejoin_protocol::{
    Author, ClientFrame, DeviceId, Envelope, Err, Event, Marks, ServerFrame, Side, SiteName, ThreadId,
};

use crate::domain::request::{Agent, Reply, Request};

/// What can happen to a connection.
#[derive(Debug)]
pub enum Input {
    /// A frame arrived.
    Frame(Envelope<ClientFrame>),
    /// Something arrived that is no frame; the answer names what is wrong with it.
    Malformed(Err),
    /// The answer to the one outstanding [`Output::Ask`].
    Reply(Reply),
    /// The store failed: the outstanding question has no answer and nothing was committed as far as is known.
    StoreFailed,
    /// The answer to the one outstanding [`Output::Redeem`].
    Redeemed(Option<Agent>),
    /// Something happened to a subscribed topic. Notes may be lost, doubled and reordered.
    Note(Note),
    /// The server goes away: tell the client to come back after this many milliseconds.
    Drain(u64),
    /// The time of [`super::Session::poll_timeout`] was reached.
    Tick,
}

/// What a connection wants done. Drained to the end before the next input.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Send a frame.
    Send(Envelope<ServerFrame>),
    /// Ask the store; the next input about it is [`Input::Reply`] or [`Input::StoreFailed`]. At most one is
    /// outstanding; frames that arrive meanwhile wait inside.
    Ask(Request),
    /// Exchange an agent's ticket, the SHA-256 of which this is; answered by [`Input::Redeemed`].
    Redeem([u8; 32]),
    /// Listen to a topic from now on; done before the next [`Output::Ask`] is carried out.
    Subscribe(Topic),
    /// Stop listening.
    Unsubscribe(Topic),
    /// Tell the other connections.
    Publish(Note),
    /// Close with this code and reason, after what was sent before.
    Close(u16, String),
}

/// What can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A thread's events, cursors and typing.
    Thread(ThreadId),
    /// A site's thread list.
    Inbox(SiteName),
}

/// A hint on the bus: never the truth, which is in the store.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The thread has a new event; it is at hand if the note carries it.
    Event(ThreadId, Arc<Event>),
    /// The thread is known to have reached this sequence number.
    Head(ThreadId, u64),
    /// A side's cursors moved.
    Marks(ThreadId, Side, Marks),
    /// Somebody types in the thread, for at most so many ms; 0 is stopped.
    Typing(ThreadId, Author, u64),
    /// The site's thread list has this version.
    Inbox(SiteName, u64),
    /// The device, whose thread this is, was removed: its connections end.
    Revoked(ThreadId, DeviceId),
}

impl Note {
    /// Where it is heard.
    pub fn topic(&self) -> Topic {
        match self {
            Note::Event(thread, _)
            | Note::Head(thread, _)
            | Note::Marks(thread, _, _)
            | Note::Typing(thread, _, _)
            | Note::Revoked(thread, _) => Topic::Thread(*thread),
            Note::Inbox(site, _) => Topic::Inbox(site.clone()),
        }
    }
}
