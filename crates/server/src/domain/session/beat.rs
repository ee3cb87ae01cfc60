//! The heartbeat (protocol.md S4): every 25 ± 5 seconds the heads of all subscribed threads are read from the store,
//! said to the client, and whatever this connection missed is fetched. So a note that never came costs at most half
//! a minute, and a client whose frames never came learns of it.

use rejoin_protocol::limits::{HEARTBEAT_JITTER_MS, HEARTBEAT_MS};
use rejoin_protocol::{Hb, ServerFrame, ThreadId};

use super::{Asked, Session};
use crate::domain::request::Request;

/// When the next heartbeat is due. Times are spread by a small generator that the connection's own number seeds.
pub(super) struct Beat {
    at: u64,
    due: bool,
    spread: u64,
}

impl Beat {
    pub(super) fn new(spread: u64, now: u64) -> Beat {
        let mut beat = Beat { at: 0, due: false, spread };
        beat.schedule(now);
        beat
    }

    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    pub(super) const fn is_due(&self) -> bool {
        self.due
    }

    pub(super) fn tick(&mut self, now: u64) {
        if self.at <= now {
            self.due = true;
            self.schedule(now);
        }
    }

    fn schedule(&mut self, now: u64) {
        // splitmix64: enough to keep connections apart, and the same in every run.
        self.spread = self.spread.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.spread;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        self.at = now + HEARTBEAT_MS - HEARTBEAT_JITTER_MS + z % (2 * HEARTBEAT_JITTER_MS + 1);
    }
}

impl Session {
    pub(super) fn start_beat(&mut self, now: u64) {
        self.beat.due = false;
        let threads: Vec<ThreadId> = self.subs.keys().copied().collect();
        if threads.is_empty() {
            self.send_beat(now);
        } else {
            self.ask(Asked::Heads, Request::Heads(threads));
        }
    }

    pub(super) fn on_heads(&mut self, now: u64, heads: Vec<(ThreadId, u64)>) {
        for (thread, head) in heads {
            self.on_head(thread, head);
        }
        self.send_beat(now);
    }

    /// Says the heads as far as they are known.
    pub(super) fn send_beat(&mut self, now: u64) {
        let heads =
            self.subs.iter().filter(|(_, sub)| sub.is_live()).map(|(id, sub)| (*id, sub.known())).collect();
        self.send(None, ServerFrame::Hb(Hb { heads, now }));
    }
}
