//! How a change in memory is taken back: each change leaves behind what it replaced. Undoing costs what was changed,
//! not what there is.

use rejoin_protocol::{AgentId, DeviceId, Side};

use super::db::{Log, MemoryDb};
use crate::domain::tx::{DeviceRow, Pass, SiteKey, SiteRow, ThreadKey, ThreadRow};

/// One change, as what was there before.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    SiteAdded,
    OriginAdded(SiteKey, String),
    Site(SiteRow),
    ThreadAdded,
    Thread(ThreadRow),
    Device(SiteKey, DeviceId, Option<DeviceRow>),
    EventAdded(ThreadKey, Side),
    AgentAdded(AgentId),
    Link([u8; 32], Option<Pass>),
    Session([u8; 32], Option<Pass>),
}

impl MemoryDb {
    pub(super) fn undo(&mut self, change: Undo) {
        match change {
            Undo::SiteAdded => {
                self.sites.pop();
            }
            Undo::OriginAdded(site, origin) => {
                if let Some(site) = self.site_mut(site) {
                    site.origins.remove(&origin);
                }
            }
            Undo::Site(row) => {
                if let Some(site) = self.site_mut(row.key) {
                    site.row = row;
                }
            }
            Undo::ThreadAdded => {
                if let Some(log) = self.logs.pop() {
                    self.by_id.remove(&log.row.id);
                    self.unlist(&log.row);
                }
            }
            Undo::Thread(row) => self.set_thread(row),
            Undo::Device(site, did, before) => restore(&mut self.devices, (site, did), before),
            Undo::EventAdded(thread, side) => {
                if let Some(log) = self.log_mut(thread) {
                    log.pop(side);
                }
            }
            Undo::AgentAdded(id) => {
                self.agents.remove(&id);
                self.emails.retain(|_, agent| *agent != id);
            }
            Undo::Link(hash, before) => restore(&mut self.links, hash, before),
            Undo::Session(hash, before) => restore(&mut self.sessions, hash, before),
        }
    }
}

impl Log {
    fn pop(&mut self, side: Side) {
        if let Some(entry) = self.entries.pop()
            && let rejoin_protocol::EventKind::Msg(posted) = entry.event.kind
        {
            self.by_cid.remove(&(side, posted.cid));
        }
    }
}

fn restore<K: Ord, V>(map: &mut std::collections::BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
