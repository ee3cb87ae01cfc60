//! What is kept in the browser between visits: a handful of records under stable keys, so that two tabs writing at
//! once never undo each other's outbox. Every record carries its version; one that cannot be read is left out and
//! fetched again, except the outbox, whose text exists nowhere else and whose format only ever grows.

use rejoin_protocol::{Body, ClientMessageId, DeviceToken, Epoch, Message, MessageId, ReadState, ThreadId};
use serde::{Deserialize, Serialize};

/// Messages of the last page kept for showing at once after a reload.
pub(crate) const LOG_MESSAGES_MAX: usize = 100;

/// A value of the browser's storage. (A versioned snapshot type: its JSON is a format.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// Which device this is.
    Token(DeviceToken),
    /// What stands in the composer.
    Draft(String),
    /// A message not yet in the log.
    Outbox(OutboxRecord),
    /// The last page of the log, and how far it is known.
    Log(Box<LogRecord>),
}

/// An outbox entry at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRecord {
    /// Its id.
    pub cid: ClientMessageId,
    /// When it was composed, ms since 1970 by this device's clock; entries are sent in this order.
    pub cts: u64,
    /// What it says.
    pub body: Body,
    /// The thread it goes to, on an agent's desk; a customer has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
}

impl OutboxRecord {
    /// Adds it to records that are in the order of composing.
    pub(crate) fn insert_into(self, records: &mut Vec<OutboxRecord>) {
        let at = records.partition_point(|record| record.cts <= self.cts);
        records.insert(at, self);
    }
}

/// Position and messages, written together: one is never newer than the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// Format of this record; now 1.
    pub v: u32,
    /// Which thread.
    pub thread: ThreadId,
    /// Which numbering.
    pub epoch: Epoch,
    /// Highest contiguously applied event.
    pub seq: u64,
    /// Its id, where known.
    pub id: Option<MessageId>,
    /// First sequence number covered by `messages`.
    pub lo: u64,
    /// The newest messages up to `seq`.
    pub messages: Vec<Message>,
    /// How far each side has read.
    pub read: ReadState,
}

impl Record {
    /// Where it is kept.
    pub fn key(&self) -> String {
        match self {
            Record::Token(_) => "token".to_owned(),
            Record::Draft(_) => "draft".to_owned(),
            Record::Outbox(entry) => outbox_key(entry.cid),
            Record::Log(_) => "log".to_owned(),
        }
    }
}

fn outbox_key(cid: ClientMessageId) -> String {
    format!("outbox/{cid}")
}

/// A change to the browser's storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Put the token under its key unless there is one; the answer says which token holds now.
    Claim(DeviceToken),
    /// Put the record under its key.
    Put(Record),
    /// Remove the outbox entry of this id.
    Settle(ClientMessageId),
    /// Remove the draft.
    ForgetDraft,
}

impl Write {
    /// The key it touches.
    pub fn key(&self) -> String {
        match self {
            Write::Claim(token) => Record::Token(*token).key(),
            Write::Put(record) => record.key(),
            Write::Settle(cid) => outbox_key(*cid),
            Write::ForgetDraft => Record::Draft(String::new()).key(),
        }
    }
}
