//! Reading a log in stretches, each bounded in events and in bytes.

use rejoin_protocol::limits::{PAGE_EVENTS_MAX, SERVER_BATCH_BYTES_MAX};
use rejoin_protocol::{Author, Body, Event, EventKind, Fetch, Page, ThreadId};

use super::super::request::{Head, Reply};
use super::super::tx::{Order, ThreadRow, Tx, TxError};

/// The JSON of an event besides its text and its author's name: ids, numbers, keys.
const EVENT_BYTES: usize = 256;

/// How much may still be read. The first event is always read, or a reader could stand still.
pub(super) struct Budget {
    pub(super) events: u64,
    pub(super) bytes: usize,
}

impl Budget {
    fn take(&mut self, event: &Event, first: bool) -> bool {
        let bytes = wire_bytes(event);
        if !first && (self.events == 0 || self.bytes < bytes) {
            return false;
        }
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        true
    }
}

/// The events `from..=to` in this order, as far as the budget goes.
pub(super) fn read(
    tx: &mut dyn Tx,
    thread: &ThreadRow,
    from: u64,
    to: u64,
    order: Order,
    budget: &mut Budget,
) -> Result<Vec<Event>, TxError> {
    let mut events = Vec::new();
    if from > to || budget.events == 0 {
        return Ok(events);
    }
    tx.scan(thread.key, from, to, order, &mut |event| {
        let fits = budget.take(&event, events.is_empty());
        if fits {
            events.push(event);
        }
        fits && budget.events > 0
    })?;
    Ok(events)
}

pub(super) fn events(
    tx: &mut dyn Tx,
    id: ThreadId,
    from: u64,
    to: u64,
    limit: usize,
) -> Result<Reply, TxError> {
    let Some(thread) = tx.thread(id)? else { return Ok(Reply::NotFound) };
    let mut budget = Budget { events: limit as u64, bytes: SERVER_BATCH_BYTES_MAX };
    let events = read(tx, &thread, from.max(1), to.min(thread.head), Order::Up, &mut budget)?;
    Ok(Reply::Events(events))
}

/// A page: `from..=to` from its lower end, or the newest below `before` from the upper; what the budget cuts off is
/// said by `lo` and `hi`.
pub(super) fn page(tx: &mut dyn Tx, id: ThreadId, fetch: Fetch) -> Result<Reply, TxError> {
    let Some(thread) = tx.thread(id)? else { return Ok(Reply::NotFound) };
    let limit = fetch.limit.clamp(1, PAGE_EVENTS_MAX);
    let mut budget = Budget { events: u64::from(limit), bytes: SERVER_BATCH_BYTES_MAX };
    let (events, lo, hi) = match fetch.from {
        Some(from) => {
            let (from, to) = (from.max(1), fetch.to.unwrap_or(thread.head).min(thread.head));
            let events = read(tx, &thread, from, to, Order::Up, &mut budget)?;
            let hi = events.last().map_or(from - 1, |event| event.seq);
            (events, from, hi)
        }
        None => {
            let to = fetch.before.map_or(thread.head, |before| before.saturating_sub(1).min(thread.head));
            let mut events = read(tx, &thread, 1, to, Order::Down, &mut budget)?;
            events.reverse();
            let lo = events.first().map_or(to + 1, |event| event.seq);
            (events, lo, to)
        }
    };
    let epoch = super::epoch_of(tx, &thread)?;
    let msgs = events.into_iter().filter_map(Event::into_message).collect();
    Ok(Reply::Page(Page { q: fetch.q, epoch, lo, hi, msgs }))
}

pub(super) fn heads(tx: &mut dyn Tx, threads: &[ThreadId]) -> Result<Reply, TxError> {
    let mut heads = Vec::with_capacity(threads.len());
    for id in threads {
        if let Some(thread) = tx.thread(*id)? {
            heads.push(Head { thread: *id, head: thread.head, read: thread.read });
        }
    }
    Ok(Reply::Heads(heads))
}

/// How long an event is as JSON, never less than it really is.
fn wire_bytes(event: &Event) -> usize {
    let escaped = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'"' | b'\\' => 2,
                0..=0x1f => 6,
                _ => 1,
            })
            .sum::<usize>()
    };
    EVENT_BYTES
        + match &event.kind {
            EventKind::Msg(posted) => {
                let name = match &posted.by {
                    Author::Customer => 0,
                    Author::Agent { name, .. } => escaped(name),
                };
                let body = match &posted.body {
                    Body::Text(text) => escaped(text),
                    Body::Unknown { .. } => 0,
                };
                name + body
            }
            EventKind::Unknown { .. } => 0,
        }
}
