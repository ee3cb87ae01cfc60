//! Everything a conversation wants done.

use rejoin_protocol::{Author, ClientFrame, ClientMessageId, Envelope, ThreadId};

use crate::Write;

/// Do this.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket; tag what it brings with this number.
    Connect(u32),
    /// Close the socket of this number; nothing more is heard of it.
    Disconnect(u32),
    /// Send a frame on the socket of this number.
    Transmit(u32, Envelope<ClientFrame>),
    /// Write all of this in one transaction. With an id: say how it went with [`crate::Input::Stored`].
    Persist(Option<ClientMessageId>, Vec<Write>),
    /// Read storage again and hand it in as [`crate::Input::Restored`].
    Reload,
    /// Put this text into the composer (it was taken back to be edited).
    Compose(String),
    /// A message came that the person has not seen: for the announcer, the title and the sound.
    Announce(Arrival),
}

/// A message of the other side, new to this person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The thread it came in.
    pub thread: Option<ThreadId>,
    /// Who says it.
    pub by: Author,
    /// What it says, as plain text.
    pub text: String,
}
