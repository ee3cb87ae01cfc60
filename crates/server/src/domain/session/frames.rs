//! What a client says once it is known, frame by frame. A frame that is wrong in itself closes the connection and
//! names the field; a frame that asks for too much, or for what is not there, is answered and the connection goes on.

use rejoin_protocol::limits::{OPEN_THREADS_MAX, TYPING_TTL_MS};
use rejoin_protocol::{
    ClientFrame, Envelope, ErrorCode, Fetch, Marks, Open, Pong, Read, ServerFrame, Side, ThreadId, close,
};

use super::{Asked, Note, Output, Session, State, fatal};
use crate::domain::Ids;
use crate::domain::rate::{FETCHES, TYPINGS};
use crate::domain::request::Request;

/// A clean end, as WebSocket has it.
const NORMAL: u16 = 1000;

/// The thread a frame is about.
enum About {
    Thread(ThreadId),
    /// A visitor has none yet.
    None,
    /// The envelope does not fit the connection, which is closed for it.
    Refused,
}

impl Session {
    /// Answers what need not wait its turn: it neither asks the store nor depends on what was asked.
    pub(super) fn on_urgent(&mut self, now: u64, envelope: &Envelope<ClientFrame>) -> bool {
        if let ClientFrame::Ping(ping) = &envelope.frame {
            self.send(None, ServerFrame::Pong(Pong { n: ping.n }));
            true
        } else if let ClientFrame::Typing(typing) = &envelope.frame {
            self.on_own_typing(now, envelope.t, typing.on);
            true
        } else {
            false
        }
    }

    pub(super) fn on_frame(&mut self, now: u64, ids: &mut dyn Ids, envelope: Envelope<ClientFrame>) {
        if matches!(self.state, State::Greeting { .. } | State::Admitting) {
            return self.on_first_frame(now, envelope.frame);
        }
        if self.on_urgent(now, &envelope) {
            return;
        }
        let t = envelope.t;
        match envelope.frame {
            ClientFrame::Hello(hello) => self.on_hello(now, hello),
            ClientFrame::Open(open) => self.on_open(t, open),
            ClientFrame::Close(_) => self.on_close(t),
            ClientFrame::Send(send) => match self.about(t) {
                About::Thread(thread) => self.on_send(now, ids, Some(thread), send),
                About::None => self.on_send(now, ids, None, send),
                About::Refused => {}
            },
            ClientFrame::Read(read) => self.on_read(t, read),
            ClientFrame::Fetch(fetch) => self.on_fetch(now, t, fetch),
            ClientFrame::Inbox(_) if !self.is_agent() => self.for_agents_only("inbox"),
            ClientFrame::Inbox(since) => self.on_inbox(since),
            ClientFrame::Bye(_) => self.close(NORMAL, "bye".to_owned()),
            ClientFrame::Unknown { must } => self.on_unknown(must),
            ClientFrame::Ping(_) | ClientFrame::Typing(_) => {}
        }
    }

    fn on_first_frame(&mut self, now: u64, frame: ClientFrame) {
        match frame {
            ClientFrame::Hello(hello) => self.on_hello(now, hello),
            ClientFrame::Unknown { must } => self.on_unknown(must),
            ClientFrame::Bye(_) => self.close(NORMAL, "bye".to_owned()),
            ClientFrame::Open(_)
            | ClientFrame::Close(_)
            | ClientFrame::Send(_)
            | ClientFrame::Read(_)
            | ClientFrame::Typing(_)
            | ClientFrame::Fetch(_)
            | ClientFrame::Inbox(_)
            | ClientFrame::Ping(_) => {
                let detail = format!("{}: the first frame is hello", frame.name());
                self.refuse(fatal(ErrorCode::HelloFirst, &detail), close::BAD_FRAME);
            }
        }
    }

    /// Ignoring what a newer client says is safe unless it says otherwise.
    fn on_unknown(&mut self, must: bool) {
        if must {
            let detail = "this server does not know a frame that it must understand";
            self.refuse(fatal(ErrorCode::UnknownFrame, detail), close::BAD_FRAME);
        }
    }

