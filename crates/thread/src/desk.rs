//! The agent's side: one link, many conversations, and the list of all threads.
//!
//! The list follows a version number like a log of its own: rows newer than `ver` are asked for once after every
//! connect and again with every heartbeat, so that a push that never came costs one heartbeat and nothing else.

use std::collections::{BTreeMap, VecDeque};

use rejoin_protocol::{
    AgentId, Author, ClientFrame, Empty, Envelope, Hello, InboxSince, Me, Open, PROTOCOL_VERSION, Ping,
    Row as InboxRow, ServerFrame, ThreadId, Ticket, close,
};

use crate::conversation::Effect;
use crate::link::LinkAction;
use crate::{
    Conversation, Input, Link, OutboxRecord, Output, Page, Record, Rng, Row, StateLine, Stored, Time, Write,
    timeline,
};

/// What can happen to a desk beyond what can happen to one thread.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskInput {
    /// Open a thread.
    Open(ThreadId),
    /// Close it; what is still to be sent is sent first.
    Close(ThreadId),
    /// Something the agent does in a thread.
    In(ThreadId, Input),
    /// The socket of this number is open, with a fresh ticket for its `hello`.
    Opened(u32, Ticket),
    /// Anything of [`Input`] that concerns the page, storage, the connection or time.
    Rest(Input),
}

/// An agent's desk.
#[derive(Clone, Debug)]
pub struct Desk {
    link: Link,
    me: Option<Author>,
    rows: BTreeMap<ThreadId, InboxRow>,
    ver: u64,
    complete: bool,
    open: BTreeMap<ThreadId, Conversation>,
    closing: Vec<ThreadId>,
    was_up: bool,
    left: bool,
    kept: bool,
    out: VecDeque<Output>,
}

impl Desk {
    /// An empty desk; it connects as soon as storage has been read ([`Input::Restored`]).
    pub fn new(seed: u64) -> Desk {
        Desk {
            link: Link::new(Rng::new(seed)),
            me: None,
            rows: BTreeMap::new(),
            ver: 0,
            complete: false,
            open: BTreeMap::new(),
            closing: Vec::new(),
            was_up: false,
            left: true,
            kept: true,
            out: VecDeque::new(),
        }
    }

    /// Takes an input. Outputs must have been drained before.
    pub fn handle(&mut self, now: Time, input: DeskInput) {
        debug_assert!(self.out.is_empty(), "drain poll_output before the next input");
        match input {
            DeskInput::Open(thread) => self.open(now, thread),
            DeskInput::Close(thread) => self.closing.push(thread),
            DeskInput::In(thread, input) => self.inside(now, thread, input),
            DeskInput::Opened(n, ticket) if self.link.is_current(n) => {
                self.link.opened(now);
                let hello =
                    Hello { v: PROTOCOL_VERSION, site: None, tok: None, ticket: Some(ticket), pos: None };
                self.transmit(None, ClientFrame::Hello(hello));
            }
            DeskInput::Opened(..) => {}
            DeskInput::Rest(input) => self.rest(now, input),
        }
        self.settle(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`Desk::handle`] with [`Input::Tick`].
    pub fn poll_timeout(&self) -> Option<Time> {
        let threads = self.open.values().filter_map(Conversation::poll_timeout).min();
        [self.link.poll_timeout(), threads].into_iter().flatten().min()
    }

    /// Who we are, once the server has said so.
    pub fn me(&self) -> Option<&Author> {
        self.me.as_ref()
    }

    /// All threads of the site.
    pub fn threads(&self) -> impl Iterator<Item = &InboxRow> {
        self.rows.values()
    }

    /// Whether the list is whole, not just begun.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// An open thread.
    pub fn conversation(&self, thread: ThreadId) -> Option<&Conversation> {
        self.open.get(&thread)
    }

    /// The open threads.
    pub fn conversations(&self) -> impl Iterator<Item = &Conversation> {
        self.open.values()
    }

    /// The connection, for reading.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The rows of an open thread's screen.
    pub fn rows(&self, thread: ThreadId, zone_min: i32) -> Vec<Row> {
        self.open
            .get(&thread)
            .map(|open| timeline::rows(open, self.link.is_up(), zone_min))
            .unwrap_or_default()
    }

    /// How things stand in an open thread.
    pub fn state_line(&self, thread: ThreadId) -> Option<StateLine> {
        self.open.get(&thread).map(|open| StateLine::of(&self.link, open, self.was_up))
    }

    /// Whether this browser keeps what is written.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    fn open(&mut self, now: Time, thread: ThreadId) {
        self.closing.retain(|closing| *closing != thread);
        if self.open.contains_key(&thread) {
            return;
        }
        let me = self.me.clone().unwrap_or(NOBODY);
        self.open.insert(thread, Conversation::new(me, Some(thread)));
        self.subscribe(now, thread);
    }

