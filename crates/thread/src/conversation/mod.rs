//! One thread as one side sees it: its history, its outbox, its cursors, and how they follow the server's log.
//!
//! ```text
//!  Closed ──subscribed──► Opening ──opened──► CatchingUp ──synced──► Live
//!    ▲                       ▲ ▲                 │                    │
//!    │                       │ └── no progress ──┘                    │
//!    │                       └──── something is missing, no progress ─┤
//!    └────────────────────────── link lost ◄──────────────────────────┘
//! ```
//!
//! The cursor (`pos`) is how far the log has been applied without a hole; it never follows the newest message that
//! happens to be held. What arrives beyond a hole is kept behind an explicit gap, asked for, and counted once the
//! hole is closed.

mod effects;
mod reconcile;
mod replies;

use std::collections::VecDeque;

use rejoin_protocol::limits::{TYPING_REPEAT_MS, TYPING_TTL_MS};
use rejoin_protocol::{
    Author, Body, ClientFrame, ClientMessageId, Fetch, Marks, Read, ReadState, Resume, Send, Side,
    StreamPosition, ThreadId, TypingOn,
};

use crate::outbox::{Entry, EntryState, Outbox};
use crate::{History, Time};

pub(crate) use effects::Effect;

/// No progress within this while something is known to be missing: subscribe again; twice: connect again (C4).
const PROGRESS_WITHIN_MS: u64 = 3_000;

/// The same while subscribing: a whole snapshot over a poor mobile network takes its time.
const REPLAY_WITHIN_MS: u64 = 15_000;

/// An older page not answered within this may be asked for again.
const PAGE_WITHIN_MS: u64 = 10_000;

/// How far the subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    /// No connection.
    Closed,
    /// Asked for, not answered.
    Opening,
    /// Answered; the replay is under way.
    CatchingUp,
    /// The replay is done; whether everything known to exist is here as well is [`Conversation::is_current`].
    Live,
}

/// A page asked for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    q: u32,
    since: Time,
}

/// One thread as one side sees it. Fed by its owner ([`crate::Thread`] or [`crate::Desk`]).
#[derive(Clone, Debug)]
pub struct Conversation {
    me: Author,
    id: Option<ThreadId>,
    pos: Option<StreamPosition>,
    last: Option<rejoin_protocol::MessageId>,
    head: u64,
    sync: Sync,
    history: History,
    outbox: Outbox,
    read: ReadState,
    told: Marks,
    typists: Vec<(Author, Time)>,
    typing_said: Option<Time>,
    viewing: bool,
    new_mark: Option<u64>,
    progress_until: Option<Time>,
    stalls: u32,
    questions: u32,
    older: Option<Wanted>,
    out: VecDeque<Effect>,
}

impl Conversation {
    /// An empty one, as seen by `me`.
    pub(crate) fn new(me: Author, id: Option<ThreadId>) -> Conversation {
        Conversation {
            me,
            id,
            pos: None,
            last: None,
            head: 0,
            sync: Sync::Closed,
            history: History::default(),
            outbox: Outbox::default(),
            read: ReadState::default(),
            told: Marks::default(),
            typists: Vec::new(),
            typing_said: None,
            viewing: false,
            new_mark: None,
            progress_until: None,
            stalls: 0,
            questions: 0,
            older: None,
            out: VecDeque::new(),
        }
    }

    /// Which thread, once there is one.
    pub fn id(&self) -> Option<ThreadId> {
        self.id
    }

    /// How far the log has been applied without a hole.
    pub fn position(&self) -> Option<StreamPosition> {
        self.pos
    }

    /// The confirmed messages.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The messages that are not yet known to be in the log.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// How far each side has got.
    pub fn read(&self) -> ReadState {
        self.read
    }

    /// Whether everything the server is known to have is here.
    pub fn is_current(&self) -> bool {
        self.sync == Sync::Live && self.cursor() >= self.head
    }

    /// Who we are in this conversation.
    pub fn me(&self) -> &Author {
        &self.me
    }

    /// The server has said who we are.
    pub(crate) fn set_me(&mut self, me: Author) {
        self.me = me;
    }

    /// The side this conversation is held on.
    pub fn side(&self) -> Side {
        self.me.side()
    }

    /// Who is typing on the other side or, among agents, beside us.
    pub fn typing(&self) -> impl Iterator<Item = &Author> {
        self.typists.iter().map(|(author, _)| author)
    }

