//! Opening a thread for a subscriber (protocol.md S5): how it catches up, decided and read in one snapshot.

use rejoin_protocol::limits::{RESUME_EVENTS_MAX, SERVER_BATCH_BYTES_MAX, SNAPSHOT_EVENTS};
use rejoin_protocol::{Epoch, Event, Mode, Opened, Resume, SiteName, Snap, ThreadId};

use super::super::request::{Opening, Replay, Reply};
use super::super::tx::{Order, ThreadRow, Tx, TxError};
use super::history::{self, Budget};
use crate::guard::{self, Guard};

pub(super) fn open(
    tx: &mut dyn Tx,
    site: &SiteName,
    id: ThreadId,
    pos: Option<Resume>,
) -> Result<Reply, TxError> {
    let Some(site) = tx.site(site)? else { return Ok(Reply::NotFound) };
    let Some(thread) = tx.thread(id)?.filter(|thread| thread.site == site.key) else {
        return Ok(Reply::NotFound);
    };
    let epoch = super::epoch_of(tx, &thread)?;
    let (mode, replay) = match pos {
        None => (Mode::Snapshot, snap(tx, &thread)?),
        Some(pos) if !same_log(tx, &thread, epoch, pos)? => (Mode::Reset, snap(tx, &thread)?),
        Some(pos) => match missed(tx, &thread, pos.seq)? {
            Some(events) => (Mode::Resume, Replay::Events(events)),
            None => (Mode::Snapshot, snap(tx, &thread)?),
        },
    };
    let opened =
        Opened { mode, thread: Some(thread.id), epoch: Some(epoch), head: thread.head, read: thread.read };
    Ok(Reply::Opening(Box::new(Opening { opened, replay })))
}

/// Whether the position was taken on this very log: of this thread, under this epoch, not beyond the head, and the
/// event there is the one the subscriber has. The id catches what the epoch cannot: a data directory that was copied
/// back whole and has grown again.
fn same_log(tx: &mut dyn Tx, thread: &ThreadRow, epoch: Epoch, pos: Resume) -> Result<bool, TxError> {
    if pos.thread != thread.id || pos.seq > thread.head {
        return Ok(false);
    }
    if !guard::on(Guard::Epoch) {
        return Ok(true);
    }
    if pos.epoch != epoch {
        return Ok(false);
    }
    Ok(pos.seq == 0 || pos.id == Some(super::event_at(tx, thread, pos.seq)?.id))
}

/// All events after `seq`, unless they are more than one by one is worth.
fn missed(tx: &mut dyn Tx, thread: &ThreadRow, seq: u64) -> Result<Option<Vec<Event>>, TxError> {
    let behind = thread.head - seq;
    if behind > RESUME_EVENTS_MAX {
        return Ok(None);
    }
    let mut budget = Budget { events: behind, bytes: SERVER_BATCH_BYTES_MAX };
    let events = history::read(tx, thread, seq + 1, thread.head, Order::Up, &mut budget)?;
    Ok((events.len() as u64 == behind).then_some(events))
}

/// The newest messages: as many as [`SNAPSHOT_EVENTS`] and one batch allow, at least one.
fn snap(tx: &mut dyn Tx, thread: &ThreadRow) -> Result<Replay, TxError> {
    let mut budget = Budget { events: SNAPSHOT_EVENTS, bytes: SERVER_BATCH_BYTES_MAX };
    let mut events = history::read(tx, thread, 1, thread.head, Order::Down, &mut budget)?;
    events.reverse();
    let lo = events.first().map_or(thread.head + 1, |event| event.seq);
    let last = events.last().map(|event| event.id);
    let msgs = events.into_iter().filter_map(Event::into_message).collect();
    Ok(Replay::Snap(Snap { as_of: thread.head, last, lo, msgs }))
}