    fn subscribe(&mut self, now: Time, thread: ThreadId) {
        if let Some(open) = self.open.get_mut(&thread).filter(|_| self.link.is_up()) {
            let pos = open.resume();
            open.opening(now);
            self.transmit(Some(thread), ClientFrame::Open(Open { pos }));
        }
    }

    fn inside(&mut self, now: Time, thread: ThreadId, input: Input) {
        let Some(open) = self.open.get_mut(&thread) else { return };
        match input {
            Input::Submit { cid, cts, body } => {
                if open.submit(cid, cts, body.clone()) {
                    let entry = OutboxRecord { cid, cts, body, thread: Some(thread) };
                    self.out.push_back(Output::Persist(Some(cid), vec![Write::Put(Record::Outbox(entry))]));
                }
            }
            Input::Draft(text) => open.typing_now(now, !text.trim().is_empty()),
            Input::Retry(cid) => open.retry(now, cid),
            Input::Discard(cid) => {
                open.discard(cid);
            }
            Input::Edit(cid) => {
                if let Some(rejoin_protocol::Body::Text(text)) = open.discard(cid) {
                    self.out.push_back(Output::Compose(text));
                }
            }
            Input::Seen(upto) => open.seen(upto),
            Input::Viewing(viewing) => open.set_viewing(viewing),
            Input::LoadOlder => open.load_older(now),
            Input::Fill(first) => open.fill(now, first),
            rest @ (Input::Wake
            | Input::Page(_)
            | Input::Restored(_)
            | Input::Stored(..)
            | Input::Opened(_)
            | Input::Frame(..)
            | Input::Garbled(_)
            | Input::Closed(..)
            | Input::Tick) => self.rest(now, rest),
        }
    }

    fn rest(&mut self, now: Time, input: Input) {
        match input {
            Input::Wake => {
                let action = self.link.wake(now);
                self.act(action);
            }
            Input::Page(page) => self.page(now, page),
            Input::Restored(records) => self.restored(now, records),
            Input::Stored(cid, stored) => {
                self.kept &= stored != Stored::Failed;
                self.open.values_mut().for_each(|open| open.stored(now, cid));
            }
            Input::Frame(n, envelope) if self.link.is_current(n) => self.frame(now, envelope),
            Input::Garbled(n) if self.link.is_current(n) => self.reconnect(now),
            Input::Closed(n, code, retry_ms) if self.link.is_current(n) => self.closed(now, code, retry_ms),
            Input::Tick => {
                let action = self.link.tick(now);
                self.act(action);
                self.open.values_mut().for_each(|open| open.tick(now));
            }
            // A desk's socket opens with a ticket; the rest concerns one thread and came without its name.
            Input::Frame(..)
            | Input::Garbled(_)
            | Input::Closed(..)
            | Input::Opened(_)
            | Input::Submit { .. }
            | Input::Draft(_)
            | Input::Retry(_)
            | Input::Discard(_)
            | Input::Edit(_)
            | Input::Seen(_)
            | Input::Viewing(_)
            | Input::LoadOlder
            | Input::Fill(_) => {}
        }
    }

    fn page(&mut self, now: Time, page: Page) {
        match page {
            Page::Visible | Page::Back => {
                self.left = false;
                self.link.set_visible(true);
                self.probe(now);
            }
            Page::Hidden => self.link.set_visible(false),
            Page::Online | Page::Offline => self.probe(now),
            Page::Leaving => {
                self.left = true;
                let action = self.link.leave();
                self.act(action);
            }
        }
    }

    fn restored(&mut self, now: Time, records: Vec<Record>) {
        self.left = false;
        let mut entries = Vec::new();
        for record in records {
            if let Record::Outbox(entry) = record {
                entry.insert_into(&mut entries);
            }
        }
        for OutboxRecord { cid, cts, body, thread } in entries {
            let Some(thread) = thread else { continue };
            self.open(now, thread);
            if let Some(open) = self.open.get_mut(&thread) {
                open.take_back(now, cid, cts, body);
            }
        }
    }

