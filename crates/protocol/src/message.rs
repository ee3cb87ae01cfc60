//! What is said, by whom, and how far each side has read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::frame::named;
use crate::limits::BODY_CHARS_MAX;
use crate::{AgentId, ClientMessageId, MessageId};

/// The two sides of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The person on the site.
    Customer,
    /// The people who answer.
    Agent,
}

impl Side {
    /// The other one.
    pub const fn peer(self) -> Side {
        match self {
            Side::Customer => Side::Agent,
            Side::Agent => Side::Customer,
        }
    }
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The thread's customer; a thread has exactly one.
    Customer,
    /// One of the site's agents, by the name shown to the customer.
    Agent {
        /// Which agent.
        id: AgentId,
        /// The name at the time of reading.
        name: String,
    },
}

impl Author {
    /// The side this author speaks for.
    pub const fn side(&self) -> Side {
        match self {
            Author::Customer => Side::Customer,
            Author::Agent { .. } => Side::Agent,
        }
    }
}

named! {
    /// What a message contains.
    pub value enum Body {
        /// Plain text, never markup; at most [`BODY_CHARS_MAX`] Unicode scalar values.
        Text(String) = "text",
    }
}

/// Why a body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Nothing but white space.
    Empty,
    /// More than [`BODY_CHARS_MAX`] Unicode scalar values.
    TooLong,
    /// A kind of content this version does not know.
    UnknownKind,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Empty => f.write_str("body: nothing but white space"),
            BodyError::TooLong => write!(f, "body: more than {BODY_CHARS_MAX} characters"),
            BodyError::UnknownKind => f.write_str("body: unknown kind of content"),
        }
    }
}

impl std::error::Error for BodyError {}

impl Body {
    /// Whether this body may be sent; both sides ask before it enters an outbox or a log.
    pub fn check(&self) -> Result<(), BodyError> {
        match self {
            Body::Text(text) if text.trim().is_empty() => Err(BodyError::Empty),
            Body::Text(text) if text.chars().count() > BODY_CHARS_MAX => Err(BodyError::TooLong),
            Body::Text(_) => Ok(()),
            Body::Unknown { .. } => Err(BodyError::UnknownKind),
        }
    }
}

/// A message as history pages and snapshots carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its place in the log.
    pub seq: u64,
    /// Its identity, for ever.
    pub id: MessageId,
    /// When the server committed it, in milliseconds since 1970.
    pub ts: u64,
    /// Who said it.
    pub by: Author,
    /// The id its sender made.
    pub cid: ClientMessageId,
    /// What it says.
    pub body: Body,
}

/// How far one side has got: two cursors that only move forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Seen by a person.
    pub read: u64,
    /// Received by a device.
    pub deliv: u64,
}

impl Marks {
    /// Takes the further of each; a late or repeated report changes nothing.
    pub fn merge(&mut self, other: Marks) {
        self.read = self.read.max(other.read);
        self.deliv = self.deliv.max(other.deliv).max(self.read);
    }
}
