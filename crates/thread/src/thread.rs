//! The customer's side: one link, one conversation, and what is kept between visits. The only place where they meet.

use std::collections::VecDeque;

use rejoin_protocol::{
    Author, Body, ClientFrame, ClientMessageId, DeviceToken, Envelope, Hello, PROTOCOL_VERSION, Ping,
    ServerFrame, SiteName, close,
};

use crate::conversation::Effect;
use crate::link::LinkAction;
use crate::{
    Conversation, Input, Link, LinkState, OutboxRecord, Output, Page, Record, Rng, Row, StateLine,
    StopReason, Stored, Time, Write, timeline,
};

/// The draft is written down this long after the last keystroke at the latest.
const DRAFT_WITHIN_MS: u64 = 500;

/// The kept page of the log is a cache: it may lag this much behind.
const LOG_WITHIN_MS: u64 = 1_000;

/// A page out of view for so long, with nothing to send, lets go of its connection.
const IDLE_AFTER_MS: u64 = 300_000;

/// What a thread needs to begin.
#[derive(Clone, Debug)]
pub struct Config {
    /// The site in the embed tag.
    pub site: SiteName,
    /// For jitter, not for secrets.
    pub seed: u64,
    /// A fresh token from the browser's cryptographic source. It is used, and kept, only if this browser has none
    /// when the first message is sent.
    pub spare: DeviceToken,
}

/// One customer's conversation with a site.
#[derive(Clone, Debug)]
pub struct Thread {
    config: Config,
    link: Link,
    conversation: Conversation,
    token: Option<DeviceToken>,
    claiming: bool,
    started: bool,
    awake: bool,
    left: bool,
    hidden_since: Option<Time>,
    was_up: bool,
    reauthenticating: bool,
    kept: bool,
    draft: String,
    draft_due: Option<Time>,
    log_due: Option<Time>,
    out: VecDeque<Output>,
}

impl Thread {
    /// A thread that waits for [`Input::Restored`].
    pub fn new(config: Config) -> Thread {
        Thread {
            link: Link::new(Rng::new(config.seed)),
            conversation: Conversation::new(Author::Customer, None),
            config,
            token: None,
            claiming: false,
            started: false,
            awake: false,
            left: false,
            hidden_since: None,
            was_up: false,
            reauthenticating: false,
            kept: true,
            draft: String::new(),
            draft_due: None,
            log_due: None,
            out: VecDeque::new(),
        }
    }