    /// Where the "new messages" mark stands: after this sequence number.
    pub fn new_mark(&self) -> Option<u64> {
        self.new_mark
    }

    /// Whether older history exists that is not held.
    pub fn has_older(&self) -> bool {
        self.history.runs().first().is_some_and(|run| run.lo > 1)
    }

    /// Whether a page of history has been asked for.
    pub fn is_loading(&self) -> bool {
        self.older.is_some()
    }

    /// Messages of the other side that this side has not seen, among those held.
    pub fn unread(&self) -> usize {
        let read = self.my_marks().read;
        let theirs = |message: &&rejoin_protocol::Message| message.by.side() != self.side();
        self.history.messages().rev().take_while(|message| message.seq > read).filter(theirs).count()
    }

    /// The cursors of this side.
    pub fn my_marks(&self) -> Marks {
        self.marks_of(self.side())
    }

    /// The cursors of the other side.
    pub fn peer_marks(&self) -> Marks {
        self.marks_of(self.side().peer())
    }

    fn marks_of(&self, side: Side) -> Marks {
        match side {
            Side::Customer => self.read.customer,
            Side::Agent => self.read.agent,
        }
    }

    fn marks_mut(&mut self, side: Side) -> &mut Marks {
        match side {
            Side::Customer => &mut self.read.customer,
            Side::Agent => &mut self.read.agent,
        }
    }

    pub(crate) fn cursor(&self) -> u64 {
        self.pos.map_or(0, |pos| pos.seq)
    }

    /// The position to resume from.
    pub(crate) fn resume(&self) -> Option<Resume> {
        let (thread, pos) = self.id.zip(self.pos)?;
        Some(Resume { thread, epoch: pos.epoch, seq: pos.seq, id: self.last.filter(|_| pos.seq > 0) })
    }

    pub(crate) fn poll(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }

    // What the person does.

    pub(crate) fn submit(&mut self, cid: ClientMessageId, cts: u64, body: Body) -> bool {
        if body.check().is_err() || self.history.find(self.side(), cid).is_some() {
            return false;
        }
        self.new_mark = None;
        self.typing_said = None;
        self.outbox.push(Entry { cid, cts, body, state: EntryState::Saving })
    }

    /// An entry that storage has kept, taken as it is: an app with other limits may have let it through, and it is for
    /// the server to refuse it, not for us to lose it.
    pub(crate) fn take_back(&mut self, now: Time, cid: ClientMessageId, cts: u64, body: Body) {
        let is_settled = self.history.find(self.side(), cid).is_some();
        if !is_settled && self.outbox.push(Entry { cid, cts, body, state: EntryState::Saving }) {
            self.stored(now, cid);
        }
    }

    pub(crate) fn stored(&mut self, now: Time, cid: ClientMessageId) {
        self.outbox.stored(cid);
        self.pump(now);
    }

    pub(crate) fn retry(&mut self, now: Time, cid: ClientMessageId) {
        self.outbox.retry(cid);
        self.pump(now);
    }

    /// Drops a rejected entry and gives its text back.
    pub(crate) fn discard(&mut self, cid: ClientMessageId) -> Option<Body> {
        let entry = self.outbox.discard(cid)?;
        self.out.push_back(Effect::Settled(cid));
        Some(entry.body)
    }

    pub(crate) fn seen(&mut self, upto: u64) {
        let upto = upto.min(self.cursor());
        let side = self.side();
        if upto > self.marks_of(side).read {
            self.marks_mut(side).merge(Marks { read: upto, deliv: upto });
            self.out.push_back(Effect::LogChanged);
        }
        self.tell_marks();
    }

    pub(crate) fn set_viewing(&mut self, viewing: bool) {
        self.viewing = viewing;
        if !viewing && self.unread() == 0 {
            self.new_mark = None;
        }
    }

    /// The person types: said at most every three seconds, believed for six.
    pub(crate) fn typing_now(&mut self, now: Time, on: bool) {
        if !matches!(self.sync, Sync::CatchingUp | Sync::Live) || self.id.is_none() {
            return;
        }
        let due = self.typing_said.is_none_or(|said| said + TYPING_REPEAT_MS <= now);
        if on && due {
            self.typing_said = Some(now);
            self.out.push_back(Effect::Transmit(ClientFrame::Typing(TypingOn { on: true })));
        } else if !on && self.typing_said.take().is_some_and(|said| said + TYPING_TTL_MS > now) {
            self.out.push_back(Effect::Transmit(ClientFrame::Typing(TypingOn { on: false })));
        }
    }

