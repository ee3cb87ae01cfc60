//! The one line that says how things stand. Derived from what is, never set: it cannot be forgotten in a wrong state.

use crate::{Conversation, Link, LinkState, StopReason};

/// What the line says. Counts are of messages that are not yet known to be in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateLine {
    /// Nothing to say: there is no conversation yet and none is wanted.
    Quiet,
    /// Everything the server has is here and everything said here is there.
    UpToDate,
    /// A first connection is being made.
    Connecting,
    /// Connected; what was said meanwhile is on its way.
    CatchingUp,
    /// So many are on their way.
    Sending(usize),
    /// No connection; so many wait for one.
    Offline(usize),
    /// So many were refused and wait for the person's decision.
    NotSent(usize),
    /// The connection does not come back by itself.
    Stopped(StopReason),
}

impl StateLine {
    pub(crate) fn of(link: &Link, conversation: &Conversation, was_up: bool) -> StateLine {
        let (unsent, rejected) = (conversation.outbox().unsent(), conversation.outbox().rejected());
        match link.state() {
            LinkState::Stopped(reason) => StateLine::Stopped(reason),
            LinkState::Off if unsent == 0 => StateLine::Quiet,
            LinkState::Off | LinkState::Backoff(_) => StateLine::Offline(unsent),
            LinkState::Connecting(_) | LinkState::Greeting(_) if was_up => StateLine::Offline(unsent),
            LinkState::Connecting(_) | LinkState::Greeting(_) => StateLine::Connecting,
            LinkState::Up(_) if !conversation.is_current() => StateLine::CatchingUp,
            LinkState::Up(_) if unsent > 0 => StateLine::Sending(unsent),
            LinkState::Up(_) if rejected > 0 => StateLine::NotSent(rejected),
            LinkState::Up(_) if conversation.id().is_none() => StateLine::Quiet,
            LinkState::Up(_) => StateLine::UpToDate,
        }
    }
}