    fn frame(&mut self, now: Time, envelope: Envelope<ServerFrame>) {
        self.link.heard(now);
        match (envelope.frame, envelope.t) {
            (ServerFrame::Welcome(welcome), _) => {
                self.link.welcomed(now);
                self.was_up = true;
                if let Me::Agent { id, name } = welcome.me {
                    let me = Author::Agent { id, name };
                    self.open.values_mut().for_each(|open| open.set_me(me.clone()));
                    self.me = Some(me);
                }
                self.ask_rows();
                let threads: Vec<ThreadId> = self.open.keys().copied().collect();
                threads.into_iter().for_each(|thread| self.subscribe(now, thread));
            }
            (ServerFrame::Rows(rows), _) => {
                // A restore raises the upper half of every version: threads that it took away are in no row.
                if rows.ver >> 32 > self.ver >> 32 {
                    self.rows.clear();
                }
                self.ver = self.ver.max(rows.ver);
                self.complete |= !rows.more;
                for row in rows.rows {
                    if self.rows.get(&row.thread).is_none_or(|held| held.ver < row.ver) {
                        self.rows.insert(row.thread, row);
                    }
                }
            }
            (ServerFrame::Hb(hb), _) => {
                self.open.values_mut().for_each(|open| open.beat(now, &hb.heads));
                self.ask_rows();
                self.probe(now);
            }
            (ServerFrame::Pong(_), _) => self.link.ponged(),
            (ServerFrame::Drain(drain), _) => {
                self.out.push_back(Output::Disconnect(self.link.number()));
                self.closed(now, close::LATER, Some(drain.in_ms));
            }
            (frame, Some(thread)) => {
                if let Some(open) = self.open.get_mut(&thread) {
                    open.frame(now, frame);
                }
            }
            (_, None) => {}
        }
    }

    fn probe(&mut self, now: Time) {
        let action = self.link.probe(now);
        self.act(action);
    }

    fn ask_rows(&mut self) {
        self.transmit(None, ClientFrame::Inbox(InboxSince { ver: self.ver }));
    }

    fn closed(&mut self, now: Time, code: u16, retry_ms: Option<u64>) {
        self.link.closed(now, code, retry_ms);
        self.open.values_mut().for_each(Conversation::closed);
    }

    fn reconnect(&mut self, now: Time) {
        let action = self.link.fail(now);
        self.act(Some(action));
    }

    fn transmit(&mut self, t: Option<ThreadId>, frame: ClientFrame) {
        self.out.push_back(Output::Transmit(self.link.number(), Envelope { t, frame }));
    }

    fn act(&mut self, action: Option<LinkAction>) {
        match action {
            Some(LinkAction::Connect(n)) => self.out.push_back(Output::Connect(n)),
            Some(LinkAction::Disconnect(n)) => {
                self.out.push_back(Output::Disconnect(n));
                self.open.values_mut().for_each(Conversation::closed);
            }
            Some(LinkAction::Ping(n)) => self.transmit(None, ClientFrame::Ping(Ping { n })),
            None => {}
        }
    }

    fn settle(&mut self, now: Time) {
        let threads: Vec<ThreadId> = self.open.keys().copied().collect();
        for thread in threads {
            while let Some(effect) = self.open.get_mut(&thread).and_then(Conversation::poll) {
                match effect {
                    Effect::Transmit(frame) => self.transmit(Some(thread), frame),
                    Effect::Reopen => self.subscribe(now, thread),
                    Effect::Probe => self.probe(now),
                    Effect::Reconnect => self.reconnect(now),
                    Effect::Settled(cid) => {
                        self.out.push_back(Output::Persist(None, vec![Write::Settle(cid)]))
                    }
                    Effect::Announce(arrival) => self.out.push_back(Output::Announce(arrival)),
                    Effect::LogChanged => {}
                }
            }
        }
        self.finish_closing();
        let action = self.link.want(now, !self.left);
        self.act(action);
    }

    /// Closes what was to be closed and has nothing left to send.
    fn finish_closing(&mut self) {
        let (open, mut closed) = (&mut self.open, Vec::new());
        self.closing.retain(|thread| {
            let done = open.get(thread).is_none_or(|open| open.outbox().unsent() == 0);
            if done && open.remove(thread).is_some() {
                closed.push(*thread);
            }
            !done
        });
        if self.link.is_up() {
            closed.into_iter().for_each(|thread| self.transmit(Some(thread), ClientFrame::Close(Empty {})));
        }
    }
}

/// Stands in until the server has said who we are; no frame is sent under it.
const NOBODY: Author = Author::Agent { id: AgentId::from_bytes([0; 16]), name: String::new() };