    pub(crate) fn load_older(&mut self, now: Time) {
        let oldest = self.history.runs().first().map(|run| run.lo).filter(|lo| *lo > 1);
        if let Some(before) = oldest {
            self.ask_page(now, Some(before), None);
        }
    }

    pub(crate) fn fill(&mut self, now: Time, first: u64) {
        if let Some((from, to)) = first.checked_sub(1).and_then(|below| self.history.gap_above(below)) {
            self.ask_page(now, None, Some((from, to)));
        }
    }

    /// One page at a time; the newest part of a gap first, since that is where the reader comes from.
    fn ask_page(&mut self, now: Time, before: Option<u64>, range: Option<(u64, u64)>) {
        let asked = self.older.is_some_and(|wanted| wanted.since + PAGE_WITHIN_MS > now);
        if asked || !matches!(self.sync, Sync::CatchingUp | Sync::Live) {
            return;
        }
        let q = self.next_question();
        self.older = Some(Wanted { q, since: now });
        let limit = rejoin_protocol::limits::PAGE_EVENTS_MAX;
        let range = range.map(|(from, to)| (from.max(to.saturating_sub(u64::from(limit) - 1)), to));
        let (from, to) = range.unzip();
        self.out.push_back(Effect::Transmit(ClientFrame::Fetch(Fetch { q, before, from, to, limit })));
    }

    fn next_question(&mut self) -> u32 {
        self.questions = self.questions.wrapping_add(1);
        self.questions
    }

    // What the connection does.

    /// The subscription has been asked for.
    pub(crate) fn opening(&mut self, now: Time) {
        self.sync = Sync::Opening;
        self.outbox.link_lost();
        self.older = None;
        self.progress_until = Some(now + self.patience_ms());
    }

    /// The connection is gone.
    pub(crate) fn closed(&mut self) {
        self.sync = Sync::Closed;
        self.outbox.link_lost();
        self.typists.clear();
        self.typing_said = None;
        self.older = None;
        self.progress_until = None;
        self.stalls = 0;
    }

    pub(crate) fn tick(&mut self, now: Time) {
        self.typists.retain(|(_, until)| *until > now);
        if self.sync == Sync::Closed {
            return;
        }
        if self.outbox.overdue(now) {
            self.out.push_back(Effect::Probe);
        }
        self.pump(now);
        if self.progress_until.is_some_and(|until| until <= now) {
            self.stalled(now);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let typists = self.typists.iter().map(|(_, until)| *until).min();
        let sending = self.outbox.poll_timeout().filter(|_| self.can_send());
        [typists, sending, self.progress_until].into_iter().flatten().min()
    }

    /// Something is missing and nothing comes: ask again from where we are, and if that does not help either, take a
    /// new connection.
    fn stalled(&mut self, now: Time) {
        self.stalls += 1;
        self.progress_until = Some(now + self.patience_ms());
        self.out.push_back(if self.stalls < 2 { Effect::Reopen } else { Effect::Reconnect });
    }

    fn patience_ms(&self) -> u64 {
        if self.sync == Sync::Live { PROGRESS_WITHIN_MS } else { REPLAY_WITHIN_MS }
    }

    fn can_send(&self) -> bool {
        matches!(self.sync, Sync::CatchingUp | Sync::Live)
    }

    /// Sends the message whose turn it is.
    pub(crate) fn pump(&mut self, now: Time) {
        if !self.can_send() {
            return;
        }
        if let Some(entry) = self.outbox.next(now) {
            let send = Send { cid: entry.cid, cts: entry.cts, body: entry.body.clone() };
            self.out.push_back(Effect::Transmit(ClientFrame::Send(send)));
        }
    }

    /// Reports how far this side is, when that has moved since it was last said here.
    fn tell_marks(&mut self) {
        let marks = Marks { read: self.my_marks().read, deliv: self.cursor() };
        if self.id.is_none()
            || !self.can_send()
            || (marks.read <= self.told.read && marks.deliv <= self.told.deliv)
        {
            return;
        }
        self.told = marks;
        self.out
            .push_back(Effect::Transmit(ClientFrame::Read(Read { upto: marks.read, deliv: marks.deliv })));
    }
}
