//! How connections hear of each other's doings: hints that may be lost, doubled and reordered. The truth is in the
//! store; a lost note costs time (until the next heartbeat), never a message.

#[cfg(test)]
mod contract;
mod local;
mod mailbox;

use std::sync::Arc;

use crate::domain::session::{Note, Topic};

pub use local::LocalBus;
pub use mailbox::{EVENTS_MAX, Mailbox, TYPERS_MAX};

/// Carries notes from whoever publishes to every mailbox that listens. Never blocks and never fails: a bus that
/// cannot deliver drops. The contract is in `contract.rs`.
pub trait Bus: Send + Sync + 'static {
    /// Delivers to the mailboxes that listen to the note's topic at this moment, the publisher's own included.
    fn publish(&self, note: Note);
    /// Delivers what is published on this topic from now on. Twice is as good as once.
    fn subscribe(&self, topic: Topic, mailbox: &Arc<Mailbox>);
    /// Delivers no more of this topic. What is in the mailbox already stays there. Not listening is fine.
    fn unsubscribe(&self, topic: &Topic, mailbox: &Arc<Mailbox>);
}
