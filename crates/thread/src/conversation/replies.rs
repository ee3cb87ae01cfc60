//! The server's frames, as far as they concern one thread.

use rejoin_protocol::{
    Ack, Cursor, Event, Evs, Marks, Mode, Nack, Opened, Page, ServerFrame, Side, Snap, StreamPosition,
    Synced, ThreadId, TypingBy,
};

use super::reconcile::{Stretch, same_person};
use super::{Conversation, Effect, Sync};
use crate::Time;
use crate::record::{LOG_MESSAGES_MAX, LogRecord};

/// A `nack` that may be repeated but names no time is repeated after this.
const RETRY_AFTER_MS: u64 = 2_000;

impl Conversation {
    /// Takes a frame of this thread. Frames of the connection as a whole are the owner's.
    pub(crate) fn frame(&mut self, now: Time, frame: ServerFrame) {
        match frame {
            ServerFrame::Opened(opened) => self.on_opened(now, &opened),
            ServerFrame::Snap(snap) => self.on_snap(now, snap),
            ServerFrame::Ev(evs) => self.on_events(now, evs),
            ServerFrame::Synced(synced) => self.on_synced(now, synced),
            ServerFrame::Ack(ack) => self.on_ack(now, &ack),
            ServerFrame::Nack(nack) => self.on_nack(now, nack),
            ServerFrame::Page(page) => self.on_page(now, page),
            ServerFrame::Cur(cursor) => self.on_cursor(cursor),
            ServerFrame::Typing(typing) => self.on_typing(now, typing),
            ServerFrame::Welcome(_)
            | ServerFrame::Hb(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Rows(_)
            | ServerFrame::Drain(_)
            | ServerFrame::Err(_)
            | ServerFrame::Unknown { .. } => {}
        }
    }

    /// A heartbeat came. It names every thread that the server sends here, and how long its log is: something may
    /// have been lost on the way, the subscription itself included.
    pub(crate) fn beat(&mut self, now: Time, heads: &[(ThreadId, u64)]) {
        let Some(id) = self.id else { return };
        match heads.iter().find(|(thread, _)| *thread == id) {
            Some((_, head)) => self.head_is(now, *head),
            None if self.sync == Sync::Live => self.out.push_back(Effect::Reopen),
            None => {}
        }
    }

    fn head_is(&mut self, now: Time, head: u64) {
        self.head = self.head.max(head);
        self.look_for_holes(now);
    }

    fn on_opened(&mut self, now: Time, opened: &Opened) {
        if self.sync == Sync::Closed {
            return;
        }
        let named = opened.thread.zip(opened.epoch);
        let same = named.is_some_and(|(thread, epoch)| {
            self.id == Some(thread) && self.pos.is_some() && self.same_epoch(epoch)
        });
        // Not asked for: a late copy, or another connection's first message has made the thread that ours went to.
        if self.sync != Sync::Opening && self.pos.is_some() {
            if same {
                self.take_marks(opened);
                self.head_is(now, opened.head);
            }
            return;
        }
        match (opened.mode, named) {
            // Resuming another log than ours would be reading somebody else's numbers: ask again with nothing held.
            (Mode::Resume, Some(_)) if same => {}
            (Mode::Resume, _) => {
                self.start_over(None);
                self.out.push_back(Effect::Reopen);
                return;
            }
            (Mode::Snapshot, Some(_)) if same => {}
            (Mode::Snapshot | Mode::Reset, Some((thread, epoch))) => {
                self.start_over(None);
                self.id = Some(thread);
                self.pos = Some(StreamPosition { epoch, seq: 0 });
            }
            (Mode::New, _) | (Mode::Snapshot | Mode::Reset, None) => {
                if self.pos.is_some() {
                    self.start_over(None);
                }
                self.id = None;
            }
        }
        self.sync = Sync::CatchingUp;
        self.head = opened.head;
        self.take_marks(opened);
        self.told = match self.side() {
            Side::Customer => opened.read.customer,
            Side::Agent => opened.read.agent,
        };
        self.progress_until = Some(now + self.patience_ms());
        self.tell_marks();
        self.pump(now);
    }

    fn take_marks(&mut self, opened: &Opened) {
        self.read.customer.merge(opened.read.customer);
        self.read.agent.merge(opened.read.agent);
    }

    fn on_snap(&mut self, now: Time, snap: Snap) {
        let Some(pos) = self.pos.filter(|_| self.can_send()) else { return };
        // A snapshot is a statement about the whole log: the cursor may jump to it, and what lies between what was
        // held and its first message becomes an explicit gap.
        let jump = snap.as_of > pos.seq;
        if jump {
            self.pos = Some(StreamPosition { epoch: pos.epoch, seq: snap.lo.saturating_sub(1).max(pos.seq) });
        }
        self.reconcile(now, Stretch { lo: snap.lo, hi: snap.as_of, last: snap.last, messages: snap.msgs });
    }

    fn on_events(&mut self, now: Time, evs: Evs) {
        // Before `opened` nobody knows which log these belong to; they will be replayed.
        if !self.can_send() || self.pos.is_none() {
            return;
        }
        let contiguous = evs.evs.iter().zip(evs.from..).all(|(event, seq)| event.seq == seq);
        let Some(last) = evs.evs.last().filter(|_| contiguous) else {
            return;
        };
        let (lo, hi, last) = (evs.from, last.seq, Some(last.id));
        let messages = evs.evs.into_iter().filter_map(Event::into_message).collect();
        self.reconcile(now, Stretch { lo, hi, last, messages });
    }

    fn on_synced(&mut self, now: Time, synced: Synced) {
        if !self.can_send() {
            return;
        }
        self.head = self.head.max(synced.head);
        self.sync = Sync::Live;
        self.look_for_holes(now);
    }

    fn on_ack(&mut self, now: Time, ack: &Ack) {
        if !self.same_epoch(ack.epoch) || self.id.is_some_and(|id| id != ack.thread) {
            self.out.push_back(Effect::Reopen);
            return;
        }
        if self.pos.is_none() {
            self.id = Some(ack.thread);
            self.pos = Some(StreamPosition { epoch: ack.epoch, seq: 0 });
        }
        let side = self.side();
        // Sent long ago, as it turns out, and in the part of the history that is not held: its place is there.
        let long_ago = ack.seq <= self.cursor() && !self.history.covers(ack.seq);
        if long_ago && self.outbox.settle(ack.cid).is_some() {
            self.out.push_back(Effect::Settled(ack.cid));
            self.pump(now);
        } else if let Some(entry) = self.outbox.get(ack.cid) {
            let message = self.accepted(ack, entry.body.clone());
            self.marks_mut(side).merge(Marks { read: ack.seq, deliv: 0 });
            self.reconcile(
                now,
                Stretch { lo: ack.seq, hi: ack.seq, last: Some(ack.id), messages: vec![message] },
            );
        }
    }

    fn on_nack(&mut self, now: Time, nack: Nack) {
        if nack.code == rejoin_protocol::NackCode::NotOpen {
            self.out.push_back(Effect::Reopen);
        }
        let transient = nack.code.class() == rejoin_protocol::Class::Transient;
        if let Some(delay) = nack.retry_ms.or(transient.then_some(RETRY_AFTER_MS)) {
            self.outbox.postpone(nack.cid, now + delay);
        } else {
            self.outbox.reject(nack.cid, nack.code);
        }
        self.pump(now);
    }

    fn on_page(&mut self, now: Time, page: Page) {
        let wanted = self.older.is_some_and(|wanted| wanted.q == page.q);
        if !wanted || self.pos.is_none() || !self.same_epoch(page.epoch) {
            return;
        }
        self.older = None;
        let last = page.msgs.last().filter(|message| message.seq == page.hi).map(|message| message.id);
        self.reconcile(now, Stretch { lo: page.lo, hi: page.hi, last, messages: page.msgs });
    }

    fn on_cursor(&mut self, cursor: Cursor) {
        self.marks_mut(cursor.side).merge(cursor.marks);
        if cursor.side == self.side() && self.unread() == 0 && !self.viewing {
            self.new_mark = None;
        }
        self.out.push_back(Effect::LogChanged);
    }

    fn on_typing(&mut self, now: Time, typing: TypingBy) {
        if same_person(&typing.by, &self.me) {
            return;
        }
        self.typists.retain(|(author, _)| !same_person(author, &typing.by));
        if typing.ttl_ms > 0 {
            self.typists.push((typing.by, now + typing.ttl_ms));
        }
    }

    /// What to keep of the log between visits: the newest stretch up to the cursor.
    pub fn log_record(&self) -> Option<LogRecord> {
        let (thread, pos) = self.id.zip(self.pos)?;
        let run = self.history.run_of(pos.seq)?;
        let upto = run.messages.partition_point(|message| message.seq <= pos.seq);
        let from = upto.saturating_sub(LOG_MESSAGES_MAX);
        let messages = run.messages[from..upto].to_vec();
        let lo = if from == 0 { run.lo } else { messages.first().map_or(run.lo, |message| message.seq) };
        Some(LogRecord {
            v: 1,
            thread,
            epoch: pos.epoch,
            seq: pos.seq,
            id: self.last,
            lo,
            messages,
            read: self.read,
        })
    }

    /// Shows what was kept. Only into an empty conversation: what is already here is newer.
    pub(crate) fn restore(&mut self, log: LogRecord) {
        let sound = log.v == 1 && log.lo >= 1 && log.lo <= log.seq + 1 && ordered(&log);
        if self.pos.is_some() || !sound {
            return;
        }
        self.id = Some(log.thread);
        self.pos = Some(StreamPosition { epoch: log.epoch, seq: log.seq });
        self.last = log.id;
        self.head = log.seq;
        self.read.customer.merge(log.read.customer);
        self.read.agent.merge(log.read.agent);
        self.history.absorb(log.lo, log.seq, log.id, log.messages);
        let settled: Vec<_> = self
            .history
            .messages()
            .filter(|message| message.by.side() == self.side())
            .map(|message| message.cid)
            .collect();
        for cid in settled {
            if self.outbox.settle(cid).is_some() {
                self.out.push_back(Effect::Settled(cid));
            }
        }
        self.mark_new(0);
    }
}

fn ordered(log: &LogRecord) -> bool {
    let inside = log.messages.iter().all(|message| message.seq >= log.lo && message.seq <= log.seq);
    inside && log.messages.windows(2).all(|pair| pair[0].seq < pair[1].seq)
}
