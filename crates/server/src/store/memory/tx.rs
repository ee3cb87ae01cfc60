//! The rows of [`MemoryDb`] as the rules want them.

use std::collections::{BTreeMap, BTreeSet};

use rejoin_protocol::{AgentId, ClientMessageId, DeviceId, Event, EventKind, Side, SiteName, ThreadId};

use super::db::{Entry, Log, MemoryDb, SiteEntry, index, key, missing, twice};
use super::undo::Undo;
use crate::domain::request::{Agent, Site};
use crate::domain::tx::{
    DeviceRow, Logged, Order, Pass, SiteKey, SiteRow, ThreadKey, ThreadRow, Tx, TxError,
};

impl Tx for MemoryDb {
    fn savepoint(&mut self) -> Result<(), TxError> {
        self.changes.clear();
        Ok(())
    }

    fn release(&mut self) -> Result<(), TxError> {
        self.changes.clear();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), TxError> {
        while let Some(change) = self.changes.pop() {
            self.undo(change);
        }
        Ok(())
    }

    fn generation(&mut self) -> Result<[u8; 16], TxError> {
        Ok(self.generation)
    }

    fn touch(&mut self) -> Result<(), TxError> {
        Ok(())
    }

    fn site(&mut self, name: &SiteName) -> Result<Option<SiteRow>, TxError> {
        Ok(self.sites.iter().find(|site| site.name == *name).map(|site| site.row))
    }

    fn site_by_key(&mut self, key: SiteKey) -> Result<Option<SiteRow>, TxError> {
        Ok(self.sites.get(index(key)).map(|site| site.row))
    }

    fn sites(&mut self) -> Result<Vec<Site>, TxError> {
        let mut sites: Vec<Site> = self
            .sites
            .iter()
            .map(|site| Site { name: site.name.clone(), origins: site.origins.iter().cloned().collect() })
            .collect();
        sites.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(sites)
    }

    fn insert_site(&mut self, name: &SiteName, _now: u64) -> Result<SiteKey, TxError> {
        if self.site(name)?.is_some() {
            return Err(twice("site"));
        }
        let key = key(self.sites.len() + 1);
        let row = SiteRow { key, inbox_ver: 0, threads: 0 };
        self.sites.push(SiteEntry {
            name: name.clone(),
            row,
            origins: BTreeSet::new(),
            list: BTreeMap::new(),
        });
        self.changes.push(Undo::SiteAdded);
        Ok(key)
    }

    fn add_origin(&mut self, site: SiteKey, origin: &str) -> Result<(), TxError> {
        let entry = self.site_mut(site).ok_or_else(|| missing("site"))?;
        if entry.origins.insert(origin.to_owned()) {
            self.changes.push(Undo::OriginAdded(site, origin.to_owned()));
        }
        Ok(())
    }

    fn update_site(&mut self, row: &SiteRow) -> Result<(), TxError> {
        let entry = self.site_mut(row.key).ok_or_else(|| missing("site"))?;
        let before = std::mem::replace(&mut entry.row, *row);
        self.changes.push(Undo::Site(before));
        Ok(())
    }

    fn thread(&mut self, id: ThreadId) -> Result<Option<ThreadRow>, TxError> {
        let key = self.by_id.get(&id).copied();
        key.map_or(Ok(None), |key| self.thread_by_key(key))
    }

    fn thread_by_key(&mut self, key: ThreadKey) -> Result<Option<ThreadRow>, TxError> {
        Ok(self.logs.get(index(key)).map(|log| log.row))
    }

    fn insert_thread(&mut self, row: &ThreadRow) -> Result<ThreadKey, TxError> {
        if self.by_id.contains_key(&row.id) {
            return Err(twice("thread"));
        }
        let key = key(self.logs.len() + 1);
        let row = ThreadRow { key, ..*row };
        self.by_id.insert(row.id, key);
        self.logs.push(Log { row, entries: Vec::new(), by_cid: BTreeMap::new() });
        self.set_thread(row);
        self.changes.push(Undo::ThreadAdded);
        Ok(key)
    }

    fn update_thread(&mut self, row: &ThreadRow) -> Result<(), TxError> {
        let before = self.log(row.key)?.row;
        self.set_thread(*row);
        self.changes.push(Undo::Thread(before));
        Ok(())
    }

    fn threads_since(&mut self, site: SiteKey, since: u64, limit: usize) -> Result<Vec<ThreadRow>, TxError> {
        let entry = self.sites.get(index(site)).ok_or_else(|| missing("site"))?;
        let newer = entry.list.range(since.saturating_add(1)..).take(limit);
        newer.map(|(_, key)| self.log(*key).map(|log| log.row)).collect()
    }

    fn device(&mut self, site: SiteKey, did: DeviceId) -> Result<Option<DeviceRow>, TxError> {
        Ok(self.devices.get(&(site, did)).copied())
    }

    fn insert_device(&mut self, row: &DeviceRow) -> Result<(), TxError> {
        if self.devices.contains_key(&(row.site, row.did)) {
            return Err(twice("device"));
        }
        self.devices.insert((row.site, row.did), *row);
        self.changes.push(Undo::Device(row.site, row.did, None));
        Ok(())
    }