    /// Takes an input. Never fails, never blocks. Outputs must have been drained before.
    pub fn handle(&mut self, now: Time, input: Input) {
        debug_assert!(self.out.is_empty(), "drain poll_output before the next input");
        match input {
            Input::Submit { cid, cts, body } => self.submit(now, cid, cts, body),
            Input::Draft(text) => self.set_draft(now, text),
            Input::Retry(cid) => self.conversation.retry(now, cid),
            Input::Discard(cid) => {
                self.conversation.discard(cid);
            }
            Input::Edit(cid) => self.edit(now, cid),
            Input::Seen(upto) => self.conversation.seen(upto),
            Input::Viewing(viewing) => {
                self.awake |= viewing;
                self.conversation.set_viewing(viewing);
            }
            Input::LoadOlder => self.conversation.load_older(now),
            Input::Fill(first) => self.conversation.fill(now, first),
            Input::Wake => self.wake(now),
            Input::Page(page) => self.page(now, page),
            Input::Restored(records) => self.restored(now, records),
            Input::Stored(cid, stored) => self.stored(now, cid, stored),
            Input::Opened(n) if self.link.is_current(n) => {
                self.link.opened(now);
                self.hello(now);
            }
            Input::Frame(n, envelope) if self.link.is_current(n) => self.frame(now, envelope.frame),
            Input::Garbled(n) if self.link.is_current(n) => self.reconnect(now),
            Input::Closed(n, code, retry_ms) if self.link.is_current(n) => self.closed(now, code, retry_ms),
            Input::Opened(_) | Input::Frame(..) | Input::Garbled(_) | Input::Closed(..) => {}
            Input::Tick => self.tick(now),
        }
        self.settle(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`Thread::handle`] with [`Input::Tick`].
    pub fn poll_timeout(&self) -> Option<Time> {
        let idle = self
            .hidden_since
            .map(|since| since + IDLE_AFTER_MS)
            .filter(|_| self.link.state() != LinkState::Off && self.may_idle());
        let parts =
            [self.link.poll_timeout(), self.conversation.poll_timeout(), self.draft_due, self.log_due, idle];
        parts.into_iter().flatten().min()
    }

    /// The conversation, for reading.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// The connection, for reading.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The rows of the screen; `zone_min` as in [`timeline::rows`].
    pub fn rows(&self, zone_min: i32) -> Vec<Row> {
        timeline::rows(&self.conversation, self.link.is_up(), zone_min)
    }

    /// How things stand.
    pub fn state_line(&self) -> StateLine {
        StateLine::of(&self.link, &self.conversation, self.was_up)
    }

    /// Whether storage has been read: until then what is shown is nothing yet, rather than empty.
    pub fn is_restored(&self) -> bool {
        self.started
    }

    /// What stands in the composer.
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// Whether this browser keeps what is written; if not, it lives in this tab only.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    // The person.

    fn submit(&mut self, now: Time, cid: ClientMessageId, cts: u64, body: Body) {
        if !self.conversation.submit(cid, cts, body.clone()) {
            return;
        }
        self.awake = true;
        let mut writes = Vec::with_capacity(3);
        if self.token.is_none() && !self.claiming {
            self.claiming = true;
            writes.push(Write::Claim(self.config.spare));
        }
        writes.push(Write::Put(Record::Outbox(OutboxRecord { cid, cts, body, thread: None })));
        if !self.draft.is_empty() {
            self.draft.clear();
            writes.push(Write::ForgetDraft);
        }
        self.draft_due = None;
        self.out.push_back(Output::Persist(Some(cid), writes));
        if let LinkState::Backoff(_) = self.link.state() {
            self.wake(now);
        }
    }

    fn set_draft(&mut self, now: Time, text: String) {
        if text == self.draft {
            return;
        }
        self.conversation.typing_now(now, !text.trim().is_empty());
        self.draft = text;
        self.draft_due.get_or_insert(now + DRAFT_WITHIN_MS);
    }

    fn edit(&mut self, now: Time, cid: ClientMessageId) {
        if let Some(Body::Text(text)) = self.conversation.discard(cid) {
            let draft = if self.draft.is_empty() { text } else { format!("{text}\n{}", self.draft) };
            self.out.push_back(Output::Compose(draft.clone()));
            self.set_draft(now, draft);
        }
    }

    fn wake(&mut self, now: Time) {
        self.awake = true;
        let action = self.link.wake(now);
        self.act(action);
    }

    // The page.

    fn page(&mut self, now: Time, page: Page) {
        match page {
            Page::Visible | Page::Back => {
                self.left = false;
                self.hidden_since = None;
                self.link.set_visible(true);
                // Another tab may have written meanwhile: a first message, or an outbox it could not send.
                if self.started {
                    self.out.push_back(Output::Reload);
                }
                self.probe(now);
            }
            Page::Hidden => {
                self.hidden_since.get_or_insert(now);
                self.link.set_visible(false);
                self.flush();
            }
            Page::Online | Page::Offline => self.probe(now),
            Page::Leaving => {
                self.left = true;
                self.flush();
                let action = self.link.leave();
                self.act(action);
                self.conversation.closed();
            }
        }
    }

    fn probe(&mut self, now: Time) {
        let action = self.link.probe(now);
        self.act(action);
    }

    // Storage.

    fn restored(&mut self, now: Time, records: Vec<Record>) {
        let mut outbox = Vec::new();
        for record in records {
            match record {
                Record::Token(token) => self.adopt(now, token),
                Record::Draft(text) if self.draft.is_empty() && !self.started => {
                    self.draft = text;
                }
                Record::Draft(_) => {}
                Record::Outbox(entry) => entry.insert_into(&mut outbox),
                Record::Log(log) => self.conversation.restore(*log),
            }
        }
        for OutboxRecord { cid, cts, body, .. } in outbox {
            self.conversation.take_back(now, cid, cts, body);
        }
        self.started = true;
    }

    /// Storage names the token; it may be another than ours, written by another tab.
    fn adopt(&mut self, now: Time, token: DeviceToken) {
        if self.token == Some(token) {
            return;
        }
        self.token = Some(token);
        if matches!(self.link.state(), LinkState::Greeting(_) | LinkState::Up(_)) {
            self.hello(now);
        } else if self.link.state() == LinkState::Stopped(StopReason::Auth) {
            self.wake(now);
        }
    }

    fn stored(&mut self, now: Time, cid: ClientMessageId, stored: Stored) {
        self.kept &= stored != Stored::Failed;
        let token = match stored {
            Stored::Claimed(token) => Some(token),
            Stored::Kept | Stored::Failed if self.claiming => Some(self.config.spare),
            Stored::Kept | Stored::Failed => None,
        };
        if let Some(token) = token.filter(|_| self.claiming) {
            self.claiming = false;
            self.adopt(now, token);
        }
        self.conversation.stored(now, cid);
    }

    /// Writes down what is due, all in one.
    fn flush(&mut self) {
        let mut writes = Vec::new();
        if self.draft_due.take().is_some() {
            let forget = self.draft.is_empty();
            writes.push(if forget {
                Write::ForgetDraft
            } else {
                Write::Put(Record::Draft(self.draft.clone()))
            });
        }
        if self.log_due.take().is_some() {
            writes.extend(self.log_write());
        }
        if !writes.is_empty() {
            self.out.push_back(Output::Persist(None, writes));
        }
    }

    fn log_write(&self) -> Option<Write> {
        self.conversation.log_record().map(|log| Write::Put(Record::Log(Box::new(log))))
    }

    // The connection.

    fn hello(&mut self, now: Time) {
        let pos = self.token.and_then(|_| self.conversation.resume());
        let site = Some(self.config.site.clone());
        let hello = Hello { v: PROTOCOL_VERSION, site, tok: self.token, ticket: None, pos };
        self.transmit(ClientFrame::Hello(hello));
        self.conversation.opening(now);
    }

    fn frame(&mut self, now: Time, frame: ServerFrame) {
        self.link.heard(now);
        match frame {
            ServerFrame::Welcome(_) => {
                self.link.welcomed(now);
                self.was_up = true;
                self.reauthenticating = false;
            }
            ServerFrame::Hb(hb) => {
                self.conversation.beat(now, &hb.heads);
                self.probe(now);
            }
            ServerFrame::Pong(_) => self.link.ponged(),
            ServerFrame::Drain(drain) => {
                self.out.push_back(Output::Disconnect(self.link.number()));
                self.closed(now, close::LATER, Some(drain.in_ms));
            }
            ServerFrame::Opened(_)
            | ServerFrame::Snap(_)
            | ServerFrame::Ev(_)
            | ServerFrame::Synced(_)
            | ServerFrame::Ack(_)
            | ServerFrame::Nack(_)
            | ServerFrame::Page(_)
            | ServerFrame::Cur(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Rows(_)
            | ServerFrame::Err(_)
            | ServerFrame::Unknown { .. } => self.conversation.frame(now, frame),
        }
    }

    fn closed(&mut self, now: Time, code: u16, retry_ms: Option<u64>) {
        self.link.closed(now, code, retry_ms);
        self.conversation.closed();
        // Another tab may hold a newer token: look once before giving up.
        if self.link.state() == LinkState::Stopped(StopReason::Auth)
            && !std::mem::replace(&mut self.reauthenticating, true)
        {
            self.out.push_back(Output::Reload);
        }
    }

    fn reconnect(&mut self, now: Time) {
        let action = self.link.fail(now);
        self.act(Some(action));
        self.conversation.closed();
    }

    fn transmit(&mut self, frame: ClientFrame) {
        self.out.push_back(Output::Transmit(self.link.number(), Envelope::plain(frame)));
    }

    fn act(&mut self, action: Option<LinkAction>) {
        match action {
            Some(LinkAction::Connect(n)) => self.out.push_back(Output::Connect(n)),
            Some(LinkAction::Disconnect(n)) => {
                self.out.push_back(Output::Disconnect(n));
                self.conversation.closed();
            }
            Some(LinkAction::Ping(n)) => self.transmit(ClientFrame::Ping(Ping { n })),
            None => {}
        }
    }

    // Time.

    fn tick(&mut self, now: Time) {
        let action = self.link.tick(now);
        self.act(action);
        self.conversation.tick(now);
        if self.draft_due.is_some_and(|due| due <= now) || self.log_due.is_some_and(|due| due <= now) {
            self.flush();
        }
    }

    fn may_idle(&self) -> bool {
        self.conversation.outbox().unsent() == 0
    }

    fn is_wanted(&self, now: Time) -> bool {
        let idle = self.may_idle() && self.hidden_since.is_some_and(|since| since + IDLE_AFTER_MS <= now);
        self.started && !self.left && !idle && (self.awake || self.token.is_some())
    }

    /// Carries out what the conversation asks for, and lets the link follow what is wanted.
    fn settle(&mut self, now: Time) {
        while let Some(effect) = self.conversation.poll() {
            match effect {
                Effect::Transmit(frame) => self.transmit(frame),
                Effect::Reopen if self.link.is_up() => self.hello(now),
                Effect::Reopen => {}
                Effect::Probe => self.probe(now),
                Effect::Reconnect => self.reconnect(now),
                Effect::Settled(cid) => {
                    let log = self.log_write();
                    self.log_due = None;
                    let writes = std::iter::once(Write::Settle(cid)).chain(log).collect();
                    self.out.push_back(Output::Persist(None, writes));
                }
                Effect::LogChanged => {
                    self.log_due.get_or_insert(now + LOG_WITHIN_MS);
                }
                Effect::Announce(arrival) => self.out.push_back(Output::Announce(arrival)),
            }
        }
        let action = self.link.want(now, self.is_wanted(now));
        self.act(action);
    }
}