    fn on_open(&mut self, t: Option<ThreadId>, open: Open) {
        if !self.is_agent() {
            return self.for_agents_only("open");
        }
        let About::Thread(thread) = self.about(t) else { return };
        if self.subs.len() >= OPEN_THREADS_MAX && !self.subs.contains_key(&thread) {
            let detail = format!("open: at most {OPEN_THREADS_MAX} threads; close one first");
            return self.complain(Some(thread), ErrorCode::Rate, &detail);
        }
        self.subscribe(thread, open.pos);
    }

    fn on_close(&mut self, t: Option<ThreadId>) {
        if !self.is_agent() {
            return self.for_agents_only("close");
        }
        if let About::Thread(thread) = self.about(t) {
            self.unsubscribe(thread);
        }
    }

    fn on_read(&mut self, t: Option<ThreadId>, read: Read) {
        let About::Thread(thread) = self.about(t) else { return };
        let side = if self.is_agent() { Side::Agent } else { Side::Customer };
        let Some(sub) = self.subs.get(&thread) else { return self.not_open(thread, "read") };
        let marks = Marks { read: read.upto.min(sub.known()), deliv: read.deliv.min(sub.known()) };
        let had = sub.marks(side);
        if marks.read > had.read || marks.deliv > had.deliv {
            self.ask(Asked::Mark { thread, side }, Request::Mark { thread, side, marks });
        }
    }

    fn on_fetch(&mut self, now: u64, t: Option<ThreadId>, fetch: Fetch) {
        let thread = match self.about(t) {
            About::Thread(thread) => thread,
            About::None => return self.complain(None, ErrorCode::NotFound, "fetch: there is no thread yet"),
            About::Refused => return,
        };
        let wrong = if fetch.before.is_some() && (fetch.from.is_some() || fetch.to.is_some()) {
            Some("fetch.before: not together with from and to")
        } else if fetch.to.is_some() && fetch.from.is_none() {
            Some("fetch.from: missing beside to")
        } else if fetch.limit == 0 {
            Some("fetch.limit: at least 1")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return self.refuse(fatal(ErrorCode::BadFrame, wrong), close::BAD_FRAME);
        }
        if !self.subs.contains_key(&thread) {
            return self.not_open(thread, "fetch");
        }
        if let Err(retry_ms) = self.rates.fetches.take(FETCHES, now) {
            let detail = format!("fetch: too many, again in {retry_ms} ms");
            return self.complain(Some(thread), ErrorCode::Rate, &detail);
        }
        self.ask(Asked::Page(thread), Request::Page { thread, fetch });
    }

    /// Relayed at most once and never stored; too many are dropped without a word, as nothing depends on one.
    fn on_own_typing(&mut self, now: u64, t: Option<ThreadId>, on: bool) {
        let About::Thread(thread) = self.about(t) else { return };
        let live = self.subs.get(&thread).is_some_and(super::Sub::is_live);
        if live && self.rates.typings.take(TYPINGS, now).is_ok() {
            let ttl_ms = if on { TYPING_TTL_MS } else { 0 };
            let by = self.author();
            self.out.push_back(Output::Publish(Note::Typing(thread, by, ttl_ms)));
        }
    }

    /// Which thread a frame is about: the one in its envelope for an agent, the only one for a customer.
    fn about(&mut self, t: Option<ThreadId>) -> About {
        let wrong = match (&self.state, t) {
            (State::Agent(_), Some(thread)) => return About::Thread(thread),
            (State::Customer(customer), None) => return customer.thread.map_or(About::None, About::Thread),
            (State::Agent(_), None) => "t: missing; an agent's frames name their thread",
            (State::Customer(_), Some(_)) => "t: a customer's connection has one thread and does not name it",
            (State::Greeting { .. } | State::Admitting | State::Closed, _) => return About::Refused,
        };
        self.refuse(fatal(ErrorCode::BadFrame, wrong), close::BAD_FRAME);
        About::Refused
    }

    fn for_agents_only(&mut self, frame: &str) {
        let detail = format!("{frame}: for agents only");
        self.refuse(fatal(ErrorCode::BadFrame, &detail), close::BAD_FRAME);
    }

    /// Not "not found": the thread may well be there, and opening it first is the cure.
    fn not_open(&mut self, thread: ThreadId, frame: &str) {
        self.complain(Some(thread), ErrorCode::Unavailable, &format!("{frame}: the thread is not open here"));
    }
}
