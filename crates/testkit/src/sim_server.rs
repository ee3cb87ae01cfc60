//! The server of the simulation: its real rules and sessions, over its store in memory, with a bus that is played.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rejoin_protocol::{AgentId, Epoch, Event, SiteName, ThreadId};
use rejoin_server::domain::rate::NoGate;
use rejoin_server::domain::request::{Agent, Reply, Request};
use rejoin_server::domain::session::{Conn, Session, Topic};
use rejoin_server::domain::tx::{DeviceRow, Tx};
use rejoin_server::domain::{Ids, execute};
use rejoin_server::store::MemoryDb;
use rejoin_thread::Rng;

/// The origin that the simulated pages come from.
const ORIGIN: &str = "https://shop.example";

/// Ids in the simulation: seeded, like everything.
pub(crate) struct SimIds(pub(crate) Rng);

impl Ids for SimIds {
    fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.0.next_u64().to_be_bytes());
        bytes
    }
}

/// The server.
pub(crate) struct Server {
    pub(crate) db: MemoryDb,
    pub(crate) ids: SimIds,
    pub(crate) up: bool,
    /// Counts the lives of the process: what an earlier one was about to do does not happen.
    pub(crate) boot: u32,
    pub(crate) topics: BTreeMap<Topic, BTreeSet<usize>>,
    pub(crate) site: SiteName,
    agent: Agent,
    sites: Arc<BTreeMap<SiteName, Vec<String>>>,
}

impl Server {
    pub(crate) fn new(mut rng: Rng, site: &SiteName, agent: AgentId) -> Server {
        let mut ids = SimIds(Rng::new(rng.next_u64()));
        let mut db = MemoryDb::new(ids.bytes16());
        let origins = vec![ORIGIN.to_owned()];
        let added =
            execute(&mut db, Request::AddSite { name: site.clone(), origins: origins.clone(), now: 0 });
        let agent = Agent {
            id: agent,
            site: site.clone(),
            name: "Ada".to_owned(),
            email: "ada@shop.example".to_owned(),
        };
        let hired = execute(
            &mut db,
            Request::AddAgent {
                id: agent.id,
                email: agent.email.clone(),
                site: site.clone(),
                name: agent.name.clone(),
                link_hash: [0; 32],
                link_until: 0,
                now: 0,
            },
        );
        assert_eq!((added, hired), (Ok(Reply::Done), Ok(Reply::Done)));
        let sites = Arc::new(BTreeMap::from([(site.clone(), origins)]));
        Server { db, ids, up: true, boot: 0, topics: BTreeMap::new(), site: site.clone(), agent, sites }
    }

    pub(crate) fn accept(&mut self, now: u64) -> Session {
        let conn = Conn {
            origin: Some(ORIGIN.to_owned()),
            own_origins: Arc::new(vec![ORIGIN.to_owned()]),
            sites: Arc::clone(&self.sites),
            spread: self.ids.0.next_u64(),
            gate: Arc::new(NoGate),
        };
        Session::new(conn, now)
    }

    pub(crate) fn agent(&self) -> Agent {
        self.agent.clone()
    }

    /// Gives a second device to the thread of the first: what pairing will do.
    pub(crate) fn add_device(
        &mut self,
        thread: ThreadId,
        did: rejoin_protocol::DeviceId,
        secret_hash: [u8; 32],
    ) {
        let site = self.db.site(&self.site).ok().flatten().map(|site| site.key);
        let key = self.db.thread(thread).ok().flatten().map(|row| row.key);
        if let (Some(site), Some(thread)) = (site, key) {
            let row = DeviceRow { site, did, secret_hash, thread, created: 0, revoked: None };
            assert_eq!(self.db.insert_device(&row), Ok(()));
        }
    }

    /// The thread's whole log and its numbering.
    pub(crate) fn log(&mut self, thread: ThreadId) -> Option<(Epoch, Vec<Event>)> {
        let open = Request::Open { site: self.site.clone(), thread, pos: None };
        let Ok(Reply::Opening(opening)) = execute(&mut self.db, open) else { return None };
        let all = Request::Events { thread, from: 1, to: u64::MAX, limit: usize::MAX };
        let Ok(Reply::Events(events)) = execute(&mut self.db, all) else { return None };
        Some((opening.opened.epoch?, events))
    }
}
