//! The rows, in maps and vectors.

use std::collections::{BTreeMap, BTreeSet};

use rejoin_protocol::{
    AgentId, Author, ClientMessageId, DeviceId, Event, EventKind, Side, SiteName, ThreadId,
};

use super::undo::Undo;
use crate::domain::execute::version_in;
use crate::domain::request::Agent;
use crate::domain::tx::{DeviceRow, Pass, SiteKey, SiteRow, ThreadKey, ThreadRow, TxError};

/// A database in memory. A clone is a backup.
#[derive(Clone, Debug, Default)]
pub struct MemoryDb {
    pub(super) generation: [u8; 16],
    pub(super) sites: Vec<SiteEntry>,
    pub(super) logs: Vec<Log>,
    pub(super) by_id: BTreeMap<ThreadId, ThreadKey>,
    pub(super) devices: BTreeMap<(SiteKey, DeviceId), DeviceRow>,
    pub(super) agents: BTreeMap<AgentId, Agent>,
    pub(super) emails: BTreeMap<String, AgentId>,
    pub(super) links: BTreeMap<[u8; 32], Pass>,
    pub(super) sessions: BTreeMap<[u8; 32], Pass>,
    pub(super) changes: Vec<Undo>,
}

#[derive(Clone, Debug)]
pub(super) struct SiteEntry {
    pub(super) name: SiteName,
    pub(super) row: SiteRow,
    pub(super) origins: BTreeSet<String>,
    /// The thread list by version.
    pub(super) list: BTreeMap<u64, ThreadKey>,
}

/// A thread with its events; the one of `seq` is at `seq - 1`.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) row: ThreadRow,
    pub(super) entries: Vec<Entry>,
    pub(super) by_cid: BTreeMap<(Side, ClientMessageId), usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) event: Event,
    pub(super) hash: [u8; 32],
}

impl MemoryDb {
    /// An empty database of this generation.
    pub fn new(generation: [u8; 16]) -> Self {
        MemoryDb { generation, ..MemoryDb::default() }
    }

    /// What restoring a backup does after putting the old rows in place: every epoch changes, and every thread list
    /// is new to everybody.
    pub fn set_generation(&mut self, generation: [u8; 16]) {
        self.generation = generation;
        for site in &mut self.sites {
            site.row.inbox_ver = version_in(&generation, site.row.inbox_ver);
            let list = std::mem::take(&mut site.list);
            site.list = list.into_iter().map(|(ver, key)| (version_in(&generation, ver), key)).collect();
        }
        for log in &mut self.logs {
            log.row.inbox_ver = version_in(&generation, log.row.inbox_ver);
        }
    }

    pub(super) fn site_mut(&mut self, key: SiteKey) -> Option<&mut SiteEntry> {
        self.sites.get_mut(index(key))
    }

    pub(super) fn log_mut(&mut self, key: ThreadKey) -> Option<&mut Log> {
        self.logs.get_mut(index(key))
    }

    pub(super) fn log(&self, key: ThreadKey) -> Result<&Log, TxError> {
        self.logs.get(index(key)).ok_or_else(|| missing("thread"))
    }

    /// Takes a thread out of its site's list.
    pub(super) fn unlist(&mut self, row: &ThreadRow) {
        if let Some(site) = self.site_mut(row.site) {
            site.list.remove(&row.inbox_ver);
        }
    }

    /// Sets a thread's row and its place in the list.
    pub(super) fn set_thread(&mut self, row: ThreadRow) {
        let Some(log) = self.log_mut(row.key) else { return };
        let before = std::mem::replace(&mut log.row, row);
        self.unlist(&before);
        if let Some(site) = self.site_mut(row.site) {
            site.list.insert(row.inbox_ver, row.key);
        }
    }

    /// The event with the name its agent has now.
    pub(super) fn named(&self, event: &Event) -> Event {
        let mut event = event.clone();
        if let EventKind::Msg(posted) = &mut event.kind
            && let Author::Agent { id, name } = &mut posted.by
            && let Some(agent) = self.agents.get(id)
        {
            name.clone_from(&agent.name);
        }
        event
    }
}

/// Keys count from 1 like SQLite's.
pub(super) fn index(key: i64) -> usize {
    usize::try_from(key - 1).unwrap_or(usize::MAX)
}

pub(super) fn key(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

pub(super) fn missing(what: &str) -> TxError {
    TxError::Failed(format!("{what}: no such row"))
}

pub(super) fn twice(what: &str) -> TxError {
    TxError::Failed(format!("{what}: there is one already"))
}
