//! The bus of a single node: a table of who listens to what.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{Bus, Mailbox};
use crate::domain::session::{Note, Topic};

/// After so many subscriptions, topics whose listeners are all gone are removed: often enough that they do not pile
/// up, rarely enough to cost nothing.
const SWEEP_EVERY: usize = 1024;

/// An in-process bus. Delivers at once, in the order of publishing.
#[derive(Debug, Default)]
pub struct LocalBus {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Weak, so that a connection which ends without a goodbye leaves nothing behind.
    listeners: BTreeMap<Topic, Vec<Weak<Mailbox>>>,
    since_sweep: usize,
}

impl LocalBus {
    /// A bus that nobody listens to yet.
    pub fn new() -> Self {
        LocalBus::default()
    }

    /// How many topics have listeners, for metrics.
    pub fn topics(&self) -> usize {
        self.lock().listeners.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for LocalBus {
    fn publish(&self, note: Note) {
        // Delivered outside the lock, so that a slow mailbox holds up nobody else.
        let listeners: Vec<Arc<Mailbox>> = {
            let table = self.lock();
            let Some(listeners) = table.listeners.get(&note.topic()) else { return };
            listeners.iter().filter_map(Weak::upgrade).collect()
        };
        for mailbox in listeners {
            mailbox.put(note.clone());
        }
    }

    fn subscribe(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        let mut table = self.lock();
        table.since_sweep += 1;
        if table.since_sweep >= SWEEP_EVERY {
            table.since_sweep = 0;
            table.listeners.retain(|_, listeners| listeners.iter().any(|one| one.strong_count() > 0));
        }
        let listeners = table.listeners.entry(topic).or_default();
        listeners.retain(|one| one.strong_count() > 0 && !is(one, mailbox));
        listeners.push(Arc::downgrade(mailbox));
    }

    fn unsubscribe(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut table = self.lock();
        if let Some(listeners) = table.listeners.get_mut(topic) {
            listeners.retain(|one| one.strong_count() > 0 && !is(one, mailbox));
            if listeners.is_empty() {
                table.listeners.remove(topic);
            }
        }
    }
}

fn is(one: &Weak<Mailbox>, mailbox: &Arc<Mailbox>) -> bool {
    std::ptr::eq(one.as_ptr(), Arc::as_ptr(mailbox))
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::bus::contract::bus_contract!(LocalBus::new());

    #[test]
    fn listeners_that_vanish_are_swept() {
        let bus = LocalBus::new();
        for n in 0..SWEEP_EVERY as u128 * 3 {
            let topic = Topic::Thread(rejoin_protocol::ThreadId::from_bytes(n.to_be_bytes()));
            bus.subscribe(topic, &Mailbox::new());
        }
        assert!(bus.topics() <= SWEEP_EVERY, "{} topics are kept for nobody", bus.topics());
    }
}
