//! The heartbeat (protocol.md S4): every 25 ± 5 seconds this connection asks the store how far everything is that it
//! follows, says so to the client, and fetches what it missed: events, cursors, the thread list, a visitor's thread
//! that another tab has made. So a note that never came costs at most half a minute, and a client whose frames never
//! came learns of it.

use rejoin_protocol::limits::{HEARTBEAT_JITTER_MS, HEARTBEAT_MS};
use rejoin_protocol::{Hb, ServerFrame, Side, ThreadId};

use super::{Asked, Customer, Session, State};
use crate::domain::request::{DeviceAnswer, Head, Request};

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
        self.doubt_rows();
        let threads: Vec<ThreadId> = self.subs.keys().copied().collect();
        if !threads.is_empty() {
            self.ask(Asked::Heads, Request::Heads(threads));
        } else if let State::Customer(Customer { site, device: Some(device), thread: None }) = &self.state {
            let request =
                Request::Device { site: site.clone(), did: device.did, secret_hash: device.secret_hash };
            self.ask(Asked::Visitor, request);
        } else {
            self.send_beat(now);
        }
    }

    pub(super) fn on_heads(&mut self, now: u64, heads: Vec<Head>) {
        for Head { thread, head, read } in heads {
            self.on_head(thread, head);
            self.on_marks(thread, Side::Customer, read.customer);
            self.on_marks(thread, Side::Agent, read.agent);
        }
        self.send_beat(now);
    }

    /// Whether a visitor's device has a thread by now.
    pub(super) fn on_visitor_again(&mut self, now: u64, answer: DeviceAnswer) {
        match answer {
            DeviceAnswer::Unknown => self.send_beat(now),
            DeviceAnswer::Known(thread) => {
                if let State::Customer(customer) = &mut self.state {
                    customer.thread = Some(thread);
                }
                self.send_beat(now);
                self.subscribe(thread, None);
            }
            DeviceAnswer::WrongSecret | DeviceAnswer::Revoked => self.turn_away(answer),
        }
    }

    /// Says the heads as far as they are known.
    pub(super) fn send_beat(&mut self, now: u64) {
        let heads =
            self.subs.iter().filter(|(_, sub)| sub.is_live()).map(|(id, sub)| (*id, sub.known())).collect();
        self.send(None, ServerFrame::Hb(Hb { heads, now }));
    }
}
