//! One connection as a value: frames and notes in, frames and questions out. No socket, no clock, no randomness.
//!
//! ```text
//!            ┌───────────── hello again ──────────────┐
//!            ▼                                        │
//! Greeting ──hello──► Admitting ──device unknown──► Customer{thread: none} ──first send──► Customer{thread}
//!     │                   │  └────device known──────────────────────────────────────────────────▲
//!     │                   └──ticket──► Agent{open threads}
//!     └─ no hello in time, wrong secret, wrong origin, bad frame, too fast, bye, drain ──► Closed
//! ```
//!
//! The subscription to a thread is drawn in `session/subscription.rs`; how an agent follows the thread list in
//! `session/inbox.rs`.
//!
//! # How it is driven
//! [`Session::handle`], then [`Session::poll_output`] until `None`, then wait for the next input or for
//! [`Session::poll_timeout`], whichever is first. `now` never goes backwards.
//!
//! One question is outstanding at most. Frames that arrive meanwhile wait inside, in order and bounded; what other
//! connections announce is reduced to numbers at once. So a connection's memory is bounded whatever its peer does.
//!
//! A question that is out must be answered to the session even after the socket is gone, and the outputs drained:
//! what was committed must still be announced to the others.

mod admission;
mod answers;
mod beat;
mod conn;
mod frames;
mod inbox;
mod io;
mod send;
mod speak;
mod subscription;
mod waiting;

use std::collections::{BTreeMap, VecDeque};

use rejoin_protocol::{
    AgentId, Author, ClientFrame, ClientMessageId, DeviceId, Drain, Envelope, Err, ErrorCode, Hello,
    ServerFrame, Side, SiteName, ThreadId, close, limits::HELLO_WAIT_MS,
};

use self::beat::Beat;
use self::inbox::Inbox;
use self::subscription::Sub;
use self::waiting::Waiting;
use super::Ids;
use super::rate::{Bucket, FRAMES};
use super::request::Agent;

pub use conn::Conn;
pub use io::{Input, Note, Output, Topic};

/// When the store failed, it is asked again after this: long enough not to add to its trouble.
const STORE_RETRY_MS: u64 = 1_000;

/// One connection.
pub struct Session {
    conn: Conn,
    state: State,
    /// The site of whoever is there, kept to the end: what was committed is announced even after closing.
    site: Option<SiteName>,
    /// What the outstanding question is about.
    asked: Option<Asked>,
    waiting: Waiting,
    subs: BTreeMap<ThreadId, Sub>,
    inbox: Option<Inbox>,
    beat: Beat,
    rates: Rates,
    /// The delay to tell the client once nothing is outstanding.
    drain: Option<u64>,
    /// Reads and frames take turns, so that neither starves the other.
    frame_next: bool,
    out: VecDeque<Output>,
}

enum State {
    /// Nothing said yet; closed if that is still so at `until`.
    Greeting {
        until: u64,
    },
    /// The store or the ticket table is asked who this is.
    Admitting,
    Customer(Customer),
    Agent(Agent),
    Closed,
}

/// A customer's device, or a visitor's.
struct Customer {
    site: SiteName,
    /// What the device proves itself with; a visitor may have none yet.
    device: Option<Device>,
    thread: Option<ThreadId>,
}

#[derive(Clone, Copy)]
struct Device {
    did: DeviceId,
    secret_hash: [u8; 32],
}

/// What the answer to the outstanding question is for.
enum Asked {
    Device(Box<Hello>),
    Ticket,
    Open(ThreadId),
    Append {
        cid: ClientMessageId,
        thread: Option<ThreadId>,
    },
    Events(ThreadId),
    Page(ThreadId),
    Mark {
        thread: ThreadId,
        side: Side,
    },
    Heads,
    /// Whether a visitor is one still.
    Visitor,
    Rows,
}

#[derive(Default)]
struct Rates {
    frames: Bucket,
    hellos: Bucket,
    sends: Bucket,
    fetches: Bucket,
    typings: Bucket,
}

impl Session {
    /// A connection that was just accepted.
    pub fn new(conn: Conn, now: u64) -> Session {
        let beat = Beat::new(conn.spread, now);
        Session {
            conn,
            state: State::Greeting { until: now + HELLO_WAIT_MS },
            site: None,
            asked: None,
            waiting: Waiting::default(),
            subs: BTreeMap::new(),
            inbox: None,
            beat,
            rates: Rates::default(),
            drain: None,
            frame_next: true,
            out: VecDeque::new(),
        }
    }

