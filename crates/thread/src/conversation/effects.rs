//! What a conversation asks of its owner.

use rejoin_protocol::{ClientFrame, ClientMessageId};

use crate::Arrival;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Send this for the thread.
    Transmit(ClientFrame),
    /// Subscribe again on the same connection.
    Reopen,
    /// An answer is overdue: does the way up work?
    Probe,
    /// The connection is no good.
    Reconnect,
    /// The entry is no longer in the outbox.
    Settled(ClientMessageId),
    /// What is kept of the log has changed.
    LogChanged,
    /// A message that the person has not seen.
    Announce(Arrival),
}