    fn revoke_device(&mut self, site: SiteKey, did: DeviceId, now: u64) -> Result<(), TxError> {
        let row = self.devices.get_mut(&(site, did)).ok_or_else(|| missing("device"))?;
        let before = *row;
        row.revoked = Some(now);
        self.changes.push(Undo::Device(site, did, Some(before)));
        Ok(())
    }

    fn logged(
        &mut self,
        thread: ThreadKey,
        side: Side,
        cid: ClientMessageId,
    ) -> Result<Option<Logged>, TxError> {
        let log = self.log(thread)?;
        Ok(log.by_cid.get(&(side, cid)).and_then(|at| log.entries.get(*at)).map(|entry| Logged {
            seq: entry.event.seq,
            id: entry.event.id,
            ts: entry.event.ts,
            hash: entry.hash,
        }))
    }

    fn insert_event(&mut self, thread: ThreadKey, event: &Event, hash: &[u8; 32]) -> Result<(), TxError> {
        let EventKind::Msg(posted) = &event.kind else {
            return Err(TxError::Failed("event: of a kind that this version does not know".to_owned()));
        };
        let key = (posted.by.side(), posted.cid);
        let log = self.log_mut(thread).ok_or_else(|| missing("thread"))?;
        if event.seq != log.entries.len() as u64 + 1 {
            return Err(TxError::Failed(format!("event: {} after {}", event.seq, log.entries.len())));
        }
        // With deduplication switched off, a simulation wants to see the second copy rather than an error.
        let at = log.entries.len();
        if log.by_cid.insert(key, at).is_some() && crate::guard::on(crate::guard::Guard::Dedupe) {
            return Err(twice("event"));
        }
        log.entries.push(Entry { event: event.clone(), hash: *hash });
        self.changes.push(Undo::EventAdded(thread, key.0));
        Ok(())
    }

    fn scan(
        &mut self,
        thread: ThreadKey,
        from: u64,
        to: u64,
        order: Order,
        each: &mut dyn FnMut(Event) -> bool,
    ) -> Result<(), TxError> {
        let entries = &self.log(thread)?.entries;
        let last = usize::try_from(to).unwrap_or(usize::MAX).min(entries.len());
        let first = usize::try_from(from.max(1) - 1).unwrap_or(usize::MAX).min(last);
        let mut range = entries[first..last].iter();
        while let Some(entry) = match order {
            Order::Up => range.next(),
            Order::Down => range.next_back(),
        } {
            if !each(self.named(&entry.event)) {
                break;
            }
        }
        Ok(())
    }

    fn agent(&mut self, id: AgentId) -> Result<Option<Agent>, TxError> {
        Ok(self.agents.get(&id).cloned())
    }

    fn agent_by_email(&mut self, email_key: &str) -> Result<Option<AgentId>, TxError> {
        Ok(self.emails.get(email_key).copied())
    }

    fn insert_agent(
        &mut self,
        agent: &Agent,
        _site: SiteKey,
        email_key: &str,
        _now: u64,
    ) -> Result<(), TxError> {
        if self.agents.contains_key(&agent.id) || self.emails.contains_key(email_key) {
            return Err(twice("agent"));
        }
        self.agents.insert(agent.id, agent.clone());
        self.emails.insert(email_key.to_owned(), agent.id);
        self.changes.push(Undo::AgentAdded(agent.id));
        Ok(())
    }

    fn link(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError> {
        Ok(self.links.get(hash).copied())
    }

    fn insert_link(&mut self, hash: &[u8; 32], link: &Pass) -> Result<(), TxError> {
        if self.links.contains_key(hash) {
            return Err(twice("link"));
        }
        self.links.insert(*hash, *link);
        self.changes.push(Undo::Link(*hash, None));
        Ok(())
    }

    fn delete_links(&mut self, agent: AgentId) -> Result<(), TxError> {
        for (hash, link) in self.links.extract_if(.., |_, link| link.agent == agent) {
            self.changes.push(Undo::Link(hash, Some(link)));
        }
        Ok(())
    }

    fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError> {
        Ok(self.sessions.get(hash).copied())
    }

    fn insert_session(&mut self, hash: &[u8; 32], session: &Pass) -> Result<(), TxError> {
        if self.sessions.contains_key(hash) {
            return Err(twice("session"));
        }
        self.sessions.insert(*hash, *session);
        self.changes.push(Undo::Session(*hash, None));
        Ok(())
    }

    fn delete_session(&mut self, hash: &[u8; 32]) -> Result<(), TxError> {
        if let Some(session) = self.sessions.remove(hash) {
            self.changes.push(Undo::Session(*hash, Some(session)));
        }
        Ok(())
    }

    fn delete_old_sessions(&mut self, now: u64) -> Result<(), TxError> {
        for (hash, session) in self.sessions.extract_if(.., |_, session| session.until <= now) {
            self.changes.push(Undo::Session(hash, Some(session)));
        }
        Ok(())
    }
}
