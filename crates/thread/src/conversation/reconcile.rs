//! The one door through which a message enters, from whichever source: pushed, replayed, fetched, acknowledged or
//! restored. Whatever comes in is put in its place by `seq`, retires the outbox entry of its `cid`, and moves the
//! cursor if, and only if, that leaves no hole.

use rejoin_protocol::{Author, Body, Epoch, Message, MessageId, StreamPosition};

use super::{Conversation, Effect, Sync};
use crate::guard::{self, Guard};
use crate::{Arrival, Time};

/// Everything that the events `lo..=hi` brought.
pub(super) struct Stretch {
    pub(super) lo: u64,
    pub(super) hi: u64,
    /// The id of the event at `hi`, where known.
    pub(super) last: Option<MessageId>,
    pub(super) messages: Vec<Message>,
}

impl Conversation {
    pub(super) fn reconcile(&mut self, now: Time, stretch: Stretch) {
        let Some(pos) = self.pos else { return };
        for message in &stretch.messages {
            if message.by.side() == self.side() && self.outbox.settle(message.cid).is_some() {
                self.out.push_back(Effect::Settled(message.cid));
            }
            self.typists.retain(|(author, _)| !same_person(author, &message.by));
        }
        self.head = self.head.max(stretch.hi);
        let hi = stretch.hi;
        self.history.absorb(stretch.lo, stretch.hi, stretch.last, stretch.messages);
        let reached = if guard::on(Guard::Contiguity) {
            self.history.contiguous_from(pos.seq)
        } else {
            pos.seq.max(hi)
        };
        if reached > pos.seq {
            self.advance(now, reached);
        }
        self.look_for_holes(now);
        self.pump(now);
    }

    /// Moves the cursor, then tells what is new. In this order: whoever hears of a message may resume from it.
    fn advance(&mut self, now: Time, reached: u64) {
        let Some(pos) = &mut self.pos else { return };
        let from = std::mem::replace(&mut pos.seq, reached);
        self.last = self.history.run_of(reached).filter(|run| run.hi == reached).and_then(|run| run.last);
        self.stalls = 0;
        self.progress_until = Some(now + self.patience_ms());
        self.mark_new(from);
        self.announce(from);
        self.out.push_back(Effect::LogChanged);
        self.tell_marks();
    }

    /// The messages above `from` that the other side said and this side has not seen.
    fn unseen_above(&self, from: u64) -> impl Iterator<Item = &Message> {
        let (side, read) = (self.side(), self.my_marks().read.max(from));
        self.history
            .messages()
            .rev()
            .take_while(move |message| message.seq > read)
            .filter(move |message| message.by.side() != side)
    }

    pub(super) fn mark_new(&mut self, from: u64) {
        if self.viewing || self.new_mark.is_some() {
            return;
        }
        if self.unseen_above(from).next().is_some() {
            self.new_mark = Some(self.my_marks().read);
        }
    }

    /// Only while live: what a replay brings was said before, and is counted, not rung for.
    fn announce(&mut self, from: u64) {
        if self.sync != Sync::Live {
            return;
        }
        let mut arrivals: Vec<Effect> = self
            .unseen_above(from)
            .map(|message| {
                Effect::Announce(Arrival {
                    thread: self.id,
                    by: message.by.clone(),
                    text: plain(&message.body),
                })
            })
            .collect();
        arrivals.reverse();
        self.out.extend(arrivals);
    }

    /// Keeps the alarm clock of progress: set while something is known to be missing, off when nothing is.
    pub(super) fn look_for_holes(&mut self, now: Time) {
        if let Some((from, to)) = self.history.gap_above(self.cursor()) {
            self.fill_hole(now, from, to);
        }
        let missing = self.cursor() < self.head || !matches!(self.sync, Sync::Live);
        if !missing {
            self.progress_until = None;
            self.stalls = 0;
        } else if self.progress_until.is_none() {
            self.progress_until = Some(now + self.patience_ms());
        }
    }

    /// A hole above the cursor is filled from below, so that the cursor moves with every page.
    fn fill_hole(&mut self, now: Time, from: u64, to: u64) {
        let limit = rejoin_protocol::limits::PAGE_EVENTS_MAX;
        let to = to.min(from + u64::from(limit) - 1);
        self.ask_page(now, None, Some((from, to)));
    }

    /// Another log than the one we held: forget what is confirmed, keep what is not.
    pub(super) fn start_over(&mut self, now_at: Option<StreamPosition>) {
        self.history.clear();
        self.pos = now_at;
        self.last = None;
        self.head = 0;
        self.read = Default::default();
        self.new_mark = None;
        self.older = None;
        self.out.push_back(Effect::LogChanged);
    }

    /// Whether something of this epoch may be applied to what is held.
    pub(super) fn same_epoch(&self, epoch: Epoch) -> bool {
        !guard::on(Guard::Epoch) || self.pos.is_none_or(|pos| pos.epoch == epoch)
    }

    /// What was accepted goes into the history at once, so that it does not vanish between the receipt and the push.
    pub(super) fn accepted(&self, ack: &rejoin_protocol::Ack, body: Body) -> Message {
        let by: Author = self.me.clone();
        Message { seq: ack.seq, id: ack.id, ts: ack.ts, by, cid: ack.cid, body }
    }
}

/// Names may change; who it is does not.
pub(super) fn same_person(a: &Author, b: &Author) -> bool {
    match (a, b) {
        (Author::Customer, Author::Customer) => true,
        (Author::Agent { id: a, .. }, Author::Agent { id: b, .. }) => a == b,
        (Author::Customer, Author::Agent { .. }) | (Author::Agent { .. }, Author::Customer) => false,
    }
}

fn plain(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Unknown { .. } => String::new(),
    }
}
