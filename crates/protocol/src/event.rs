//! Entries of a thread's log.

use serde::{Deserialize, Serialize};

use crate::frame::named;
use crate::{Author, Body, ClientMessageId, Message, MessageId};

/// One entry. `(epoch, seq)` names it for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place: 1, 2, 3, … without holes.
    pub seq: u64,
    /// Its identity, named by a client that resumes.
    pub id: MessageId,
    /// When the server committed it, in milliseconds since 1970.
    pub ts: u64,
    /// What happened.
    pub kind: EventKind,
}

named! {
    /// What an entry of the log records. Kinds that a newer server adds occupy their place and show nothing.
    pub value enum EventKind {
        /// Somebody said something.
        Msg(Posted) = "msg",
    }
}

/// The particulars of a message event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Who said it.
    pub by: Author,
    /// The id its sender made.
    pub cid: ClientMessageId,
    /// What it says.
    pub body: Body,
}

impl Event {
    /// The message this event brings, if it brings one.
    pub fn into_message(self) -> Option<Message> {
        match self.kind {
            EventKind::Msg(Posted { by, cid, body }) => {
                Some(Message { seq: self.seq, id: self.id, ts: self.ts, by, cid, body })
            }
            EventKind::Unknown { .. } => None,
        }
    }
}

impl From<Message> for Event {
    fn from(m: Message) -> Event {
        let kind = EventKind::Msg(Posted { by: m.by, cid: m.cid, body: m.body });
        Event { seq: m.seq, id: m.id, ts: m.ts, kind }
    }
}
