//! One thread on one connection (protocol.md S2, S3): subscribe first, then read, then send on what is announced.
//!
//! ```text
//! Opening ──opening read──► Live ──note is the next event──► Live       sent on as it is
//!    │ notes raise `known`    │ ──note or beat beyond that──► Live      `known` rises; read sent+1..
//!    └──not found──► (gone)   └──close, hello again──► (gone)
//! ```
//!
//! All that is kept is how far was sent, how far the log is known to be, and how far each side has read: a backlog
//! costs nothing here, it stays in the store.

use std::sync::Arc;

use rejoin_protocol::limits::EV_EVENTS_MAX;
use rejoin_protocol::{
    Author, Cursor, DeviceId, ErrorCode, Event, Evs, Marks, ReadState, ServerFrame, Side, Synced, ThreadId,
    TypingBy,
};

use super::{Asked, Output, Session, State, Topic};
use crate::domain::request::{DeviceAnswer, Opening, Replay, Request};
use crate::guard::{self, Guard};

/// How one thread stands on this connection.
#[derive(Debug)]
pub(super) struct Sub {
    live: bool,
    /// Every event up to here was sent, alone or in a snapshot.
    sent: u64,
    /// The log is known to reach at least this far.
    known: u64,
    /// The furthest cursors heard of.
    read: ReadState,
    /// Events may lie between the last read and the subscription: read once more.
    unsure: bool,
    retry_at: Option<u64>,
}

impl Sub {
    /// Before its first read.
    pub(super) fn opening() -> Sub {
        Sub { live: false, sent: 0, known: 0, read: ReadState::default(), unsure: false, retry_at: None }
    }

    /// Of a thread that this connection's own first message has just made.
    pub(super) fn fresh() -> Sub {
        Sub { live: true, unsure: true, ..Sub::opening() }
    }

    pub(super) const fn retry_at(&self) -> Option<u64> {
        self.retry_at
    }

    pub(super) const fn is_live(&self) -> bool {
        self.live
    }

    pub(super) const fn known(&self) -> u64 {
        self.known
    }

    fn is_behind(&self, now: u64) -> bool {
        self.live && (self.unsure || self.sent < self.known) && self.retry_at.is_none_or(|at| at <= now)
    }

    /// Takes news of a side's cursors; the cursors now, if they moved.
    fn merge(&mut self, side: Side, marks: Marks) -> Option<Marks> {
        let mine = match side {
            Side::Customer => &mut self.read.customer,
            Side::Agent => &mut self.read.agent,
        };
        let before = *mine;
        mine.merge(marks);
        (*mine != before).then_some(*mine)
    }

    pub(super) const fn marks(&self, side: Side) -> Marks {
        match side {
            Side::Customer => self.read.customer,
            Side::Agent => self.read.agent,
        }
    }
}

impl Session {
    pub(super) fn listen(&mut self, thread: ThreadId, sub: Sub) {
        if self.subs.insert(thread, sub).is_none() {
            self.out.push_back(Output::Subscribe(Topic::Thread(thread)));
        }
    }

    pub(super) fn unsubscribe(&mut self, thread: ThreadId) {
        if self.subs.remove(&thread).is_some() {
            self.out.push_back(Output::Unsubscribe(Topic::Thread(thread)));
        }
    }

    pub(super) fn on_opening(&mut self, thread: ThreadId, opening: Opening) {
        let Opening { opened, replay } = opening;
        let Some(sub) = self.subs.get_mut(&thread) else { return };
        sub.live = true;
        sub.sent = opened.head;
        sub.known = sub.known.max(opened.head);
        // What was announced since subscribing may be further than what was read.
        let heard = std::mem::replace(&mut sub.read, opened.read);
        self.send(Some(thread), ServerFrame::Opened(opened));
        match replay {
            Replay::Snap(snap) => self.send(Some(thread), ServerFrame::Snap(snap)),
            Replay::Events(events) => self.send_run(thread, events),
        }
        self.send(Some(thread), ServerFrame::Synced(Synced { head: opened.head }));
        self.on_marks(thread, Side::Customer, heard.customer);
        self.on_marks(thread, Side::Agent, heard.agent);
    }

