//! Messages that are not yet known to be in the log.
//!
//! ```text
//!  saving ──stored──► queued ──► sending ──────► (confirmed: gone from here, it is in the history)
//!                       ▲          │  └─ nack, final ──► rejected ── discarded ──► (gone)
//!                       │          ├─ nack, try later ──► waiting ─┐      │
//!                       └──────────┴─ link lost, no answer ◄───────┘      └─ retried ──► queued, as the newest
//! ```
//!
//! An entry is written to storage before it is first sent and keeps its [`ClientMessageId`] across every retry, so
//! that the server can tell a resend from a second message. One entry is on its way at a time, which keeps the order
//! of composing; a rejected one steps aside and does not block what follows.
//!
//! Confirmation comes as a receipt or as the message itself from any source, in any order; both end in
//! [`Outbox::settle`].

use rejoin_protocol::{Body, ClientMessageId, NackCode};

use crate::Time;

/// No answer within this: ask again, with the same id. Longer than any healthy commit.
const ANSWER_WITHIN_MS: u64 = 10_000;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Being written to storage.
    Saving,
    /// Safe, and next in line once there is a connection.
    Queued,
    /// On its way since then.
    Sending(Time),
    /// The server asked to come back at this time.
    Waiting(Time),
    /// The server refused it for good; only the person can decide.
    Rejected(NackCode),
}

/// A message that is not yet known to be in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Made when composed, the same for ever.
    pub cid: ClientMessageId,
    /// When it was composed, by this device's clock, in milliseconds since 1970.
    pub cts: u64,
    /// What it says.
    pub body: Body,
    /// Where it stands.
    pub state: EntryState,
}

/// The entries, in the order of composing.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    entries: Vec<Entry>,
}

impl Outbox {
    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this id.
    pub fn get(&self, cid: ClientMessageId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.cid == cid)
    }

    fn get_mut(&mut self, cid: ClientMessageId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.cid == cid)
    }

    /// Adds an entry, unless its id is known already.
    pub(crate) fn push(&mut self, entry: Entry) -> bool {
        let new = self.get(entry.cid).is_none();
        if new {
            self.entries.push(entry);
        }
        new
    }

    /// saving → queued. Storage that failed counts as well: the message is still sent, only less safely.
    pub(crate) fn stored(&mut self, cid: ClientMessageId) {
        if let Some(entry) = self.get_mut(cid)
            && entry.state == EntryState::Saving
        {
            entry.state = EntryState::Queued;
        }
    }

    /// queued → sending, for the entry whose turn it is.
    pub(crate) fn next(&mut self, now: Time) -> Option<&Entry> {
        let turn = self.entries.iter_mut().find(|entry| !matches!(entry.state, EntryState::Rejected(_)))?;
        let due = match turn.state {
            EntryState::Queued => true,
            EntryState::Waiting(until) => until <= now,
            EntryState::Saving | EntryState::Sending(_) | EntryState::Rejected(_) => false,
        };
        due.then(|| {
            turn.state = EntryState::Sending(now);
            &*turn
        })
    }

    /// sending → queued: the connection is gone, nobody knows what became of it.
    pub(crate) fn link_lost(&mut self) {
        for entry in &mut self.entries {
            if matches!(entry.state, EntryState::Sending(_)) {
                entry.state = EntryState::Queued;
            }
        }
    }

    /// sending → queued, when the answer is overdue. True if there was one.
    pub(crate) fn overdue(&mut self, now: Time) -> bool {
        let late = |entry: &&mut Entry| matches!(entry.state, EntryState::Sending(since) if since + ANSWER_WITHIN_MS <= now);
        self.entries.iter_mut().find(late).map(|entry| entry.state = EntryState::Queued).is_some()
    }

    /// sending → waiting.
    pub(crate) fn postpone(&mut self, cid: ClientMessageId, until: Time) {
        if let Some(entry) = self.get_mut(cid)
            && matches!(entry.state, EntryState::Sending(_) | EntryState::Queued)
        {
            entry.state = EntryState::Waiting(until);
        }
    }

    /// sending → rejected.
    pub(crate) fn reject(&mut self, cid: ClientMessageId, code: NackCode) {
        if let Some(entry) = self.get_mut(cid) {
            entry.state = EntryState::Rejected(code);
        }
    }

    /// rejected → queued, as the newest: what was said since then stands before it.
    pub(crate) fn retry(&mut self, cid: ClientMessageId) {
        let rejected = |entry: &Entry| entry.cid == cid && matches!(entry.state, EntryState::Rejected(_));
        if let Some(at) = self.entries.iter().position(rejected) {
            let mut entry = self.entries.remove(at);
            entry.state = EntryState::Queued;
            self.entries.push(entry);
        }
    }

    /// rejected → gone, by the person's decision. Others cannot be taken back: they may be in the log already.
    pub(crate) fn discard(&mut self, cid: ClientMessageId) -> Option<Entry> {
        let rejected = |entry: &Entry| entry.cid == cid && matches!(entry.state, EntryState::Rejected(_));
        self.entries.iter().position(rejected).map(|at| self.entries.remove(at))
    }

    /// any → confirmed: it is in the log.
    pub(crate) fn settle(&mut self, cid: ClientMessageId) -> Option<Entry> {
        self.entries.iter().position(|entry| entry.cid == cid).map(|at| self.entries.remove(at))
    }

    /// How many wait to get into the log; rejected ones do not.
    pub fn unsent(&self) -> usize {
        self.entries.iter().filter(|entry| !matches!(entry.state, EntryState::Rejected(_))).count()
    }

    /// How many were refused.
    pub fn rejected(&self) -> usize {
        self.entries.len() - self.unsent()
    }

    /// When the entry whose turn it is falls due.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let turn = self.entries.iter().find(|entry| !matches!(entry.state, EntryState::Rejected(_)))?;
        match turn.state {
            EntryState::Sending(since) => Some(since + ANSWER_WITHIN_MS),
            EntryState::Waiting(until) => Some(until),
            EntryState::Saving | EntryState::Queued | EntryState::Rejected(_) => None,
        }
    }
}
