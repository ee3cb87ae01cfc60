//! Everything that can happen to a conversation. One closed list: reading it tells all that triggers anything.

use rejoin_protocol::{Body, ClientMessageId, DeviceToken, Envelope, ServerFrame};

use crate::Record;

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    // The person.
    /// Send this. `cid` is 128 fresh random bits; `cts` the device's clock in ms since 1970. A body that may not be
    /// sent (see [`Body::check`]) is ignored: the composer asks first.
    Submit {
        /// The message's id for ever.
        cid: ClientMessageId,
        /// When it was composed.
        cts: u64,
        /// What it says.
        body: Body,
    },
    /// The composer now holds this.
    Draft(String),
    /// Try a rejected message again.
    Retry(ClientMessageId),
    /// Drop a rejected message.
    Discard(ClientMessageId),
    /// Take a rejected message back into the composer.
    Edit(ClientMessageId),
    /// Everything up to this sequence number has been in view, in a visible and focused page.
    Seen(u64),
    /// The conversation is (not) in view.
    Viewing(bool),
    /// Older history is wanted.
    LoadOlder,
    /// The gap whose first missing event this is, is wanted.
    Fill(u64),
    /// The person wants to be connected now (opened the panel, pressed "try again").
    Wake,

    // The page.
    /// The page's state changed.
    Page(Page),

    // Storage.
    /// What storage holds; the first one ends the start-up, later ones (another tab wrote) are merged.
    Restored(Vec<Record>),
    /// A write that named this entry was carried out, or could not be.
    Stored(ClientMessageId, Stored),

    // The connection. Numbers are those of [`crate::Output::Connect`]; older ones are ignored.
    /// The socket is open.
    Opened(u32),
    /// A frame came.
    Frame(u32, Envelope<ServerFrame>),
    /// Something came that is no frame.
    Garbled(u32),
    /// The socket is closed, with its code and the delay that the server asked for.
    Closed(u32, u16, Option<u64>),

    /// [`crate::Thread::poll_timeout`] was reached.
    Tick,
}

/// What the page is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// In view. Every return is treated as "prove it": a phone kills sockets without a word.
    Visible,
    /// Out of view.
    Hidden,
    /// The device has a network again (a hint).
    Online,
    /// The device has none (a hint: nothing stops because of it).
    Offline,
    /// About to be frozen or unloaded: let go of the socket, so that the page may be kept for the back button.
    Leaving,
    /// Back from being frozen.
    Back,
}

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is kept.
    Kept,
    /// The claim found another tab's token, which holds; the rest is kept.
    Claimed(DeviceToken),
    /// This browser keeps nothing: everything lives in this tab only.
    Failed,
}