    /// Sends a contiguous run in frames of a fixed most.
    fn send_run(&mut self, thread: ThreadId, events: Vec<Event>) {
        let mut events = events.into_iter().peekable();
        while let Some(first) = events.peek() {
            let from = first.seq;
            let evs = events.by_ref().take(EV_EVENTS_MAX).collect();
            self.send(Some(thread), ServerFrame::Ev(Evs { from, evs }));
        }
    }

    pub(super) fn on_event_note(&mut self, thread: ThreadId, event: &Arc<Event>) {
        let Some(sub) = self.subs.get_mut(&thread) else { return };
        sub.known = sub.known.max(event.seq);
        let next = event.seq == sub.sent + 1;
        let later = event.seq > sub.sent && !guard::on(Guard::Contiguity);
        if sub.live && (next || later) {
            sub.sent = event.seq;
            let evs = vec![Event::clone(event)];
            self.send(Some(thread), ServerFrame::Ev(Evs { from: event.seq, evs }));
        }
    }

    pub(super) fn on_head(&mut self, thread: ThreadId, head: u64) {
        if let Some(sub) = self.subs.get_mut(&thread) {
            sub.known = sub.known.max(head);
        }
    }

    pub(super) fn on_marks(&mut self, thread: ThreadId, side: Side, marks: Marks) {
        let Some(sub) = self.subs.get_mut(&thread) else { return };
        let moved = sub.merge(side, marks).filter(|_| sub.live);
        if let Some(marks) = moved {
            self.send(Some(thread), ServerFrame::Cur(Cursor { side, marks }));
        }
    }

    /// Nobody is told of their own typing; agents are told of each other's.
    pub(super) fn on_typing(&mut self, thread: ThreadId, by: Author, ttl_ms: u64) {
        let own = match &by {
            Author::Customer => !self.is_agent(),
            Author::Agent { id, .. } => self.agent_id() == Some(*id),
        };
        if !own && self.subs.get(&thread).is_some_and(Sub::is_live) {
            self.send(Some(thread), ServerFrame::Typing(TypingBy { by, ttl_ms }));
        }
    }

    pub(super) fn on_revoked(&mut self, thread: ThreadId, did: DeviceId) {
        if let State::Customer(customer) = &self.state
            && customer.thread == Some(thread)
            && customer.device.is_some_and(|device| device.did == did)
        {
            self.turn_away(DeviceAnswer::Revoked);
        }
    }

    /// Reads what one thread is known to lack.
    pub(super) fn start_catch_up(&mut self, now: u64) -> bool {
        let Some((thread, sub)) = self.subs.iter_mut().find(|(_, sub)| sub.is_behind(now)) else {
            return false;
        };
        (sub.retry_at, sub.unsure) = (None, false);
        let (thread, from) = (*thread, sub.sent + 1);
        // To the head, wherever it is by now.
        let request = Request::Events { thread, from, to: u64::MAX, limit: EV_EVENTS_MAX };
        self.ask(Asked::Events(thread), request);
        true
    }

    pub(super) fn retry_catch_up(&mut self, thread: ThreadId, at: u64) {
        if let Some(sub) = self.subs.get_mut(&thread) {
            (sub.retry_at, sub.unsure) = (Some(at), true);
        }
    }

    pub(super) fn on_events(&mut self, thread: ThreadId, mut events: Vec<Event>) {
        let Some(sub) = self.subs.get_mut(&thread) else { return };
        // Notes may have been faster than the answer.
        events.retain(|event| event.seq > sub.sent);
        let next = sub.sent + 1;
        let whole = (next..).zip(&events).take_while(|(seq, event)| *seq == event.seq).count();
        events.truncate(whole);
        match events.last() {
            Some(last) => {
                sub.sent = last.seq;
                sub.known = sub.known.max(sub.sent);
            }
            // The store has no more: whoever announced more was wrong, and the next beat will know.
            None => sub.known = sub.sent,
        }
        self.send_run(thread, events);
    }

    /// The thread cannot be read: not there, or not for this reader. Which of the two is not said.
    pub(super) fn on_gone(&mut self, thread: ThreadId) {
        if self.is_agent() {
            self.unsubscribe(thread);
            self.complain(Some(thread), ErrorCode::NotFound, "t: no such thread");
        } else {
            // The device is known but its thread is not: who this is must be settled again.
            self.later();
        }
    }
}
