//! What a store must be able to do with rows. No rule lives here: the rules are written once, in
//! [`super::execute()`], over these primitives.

use rejoin_protocol::{
    AgentId, ClientMessageId, DeviceId, Event, MessageId, ReadState, Side, SiteName, ThreadId,
};

use super::request::{Agent, Site};

/// Names a site's row inside one store; never leaves it.
pub type SiteKey = i64;

/// Names a thread's row inside one store; never leaves it.
pub type ThreadKey = i64;

/// Why a transaction could not go on. Whatever it was, nothing of the request remains.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxError {
    /// Somebody else holds the database; trying again is fine.
    #[error("the database is busy")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The database failed or contradicts itself; for the log.
    #[error("{0}")]
    Failed(String),
}

/// A site's counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// Its key.
    pub key: SiteKey,
    /// The newest version given to a row of its thread list.
    pub inbox_ver: u64,
    /// How many threads it has, which is also the newest thread's number.
    pub threads: u64,
}

/// A thread without its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadRow {
    /// Its key; given by the store, ignored when inserting.
    pub key: ThreadKey,
    /// Its public id.
    pub id: ThreadId,
    /// Whose it is.
    pub site: SiteKey,
    /// Its number within the site.
    pub number: u64,
    /// What its epoch is made of, beside the generation.
    pub salt: [u8; 16],
    /// The last sequence number.
    pub head: u64,
    /// When the last event was committed, ms since 1970.
    pub last_ts: u64,
    /// How far each side has got.
    pub read: ReadState,
    /// The version of its row in the site's thread list.
    pub inbox_ver: u64,
    /// The day, counted from 1970, that `day_count` belongs to.
    pub day: u64,
    /// How many messages the customer has sent on `day`.
    pub day_count: u64,
}

/// A customer's device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// The site it belongs to.
    pub site: SiteKey,
    /// The public half of its token.
    pub did: DeviceId,
    /// SHA-256 of the secret half.
    pub secret_hash: [u8; 32],
    /// Its thread.
    pub thread: ThreadKey,
    /// When it was first seen, ms since 1970.
    pub created: u64,
    /// When it was removed; the row stays so that the device is never silently made again.
    pub revoked: Option<u64>,
}

/// What a log remembers of a message for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its place.
    pub seq: u64,
    /// Its identity.
    pub id: MessageId,
    /// When it was committed.
    pub ts: u64,
    /// SHA-256 of who said what.
    pub hash: [u8; 32],
}

/// Something that works until a moment: a sign-in link or an inbox session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Whose.
    pub agent: AgentId,
    /// It works before this, ms since 1970.
    pub until: u64,
}

/// Which way a log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the lowest sequence number up.
    Up,
    /// From the highest down.
    Down,
}

/// Rows of one consistent state of the database, and changes to them that become durable together.
///
/// Calls within one [`super::execute()`] see each other's changes. An inserted key that exists already is a
/// [`TxError::Failed`]: the rules look first.
pub trait Tx {
    /// From here on [`Tx::rollback`] can undo.
    fn savepoint(&mut self) -> Result<(), TxError>;
    /// Keeps what was done since the savepoint.
    fn release(&mut self) -> Result<(), TxError>;
    /// Undoes what was done since the savepoint.
    fn rollback(&mut self) -> Result<(), TxError>;

    /// Fixed until history is restored from a backup.
    fn generation(&mut self) -> Result<[u8; 16], TxError>;
    /// Writes something that means nothing, to see whether writing works.
    fn touch(&mut self) -> Result<(), TxError>;

    /// The site of this name.
    fn site(&mut self, name: &SiteName) -> Result<Option<SiteRow>, TxError>;
    /// The site of this key.
    fn site_by_key(&mut self, key: SiteKey) -> Result<Option<SiteRow>, TxError>;
    /// All sites with their origins, both in alphabetical order.
    fn sites(&mut self) -> Result<Vec<Site>, TxError>;
    /// Adds a site and returns its key.
    fn insert_site(&mut self, name: &SiteName, now: u64) -> Result<SiteKey, TxError>;
    /// Adds an origin; one that is there already changes nothing.
    fn add_origin(&mut self, site: SiteKey, origin: &str) -> Result<(), TxError>;
    /// Sets a site's counters.
    fn update_site(&mut self, row: &SiteRow) -> Result<(), TxError>;

    /// The thread of this id.
    fn thread(&mut self, id: ThreadId) -> Result<Option<ThreadRow>, TxError>;
    /// The thread of this key.
    fn thread_by_key(&mut self, key: ThreadKey) -> Result<Option<ThreadRow>, TxError>;
    /// Adds a thread and returns its key.
    fn insert_thread(&mut self, row: &ThreadRow) -> Result<ThreadKey, TxError>;
    /// Sets everything of a thread that changes: head, time, cursors, versions, counts.
    fn update_thread(&mut self, row: &ThreadRow) -> Result<(), TxError>;
    /// A site's threads whose row is newer than `since`, oldest version first, at most `limit`.
    fn threads_since(&mut self, site: SiteKey, since: u64, limit: usize) -> Result<Vec<ThreadRow>, TxError>;

    /// The device of this id with this site.
    fn device(&mut self, site: SiteKey, did: DeviceId) -> Result<Option<DeviceRow>, TxError>;
    /// Adds a device.
    fn insert_device(&mut self, row: &DeviceRow) -> Result<(), TxError>;
    /// Marks a device as removed.
    fn revoke_device(&mut self, site: SiteKey, did: DeviceId, now: u64) -> Result<(), TxError>;

    /// The message that this side sent under this id.
    fn logged(
        &mut self,
        thread: ThreadKey,
        side: Side,
        cid: ClientMessageId,
    ) -> Result<Option<Logged>, TxError>;
    /// Adds an event at the end of the log; `hash` is of who said what.
    fn insert_event(&mut self, thread: ThreadKey, event: &Event, hash: &[u8; 32]) -> Result<(), TxError>;
    /// Shows the events `from..=to` one by one until `each` says false. Agents bear the names they have now.
    fn scan(
        &mut self,
        thread: ThreadKey,
        from: u64,
        to: u64,
        order: Order,
        each: &mut dyn FnMut(Event) -> bool,
    ) -> Result<(), TxError>;

    /// The agent of this id.
    fn agent(&mut self, id: AgentId) -> Result<Option<Agent>, TxError>;
    /// The agent of this address in lower case.
    fn agent_by_email(&mut self, email_key: &str) -> Result<Option<AgentId>, TxError>;
    /// Adds an agent.
    fn insert_agent(
        &mut self,
        agent: &Agent,
        site: SiteKey,
        email_key: &str,
        now: u64,
    ) -> Result<(), TxError>;

    /// The sign-in link whose secret hashes to this.
    fn link(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError>;
    /// Adds a sign-in link.
    fn insert_link(&mut self, hash: &[u8; 32], link: &Pass) -> Result<(), TxError>;
    /// Removes all sign-in links of an agent.
    fn delete_links(&mut self, agent: AgentId) -> Result<(), TxError>;
    /// The inbox session whose secret hashes to this.
    fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError>;
    /// Adds an inbox session.
    fn insert_session(&mut self, hash: &[u8; 32], session: &Pass) -> Result<(), TxError>;
    /// Removes an inbox session; none is fine.
    fn delete_session(&mut self, hash: &[u8; 32]) -> Result<(), TxError>;
    /// Removes the inbox sessions that ended before now.
    fn delete_old_sessions(&mut self, now: u64) -> Result<(), TxError>;
}
