//! Where a connection finds what it was told. However much is published while nobody looks, a mailbox holds a fixed
//! amount per thread: numbers keep their newest value, and events beyond the newest few become "the log reaches
//! here", which the connection then reads from the store.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rejoin_protocol::{Author, DeviceId, Event, Marks, Side, SiteName, ThreadId};
use tokio::sync::Notify;

use crate::domain::session::Note;

/// Events of one thread: as many as one frame carries. A connection further behind reads from the store anyway.
pub const EVENTS_MAX: usize = 64;

/// People typing in one thread; who comes beyond is not shown typing.
pub const TYPERS_MAX: usize = 16;

/// Removed devices of one thread: a connection has one, so the newest are enough to find its own.
const REVOKED_MAX: usize = 64;

/// One connection's mailbox. Filled by the bus, emptied by the connection.
#[derive(Debug, Default)]
pub struct Mailbox {
    slots: Mutex<Slots>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Slots {
    threads: BTreeMap<ThreadId, Slot>,
    inboxes: BTreeMap<SiteName, u64>,
}

#[derive(Debug, Default)]
struct Slot {
    /// In the order of publishing.
    events: VecDeque<Arc<Event>>,
    head: Option<u64>,
    customer: Option<Marks>,
    agent: Option<Marks>,
    typing: Vec<(Author, u64)>,
    revoked: VecDeque<DeviceId>,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new() -> Arc<Self> {
        Arc::new(Mailbox::default())
    }

    /// Waits until something was put in since the last time this returned. Something may already be taken when it
    /// does.
    pub async fn notified(&self) {
        self.filled.notified().await;
    }

    /// Everything in it. Per thread: how far the log is known to reach, then events in their order, then cursors and
    /// typing; then thread lists.
    pub fn take(&self) -> Vec<Note> {
        let slots = std::mem::take(&mut *self.lock());
        let mut notes = Vec::new();
        for (thread, slot) in slots.threads {
            notes.extend(slot.head.map(|head| Note::Head(thread, head)));
            notes.extend(slot.events.into_iter().map(|event| Note::Event(thread, event)));
            notes.extend(slot.customer.map(|marks| Note::Marks(thread, Side::Customer, marks)));
            notes.extend(slot.agent.map(|marks| Note::Marks(thread, Side::Agent, marks)));
            notes.extend(slot.typing.into_iter().map(|(by, ttl_ms)| Note::Typing(thread, by, ttl_ms)));
            notes.extend(slot.revoked.into_iter().map(|did| Note::Revoked(thread, did)));
        }
        notes.extend(slots.inboxes.into_iter().map(|(site, ver)| Note::Inbox(site, ver)));
        notes
    }

    /// Puts a note in. For buses.
    pub fn put(&self, note: Note) {
        let mut slots = self.lock();
        match note {
            Note::Event(thread, event) => slots.thread(thread).put_event(event),
            Note::Head(thread, head) => {
                let slot = slots.thread(thread);
                slot.head = slot.head.max(Some(head));
            }
            Note::Marks(thread, side, marks) => slots.thread(thread).put_marks(side, marks),
            Note::Typing(thread, by, ttl_ms) => slots.thread(thread).put_typing(by, ttl_ms),
            Note::Revoked(thread, did) => {
                let revoked = &mut slots.thread(thread).revoked;
                revoked.push_back(did);
                if revoked.len() > REVOKED_MAX {
                    revoked.pop_front();
                }
            }
            Note::Inbox(site, ver) => {
                let newest = slots.inboxes.entry(site).or_default();
                *newest = ver.max(*newest);
            }
        }
        drop(slots);
        self.filled.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        // Nothing that happens under the lock leaves it half done.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn thread(&mut self, thread: ThreadId) -> &mut Slot {
        self.threads.entry(thread).or_default()
    }
}

impl Slot {
    fn put_event(&mut self, event: Arc<Event>) {
        self.events.push_back(event);
        if self.events.len() > EVENTS_MAX
            && let Some(dropped) = self.events.pop_front()
        {
            self.head = self.head.max(Some(dropped.seq));
        }
    }

    fn put_marks(&mut self, side: Side, marks: Marks) {
        let newest = match side {
            Side::Customer => &mut self.customer,
            Side::Agent => &mut self.agent,
        };
        newest.get_or_insert_default().merge(marks);
    }

    fn put_typing(&mut self, by: Author, ttl_ms: u64) {
        if let Some((_, newest)) = self.typing.iter_mut().find(|(author, _)| *author == by) {
            *newest = ttl_ms;
        } else if self.typing.len() < TYPERS_MAX {
            self.typing.push((by, ttl_ms));
        }
    }
}
