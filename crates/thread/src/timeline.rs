//! The rows on the screen, derived from a [`Conversation`] and never stored. Every row has a key that stays the same
//! for as long as the row means the same thing, so that a message neither blinks nor jumps when it is confirmed.
//!
//! Order: confirmed messages by sequence number, with gaps shown where they are, then what is not yet confirmed in
//! the order of composing.

use rejoin_protocol::{Author, Body, ClientMessageId, Message, NackCode, Side};

use crate::{Conversation, EntryState};

/// Messages of one author within this belong together.
const GROUP_WITHIN_MS: u64 = 120_000;

const DAY_MS: i64 = 86_400_000;

/// What makes a row the same row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A day, as days since 1970 in the reader's zone; a day shown twice (clocks went back) counts on.
    Day(i64, u32),
    /// A hole before the run that begins here.
    Gap(u64),
    /// The line above what is new.
    New,
    /// A message, by what its sender called it: the same before and after confirmation.
    Message(Side, ClientMessageId),
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its identity.
    pub key: RowKey,
    /// Its content.
    pub kind: RowKind,
}

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A day begins, with the time (ms since 1970) of its first message.
    Day(u64),
    /// Messages are missing here; the first missing event, for [`crate::Input::Fill`], and how many events.
    Gap {
        /// The first missing event.
        first: u64,
        /// How many events are missing; some may not be messages.
        events: u64,
    },
    /// What follows is new.
    New,
    /// A message.
    Message(Box<MessageRow>),
}

/// A message on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its place in the log, once it has one.
    pub seq: Option<u64>,
    /// What its sender called it.
    pub cid: ClientMessageId,
    /// Who says it.
    pub by: Author,
    /// Said on this side of the thread.
    pub ours: bool,
    /// When, in ms since 1970; by this device's clock until it is confirmed.
    pub ts: u64,
    /// What it says.
    pub text: String,
    /// How far it has got, for our own.
    pub state: Option<MessageState>,
    /// First of its group: show who says it.
    pub first: bool,
    /// Last of its group: show when.
    pub last: bool,
}

/// How far a message of ours has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// On its way.
    Sending,
    /// Waits for a connection, or for the server's permission to go on.
    Waiting,
    /// Refused for good.
    Rejected(NackCode),
    /// In the log.
    Sent,
    /// On a device of the other side.
    Delivered,
    /// Seen by a person of the other side.
    Seen,
}

/// Derives the rows. `zone_min`: minutes to add to UTC for the reader's local time.
pub fn rows(conversation: &Conversation, connected: bool, zone_min: i32) -> Vec<Row> {
    let mut builder =
        Builder { rows: Vec::new(), zone_ms: i64::from(zone_min) * 60_000, day: None, repeats: 0 };
    let mut known_to = None;
    let mut mark = conversation.new_mark();
    for run in conversation.history().runs() {
        if let Some(known_to) = known_to {
            let events = run.lo - known_to - 1;
            builder.push(RowKey::Gap(run.lo), RowKind::Gap { first: known_to + 1, events });
        }
        known_to = Some(run.hi);
        for message in &run.messages {
            let ours = message.by.side() == conversation.side();
            if mark.is_some_and(|mark| message.seq > mark) && !ours {
                mark = None;
                builder.new_mark(message.ts);
            }
            let state = ours.then(|| confirmed(conversation, message));
            builder.message(MessageRow {
                seq: Some(message.seq),
                cid: message.cid,
                by: message.by.clone(),
                ours,
                ts: message.ts,
                text: text(&message.body),
                state,
                first: true,
                last: true,
            });
        }
    }
    for entry in conversation.outbox().entries() {
        builder.message(MessageRow {
            seq: None,
            cid: entry.cid,
            by: conversation.me().clone(),
            ours: true,
            ts: entry.cts,
            text: text(&entry.body),
            state: Some(unconfirmed(entry.state, connected)),
            first: true,
            last: true,
        });
    }
    builder.rows
}

fn confirmed(conversation: &Conversation, message: &Message) -> MessageState {
    let peer = conversation.peer_marks();
    if peer.read >= message.seq {
        MessageState::Seen
    } else if peer.deliv >= message.seq {
        MessageState::Delivered
    } else {
        MessageState::Sent
    }
}

fn unconfirmed(state: EntryState, connected: bool) -> MessageState {
    match state {
        EntryState::Rejected(code) => MessageState::Rejected(code),
        EntryState::Waiting(_) => MessageState::Waiting,
        EntryState::Saving | EntryState::Queued | EntryState::Sending(_) if connected => {
            MessageState::Sending
        }
        EntryState::Saving | EntryState::Queued | EntryState::Sending(_) => MessageState::Waiting,
    }
}

fn text(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Unknown { .. } => String::new(),
    }
}

struct Builder {
    rows: Vec<Row>,
    zone_ms: i64,
    day: Option<i64>,
    repeats: u32,
}

impl Builder {
    fn push(&mut self, key: RowKey, kind: RowKind) {
        self.rows.push(Row { key, kind });
    }

    fn new_mark(&mut self, ts: u64) {
        self.begin_day(ts);
        self.push(RowKey::New, RowKind::New);
    }

    fn begin_day(&mut self, ts: u64) {
        let day = (ts as i64).saturating_add(self.zone_ms).div_euclid(DAY_MS);
        if self.day == Some(day) {
            return;
        }
        // Times only go back where this device's clock is wrong; the key must be another one even so.
        self.repeats += u32::from(self.day.is_some_and(|before| day < before));
        self.day = Some(day);
        self.push(RowKey::Day(day, self.repeats), RowKind::Day(ts));
    }

    fn message(&mut self, mut message: MessageRow) {
        self.begin_day(message.ts);
        if let Some(Row { kind: RowKind::Message(before), .. }) = self.rows.last_mut()
            && before.by == message.by
            && message.ts.abs_diff(before.ts) < GROUP_WITHIN_MS
        {
            before.last = false;
            message.first = false;
        }
        let key = RowKey::Message(message.by.side(), message.cid);
        self.push(key, RowKind::Message(Box::new(message)));
    }
}