    /// Takes one input. Never fails and never blocks: what is wrong is said to the peer.
    pub fn handle(&mut self, now: u64, ids: &mut dyn Ids, input: Input) {
        match input {
            Input::Frame(envelope) => self.on_arrival(now, envelope),
            Input::Malformed(err) => self.refuse(err, close::BAD_FRAME),
            Input::Reply(reply) => self.on_reply(now, reply),
            Input::StoreFailed => self.on_store_failed(now),
            Input::Redeemed(agent) => self.on_redeemed(now, agent),
            Input::Note(note) => self.on_note(note),
            Input::Drain(in_ms) => self.drain = Some(in_ms),
            Input::Tick => self.on_tick(now),
        }
        while self.asked.is_none() && self.next(now, ids) {}
    }

    /// The next thing to carry out. Drained to `None` before the next [`Session::handle`].
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call `handle` with [`Input::Tick`], in ms since 1970, if nothing happens before.
    pub fn poll_timeout(&self) -> Option<u64> {
        match &self.state {
            State::Greeting { until } => Some(*until),
            State::Admitting | State::Closed => None,
            State::Customer(_) | State::Agent(_) => {
                if self.asked.is_some() {
                    return Some(self.beat.at());
                }
                let retries = self.subs.values().filter_map(|sub| sub.retry_at());
                let inbox = self.inbox.as_ref().and_then(Inbox::retry_at);
                retries.chain(inbox).chain([self.beat.at()]).min()
            }
        }
    }

    /// Whether it asked to be closed: nothing more will be sent.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Does one thing that is due and says whether there may be more.
    fn next(&mut self, now: u64, ids: &mut dyn Ids) -> bool {
        if matches!(self.state, State::Closed) {
            return false;
        }
        if let Some(in_ms) = self.drain {
            self.send(None, ServerFrame::Drain(Drain { in_ms }));
            self.close(close::LATER, format!("retry={in_ms}"));
            return false;
        }
        if self.beat.is_due() {
            self.start_beat(now);
            return true;
        }
        let frame_first = std::mem::replace(&mut self.frame_next, true);
        if (!frame_first || self.waiting.is_empty()) && self.start_read(now) {
            return true;
        }
        if let Some(envelope) = self.waiting.pop() {
            self.frame_next = false;
            self.on_frame(now, ids, envelope);
            return true;
        }
        self.start_read(now)
    }

    /// Starts one read of what is known to be missing, if anything is.
    fn start_read(&mut self, now: u64) -> bool {
        self.start_catch_up(now) || self.start_rows(now)
    }

    fn on_arrival(&mut self, now: u64, envelope: Envelope<ClientFrame>) {
        if self.is_closed() {
            return;
        }
        if self.rates.frames.take(FRAMES, now).is_err() {
            return self.refuse(fatal(ErrorCode::Rate, "too many frames"), close::RATE);
        }
        let known = matches!(self.state, State::Customer(_) | State::Agent(_));
        if known && self.on_urgent(now, &envelope) {
            return;
        }
        if !self.waiting.push(envelope) {
            self.refuse(fatal(ErrorCode::Rate, "too many frames wait for an answer"), close::RATE);
        }
    }

    fn on_note(&mut self, note: Note) {
        match note {
            Note::Event(thread, event) => self.on_event_note(thread, &event),
            Note::Head(thread, head) => self.on_head(thread, head),
            Note::Marks(thread, side, marks) => self.on_marks(thread, side, marks),
            Note::Typing(thread, by, ttl_ms) => self.on_typing(thread, by, ttl_ms),
            Note::Inbox(site, ver) => self.on_inbox_note(&site, ver),
            Note::Revoked(thread, did) => self.on_revoked(thread, did),
        }
    }

    fn on_tick(&mut self, now: u64) {
        match &self.state {
            State::Greeting { until } if *until <= now => {
                // Not a broken client but a slow line: coming back is the cure.
                self.refuse(fatal(ErrorCode::HelloFirst, "no hello in time"), close::SLOW);
            }
            State::Greeting { .. } | State::Admitting | State::Closed => {}
            State::Customer(_) | State::Agent(_) => self.beat.tick(now),
        }
    }

    const fn is_agent(&self) -> bool {
        matches!(self.state, State::Agent(_))
    }

    /// Who speaks here.
    fn author(&self) -> Author {
        match &self.state {
            State::Agent(agent) => Author::Agent { id: agent.id, name: agent.name.clone() },
            State::Greeting { .. } | State::Admitting | State::Customer(_) | State::Closed => {
                Author::Customer
            }
        }
    }

    /// Which agent this is.
    const fn agent_id(&self) -> Option<AgentId> {
        match &self.state {
            State::Agent(agent) => Some(agent.id),
            State::Greeting { .. } | State::Admitting | State::Customer(_) | State::Closed => None,
        }
    }
}

/// An error after which the connection closes.
fn fatal(code: ErrorCode, detail: &str) -> Err {
    Err { code, fatal: true, detail: Some(detail.to_owned()) }
}
